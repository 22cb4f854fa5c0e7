//! Tokens of the registry: an Entra access token becomes a refresh token, and that, or the admin user's password,
//! becomes an access token for some repositories (ACR's AAD-OAuth document, and the Docker token specification).

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, StatusCode, Uri, header};
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::shapes::login_server;
use crate::entra::{bearer, now};
use crate::inner::{Inner, Shared};

/// Lifetimes, in seconds, as ACR's tokens have them.
const REFRESH_TOKEN_S: i64 = 3 * 3_600;
const ACCESS_TOKEN_S: i64 = 75 * 60;
/// The user name with which a refresh token is a password.
const TOKEN_USER: &str = "00000000-0000-0000-0000-000000000000";

/// What a request needs: a kind of resource, its name, and an action.
#[derive(Clone, Copy, Debug)]
pub struct Need<'a> {
    pub kind: &'static str,
    pub name: &'a str,
    /// One of these is enough.
    pub actions: &'static [&'static str],
    /// The actions in the challenge.
    pub asks: &'static str,
}

type Form = Vec<(String, String)>;

fn form(bytes: &[u8]) -> Form {
    url::form_urlencoded::parse(bytes).into_owned().collect()
}

fn field<'f>(form: &'f Form, name: &str) -> &'f str {
    form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

fn bad(text: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", text)
}

fn refused(text: &str) -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", text)
}

/// User name and password of `Authorization: Basic`.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.trim().split_once(' ')?;
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    scheme.eq_ignore_ascii_case("basic").then(|| (user.to_owned(), password.to_owned()))
}

/// Claims of one of the registry's own tokens, if it is valid.
fn claims(inner: &Inner, token: &str, service: &str, purpose: &str) -> Option<Value> {
    let claims = inner.entra.keys.verify(token)?;
    let is_good = claims["use"] == purpose
        && claims["aud"] == service
        && claims["exp"].as_i64().unwrap_or(0) > now();
    is_good.then_some(claims)
}

/// Whether a user name and a password belong to the admin user, or are a refresh token.
fn is_known(inner: &Inner, service: &str, user: &str, password: &str) -> bool {
    if user == TOKEN_USER {
        return claims(inner, password, service, "acr_refresh").is_some();
    }
    inner.store.read(|state| {
        let registry = &state.registry;
        registry.name.eq_ignore_ascii_case(user) && registry.passwords.iter().any(|p| p == password)
    })
}

fn signed(inner: &Inner, claims: &Value) -> Result<String, Refusal> {
    inner
        .entra
        .signed(claims)
        .map_err(|error| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "UNKNOWN", error.message))
}

/// An access token with the rights that `scopes` ask for: everybody has all rights.
fn access_token(inner: &Inner, service: &str, scopes: &[&str]) -> Result<Json<Value>, Refusal> {
    let asked = scopes.iter().flat_map(|scope| scope.split_whitespace());
    let access = asked.filter_map(|scope| {
        // A name may have a port, and so colons.
        let (kind, rest) = scope.split_once(':')?;
        let (name, actions) = rest.rsplit_once(':')?;
        let actions: Vec<&str> = actions.split(',').collect();
        Some(json!({ "type": kind, "name": name, "actions": actions }))
    });
    let claims = json!({
        "use": "acr_access", "iss": "Azure Container Registry", "aud": service, "iat": now(),
        "nbf": now(), "exp": now() + ACCESS_TOKEN_S, "access": access.collect::<Vec<_>>(),
    });
    Ok(Json(json!({ "access_token": signed(inner, &claims)? })))
}

/// Whether a token of Entra ID is accepted: one of the emulator's own must be valid and for ARM or for registries; any
/// other value is, as in ARM.
fn is_entra_token(inner: &Inner, base: &str, token: &str) -> bool {
    let mut headers = HeaderMap::new();
    let Ok(value) = format!("Bearer {token}").parse() else { return false };
    headers.insert(header::AUTHORIZATION, value);
    inner.entra.caller(&headers, base).is_ok()
        || inner.entra.keys.verify(token).is_some_and(|claims| {
            let audience = claims["aud"].as_str().unwrap_or_default();
            audience.starts_with("https://containerregistry.azure.")
                && claims["exp"].as_i64().unwrap_or(0) > now()
        })
}

