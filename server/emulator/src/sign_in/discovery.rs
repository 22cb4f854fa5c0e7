//! The documents that a client reads before it trusts the tenant, and userinfo.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::error::EntraError;
use crate::entra::accounts::Account;
use crate::entra::{CLIENT_ID, bearer};
use crate::inner::Shared;

/// Refuses other tenants; `common` and similar words mean this tenant.
pub fn check_tenant(inner: &Shared, tenant: &str) -> Result<(), EntraError> {
    let any = ["common", "organizations", "consumers"];
    if tenant.eq_ignore_ascii_case(&inner.tenant) || any.contains(&tenant) {
        return Ok(());
    }
    Err(EntraError::new("invalid_tenant", 90_002, format!("Tenant '{tenant}' not found.")))
}

/// `/{tenant}/v2.0/.well-known/openid-configuration`
pub async fn document(
    State(inner): State<Shared>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, EntraError> {
    check_tenant(&inner, &tenant)?;
    let base = inner.base(&headers);
    let root = format!("{base}/{}", inner.tenant);
    Ok(Json(json!({
        "issuer": inner.entra.issuer(&base),
        "authorization_endpoint": format!("{root}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{root}/oauth2/v2.0/token"),
        "end_session_endpoint": format!("{root}/oauth2/v2.0/logout"),
        "jwks_uri": format!("{root}/discovery/v2.0/keys"),
        "userinfo_endpoint": format!("{base}/oidc/userinfo"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username",
            "name", "tid", "oid", "ver", "email", "roles"],
        "tenant_region_scope": null,
        "cloud_instance_name": "emulator",
    })))
}

/// `/{tenant}/discovery/v2.0/keys`
pub async fn keys(
    State(inner): State<Shared>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, EntraError> {
    check_tenant(&inner, &tenant)?;
    let issuer = inner.entra.issuer(&inner.base(&headers));
    Ok(Json(inner.entra.keys.jwks(&issuer)))
}

/// MSAL requests this for an authority that it does not know.
pub async fn instance(State(inner): State<Shared>, headers: HeaderMap) -> Json<Value> {
    let base = inner.base(&headers);
    let host = base.split("://").nth(1).unwrap_or_default();
    Json(json!({
        "tenant_discovery_endpoint":
            format!("{base}/{}/v2.0/.well-known/openid-configuration", inner.tenant),
        "api-version": "1.1",
        "metadata": [{
            "preferred_network": host, "preferred_cache": host, "aliases": [host],
        }],
    }))
}

/// The owner of an access token.
pub async fn userinfo(State(inner): State<Shared>, headers: HeaderMap) -> Response {
    let claims = bearer(&headers).and_then(|token| inner.entra.keys.verify(token));
    let account = claims.as_ref().and_then(|c| Account::find(c["oid"].as_str()?));
    match account {
        Some(account) => Json(json!({
            "sub": account.subject(CLIENT_ID),
            "name": account.name,
            "email": account.user_name(),
        }))
        .into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}
