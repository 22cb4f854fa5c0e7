//! Entra ID v2 as browsers and clients see it: discovery, authorize with PKCE, token, keys, sign-out.

mod authorize;
mod discovery;
mod error;
mod page;
mod token;

use axum::Router;
use axum::routing::{get, post};

use crate::inner::Shared;

/// Routes of everything under `/{tenant}`.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/{tenant}/v2.0/.well-known/openid-configuration", get(discovery::document))
        .route("/{tenant}/.well-known/openid-configuration", get(discovery::document))
        .route("/{tenant}/discovery/v2.0/keys", get(discovery::keys))
        .route("/{tenant}/discovery/keys", get(discovery::keys))
        .route("/common/discovery/instance", get(discovery::instance))
        .route("/{tenant}/oauth2/v2.0/authorize", get(authorize::show).post(authorize::choose))
        .route("/{tenant}/oauth2/v2.0/token", post(token::exchange))
        .route("/{tenant}/oauth2/v2.0/logout", get(authorize::logout).post(authorize::logout))
        .route("/oidc/userinfo", get(discovery::userinfo).post(discovery::userinfo))
        .route("/emulator/sign-in.css", get(page::style))
}