/// `POST /oauth2/exchange`: an access token of Entra ID becomes a refresh token.
pub async fn exchange(State(inner): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let exchanged = || {
        let (form, base) = (form(&body), inner.base(&headers));
        if !field(&form, "grant_type").split('_').any(|part| part == "access") {
            return Err(bad("grant_type must be access_token"));
        }
        let token = field(&form, "access_token");
        if token.is_empty() || !is_entra_token(&inner, &base, token) {
            return Err(refused("the access token is not valid"));
        }
        let claims = json!({
            "use": "acr_refresh", "iss": "Azure Container Registry", "aud": login_server(&base),
            "iat": now(), "nbf": now(), "exp": now() + REFRESH_TOKEN_S, "grant_type": "refresh_token",
            "jti": crate::entra::random_text(),
        });
        Ok(Json(json!({ "refresh_token": signed(&inner, &claims)? })))
    };
    exchanged().into_response()
}

/// `POST /oauth2/token`: a refresh token, or a password, becomes an access token.
pub async fn by_form(State(inner): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let (form, base) = (form(&body), inner.base(&headers));
    let service = login_server(&base);
    let is_known = match field(&form, "grant_type") {
        "refresh_token" => {
            claims(&inner, field(&form, "refresh_token"), service, "acr_refresh").is_some()
        }
        "password" => is_known(&inner, service, field(&form, "username"), field(&form, "password")),
        _ => return bad("grant_type must be refresh_token or password").into_response(),
    };
    let scopes = form.iter().filter(|(name, _)| name == "scope").map(|(_, scope)| &**scope);
    let scopes: Vec<&str> = scopes.collect();
    match is_known {
        true => access_token(&inner, service, &scopes).into_response(),
        false => refused("the refresh token or password is not valid").into_response(),
    }
}

/// `GET /oauth2/token` with `Authorization: Basic`, as Docker asks.
pub async fn by_password(State(inner): State<Shared>, headers: HeaderMap, uri: Uri) -> Response {
    let base = inner.base(&headers);
    let service = login_server(&base);
    let is_known =
        basic(&headers).is_some_and(|(user, password)| is_known(&inner, service, &user, &password));
    let query = form(uri.query().unwrap_or_default().as_bytes());
    let scopes = query.iter().filter(|(name, _)| name == "scope").map(|(_, scope)| &**scope);
    let scopes: Vec<&str> = scopes.collect();
    match is_known {
        true => access_token(&inner, service, &scopes).into_response(),
        false => refused("the user name or the password is not valid").into_response(),
    }
}

/// Admits a request that needs something; `None` stands for the mere check of the version.
///
/// # Errors
/// 401, with a challenge that names the realm, the service and the scope.
pub fn admit(inner: &Inner, headers: &HeaderMap, need: Option<Need<'_>>) -> Result<(), Refusal> {
    let base = inner.base(headers);
    let service = login_server(&base);
    if let Some((user, password)) = basic(headers)
        && is_known(inner, service, &user, &password)
    {
        return Ok(());
    }
    let token = bearer(headers);
    let valid = token.and_then(|token| claims(inner, token, service, "acr_access"));
    if let Some(claims) = &valid
        && need.is_none_or(|need| need.is_in(&claims["access"]))
    {
        return Ok(());
    }
    let mut challenge = format!("Bearer realm=\"{base}/oauth2/token\",service=\"{service}\"");
    if let Some(need) = need {
        let scope = format!("{}:{}:{}", need.kind, need.name, need.asks);
        challenge.push_str(&format!(",scope=\"{}\"", scope.replace('"', "")));
    }
    match (token, valid) {
        (Some(_), Some(_)) => challenge.push_str(",error=\"insufficient_scope\""),
        (Some(_), None) => challenge.push_str(",error=\"invalid_token\""),
        _ => {}
    }
    Err(Refusal::unauthorized(challenge))
}

impl Need<'_> {
    fn is_in(&self, access: &Value) -> bool {
        let is_action = |action: &Value| {
            let action = action.as_str().unwrap_or_default();
            action == "*" || self.actions.contains(&action)
        };
        access.as_array().into_iter().flatten().any(|entry| {
            entry["type"] == self.kind
                && entry["name"] == self.name
                && entry["actions"].as_array().into_iter().flatten().any(is_action)
        })
    }
}
