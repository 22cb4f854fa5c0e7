//! The token endpoint: authorization codes (once, in time, by the same client, with the same redirect URI),
//! refresh tokens, and client credentials.

use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, header};
use serde_json::Value;

use super::authorize::Fields;
use super::discovery::check_tenant;
use super::error::EntraError;
use crate::entra::CLIENT_ID;
use crate::entra::grants::Grant;
use crate::inner::Shared;
use crate::protocol::call::decoded;

/// `POST /{tenant}/oauth2/v2.0/token`
pub async fn exchange(
    State(inner): State<Shared>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    form: Result<Form<Fields>, axum::extract::rejection::FormRejection>,
) -> Response {
    let outcome = form
        .map_err(|rejection| EntraError::new("invalid_request", 900_144, rejection.body_text()))
        .and_then(|Form(fields)| {
            check_tenant(&inner, &tenant)?;
            check_client(&inner, &headers, &fields)?;
            granted(&inner, &inner.base(&headers), &fields)
        });
    match outcome {
        Ok(body) => {
            let mut response = axum::Json(body).into_response();
            let headers = response.headers_mut();
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
            response
        }
        Err(error) => error.into_response(),
    }
}

/// `client_secret_basic` or `client_secret_post`.
fn credentials(headers: &HeaderMap, fields: &Fields) -> (String, String) {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let basic = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(|value| STANDARD.decode(value.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    match basic.as_deref().and_then(|text| text.split_once(':')) {
        // RFC 6749 §2.3.1: both halves are form-encoded.
        Some((id, secret)) => (decoded(id), decoded(secret)),
        None => (field("client_id"), field("client_secret")),
    }
}

fn check_client(inner: &Shared, headers: &HeaderMap, fields: &Fields) -> Result<(), EntraError> {
    let (id, secret) = credentials(headers, fields);
    let invalid = |number, message: String| Err(EntraError::new("invalid_client", number, message));
    if id != CLIENT_ID {
        let text = format!("Application with identifier '{id}' was not found.");
        return Err(EntraError::new("unauthorized_client", 700_016, text));
    }
    if secret.is_empty() {
        return invalid(7_000_218, "The request body must contain 'client_secret'.".to_owned());
    }
    if secret != inner.entra.keys.client_secret {
        return invalid(7_000_215, "Invalid client secret provided.".to_owned());
    }
    Ok(())
}

fn granted(inner: &Shared, base: &str, fields: &Fields) -> Result<Value, EntraError> {
    let field = |name: &str| {
        fields.get(name).filter(|text| !text.is_empty()).ok_or_else(|| {
            let text = format!("The request body must contain the parameter '{name}'.");
            EntraError::new("invalid_request", 900_144, text)
        })
    };
    let signed = match field("grant_type")?.as_str() {
        "authorization_code" => {
            let grant = redeemed(
                inner,
                field("code")?,
                field("redirect_uri")?,
                fields.get("code_verifier").map(String::as_str),
            )?;
            inner.entra.user_tokens(base, &grant.account, &grant.scope, grant.nonce.as_deref())
        }
        "refresh_token" => {
            let found = inner.entra.refreshed(field("refresh_token")?);
            let (account, granted) = found.ok_or_else(|| {
                EntraError::new("invalid_grant", 700_082, "The refresh token is not valid.")
            })?;
            let scope = fields.get("scope").filter(|s| !s.is_empty()).unwrap_or(&granted);
            inner.entra.user_tokens(base, &account, scope, None)
        }
        "client_credentials" => {
            let scope = field("scope")?;
            if !scope.ends_with("/.default") || scope.contains(' ') {
                return Err(EntraError::new(
                    "invalid_scope",
                    1_002_012,
                    format!("The scope '{scope}' must be one resource followed by '/.default'."),
                ));
            }
            inner.entra.app_tokens(base, scope)
        }
        other => {
            let text = format!("The grant type '{other}' is not supported.");
            return Err(EntraError::new("unsupported_grant_type", 70_003, text));
        }
    };
    signed.map_err(|error| EntraError::new("server_error", 90_033, error.to_string()))
}

fn redeemed(
    inner: &Shared,
    code: &str,
    redirect_uri: &str,
    verifier: Option<&str>,
) -> Result<Grant, EntraError> {
    let invalid = |number, text: &str| EntraError::new("invalid_grant", number, text);
    // Removed before it is checked, so a failed attempt uses up the code.
    let grant = inner
        .entra
        .take_code(code)
        .ok_or_else(|| invalid(54_005, "The authorization code is unknown or already redeemed."))?;
    if !grant.is_fresh(inner.clock.now()) {
        return Err(invalid(70_008, "The authorization code has expired."));
    }
    if grant.redirect_uri != redirect_uri {
        return Err(invalid(500_112, "The redirect URI differs from the one of the request."));
    }
    if !verifier.is_some_and(|verifier| grant.is_verified_by(verifier)) {
        return Err(invalid(501_481, "The Code_Verifier does not match the code_challenge."));
    }
    Ok(grant)
}
