//! A request to a vault: where it arrives, who asks, and which operation it is.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::{Method, StatusCode};
use uuid::Uuid;

use super::refused::Refused;
use super::{deleted, secrets};
use crate::inner::{Inner, Shared};
use crate::protocol::call::{Answer, Call, set};
use crate::vaults::reference::named_by;

/// A secret of 25 KB whose characters are all escaped, with its attributes and tags.
const BODY_BYTES_MAX: usize = 256 * 1024;
/// Key Vault in the three clouds.
const AUDIENCES: [&str; 3] =
    ["https://vault.azure.net", "https://vault.usgovcloudapi.net", "https://vault.azure.cn"];

/// What an operation answers.
pub type Answered = Result<Answer, Refused>;

/// One request to a vault that exists.
pub struct Asked<'a> {
    pub inner: &'a Inner,
    pub call: &'a Call,
    /// Its name in lower case.
    pub vault: &'a str,
    /// What ids begin with: the URL of the vault, without a slash at its end.
    pub root: &'a str,
    /// Unix seconds.
    pub now: i64,
}

/// `/vaults/{vault}/…`
pub async fn by_path(
    State(inner): State<Shared>,
    Path((vault, _)): Path<(String, String)>,
    request: Request,
) -> Response {
    let root = root(&inner, &inner.base(request.headers()), &vault);
    serve(&inner, &vault, &root, 2, request).await
}

/// The URL of a vault for a caller who reached the emulator at `base`.
pub fn root(inner: &Inner, base: &str, vault: &str) -> String {
    let name =
        inner.store.read(|state| state.vaults.get(&vault.to_lowercase()).map(|v| v.name.clone()));
    format!("{base}/vaults/{}", name.unwrap_or_else(|| vault.to_lowercase()))
}

/// A request whose host names the vault.
pub async fn by_host(inner: &Shared, host: &str, request: Request<Body>) -> Response {
    let vault = named_by(host).unwrap_or_default().to_owned();
    serve(inner, &vault, &format!("https://{host}"), 0, request).await
}

async fn serve(
    inner: &Shared,
    vault: &str,
    root: &str,
    skipped: usize,
    request: Request<Body>,
) -> Response {
    let (parts, body) = request.into_parts();
    let mut call = Call::new(inner.base(&parts.headers), &parts);
    let vault = vault.to_lowercase();
    let outcome = match to_bytes(body, BODY_BYTES_MAX).await {
        Ok(bytes) => {
            call.body = bytes;
            admitted(inner, &parts.headers, &mut call, (&vault, root), skipped)
        }
        Err(_) => Err(Refused::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestEntityTooLarge",
            "The request is too long.",
        )),
    };
    let mut response = match outcome {
        Ok(answer) => answer.into_response(),
        Err(refused) => refused.into_response(),
    };
    // Clients ask without a token first, to get the challenge.
    if response.status() != StatusCode::UNAUTHORIZED {
        // The body has the secret.
        call.body = Bytes::new();
        inner.writes.note(&call, response.status(), inner.clock.now());
    }
    let headers = response.headers_mut();
    set(headers, "x-ms-request-id", &Uuid::new_v4().to_string());
    set(headers, "x-ms-keyvault-service-version", "1.9.0");
    set(headers, "cache-control", "no-cache");
    response
}

fn admitted(
    inner: &Inner,
    headers: &http::HeaderMap,
    call: &mut Call,
    (vault, root): (&str, &str),
    skipped: usize,
) -> Answered {
    let is_for = |audience: &str| AUDIENCES.contains(&audience.trim_end_matches('/'));
    call.caller = inner.entra.caller_for(headers, is_for).map_err(|text| {
        let has_token = crate::entra::bearer(headers).is_some();
        // The host of a vault gives no tokens.
        let base = if skipped == 0 { inner.own_url() } else { call.base.clone() };
        Refused::challenge(text, &inner.authority(&base), has_token)
    })?;
    if call.api_version.is_empty() {
        return Err(Refused::bad("api-version must be specified"));
    }
    if !inner.store.read(|state| state.vaults.contains_key(vault)) {
        let text = format!("There is no vault {vault}. Create it through Azure Resource Manager.");
        return Err(Refused::new(StatusCode::NOT_FOUND, "VaultNotFound", text));
    }
    if let Some(refusal) = inner.vaults.refusals.of(vault) {
        let text = refusal.message(&call.caller, vault);
        return Err(Refused::new(StatusCode::FORBIDDEN, "Forbidden", text).inside(refusal.code()));
    }
    let now = inner.clock.now().unix_timestamp();
    route(&Asked { inner, call, vault, root, now }, skipped)
}

fn route(asked: &Asked<'_>, skipped: usize) -> Answered {
    let segments: Vec<&str> =
        asked.call.segments.iter().skip(skipped).map(String::as_str).collect();
    match (&asked.call.method, segments.as_slice()) {
        (&Method::GET, ["secrets"]) => secrets::list(asked),
        (&Method::PUT, ["secrets", name]) => secrets::put(asked, name),
        (&Method::GET, ["secrets", name]) => secrets::get(asked, name, ""),
        (&Method::DELETE, ["secrets", name]) => deleted::delete(asked, name),
        (&Method::GET, ["secrets", name, "versions"]) => secrets::versions(asked, name),
        (&Method::GET, ["secrets", name, version]) => secrets::get(asked, name, version),
        (&Method::PATCH, ["secrets", name, version]) => secrets::patch(asked, name, version),
        (&Method::PATCH, ["secrets", name]) => secrets::patch(asked, name, ""),
        (&Method::GET, ["deletedsecrets"]) => deleted::list(asked),
        (&Method::GET, ["deletedsecrets", name]) => deleted::get(asked, name),
        (&Method::DELETE, ["deletedsecrets", name]) => deleted::purge(asked, name),
        (&Method::POST, ["deletedsecrets", name, "recover"]) => deleted::recover(asked, name),
        (_, ["secrets" | "deletedsecrets", ..]) => Err(Refused::method()),
        _ => {
            let text = "Only secrets are played here: no keys, certificates or backups.";
            Err(Refused::new(StatusCode::NOT_FOUND, "NotFound", text))
        }
    }
}
