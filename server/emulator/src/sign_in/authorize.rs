//! The authorize endpoint, which checks the request, shows the accounts and redirects the browser back; and
//! sign-out. A request with a wrong client or redirect URI is never redirected.

use std::collections::HashMap;

use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use url::Url;

use super::error::EntraError;
use super::{discovery, page};
use crate::entra::CLIENT_ID;
use crate::entra::accounts::Account;
use crate::entra::grants::Grant;
use crate::inner::Shared;

/// The request's parameters, by name.
pub type Fields = HashMap<String, String>;

/// A request that may be answered with a redirect.
pub struct Asked {
    redirect: Url,
    /// The redirect URI, exactly as given.
    pub redirect_uri: String,
    state: Option<String>,
    is_form_post: bool,
}

/// `GET …/authorize`
pub async fn show(
    State(inner): State<Shared>,
    Path(tenant): Path<String>,
    Query(fields): Query<Fields>,
) -> Response {
    checked(&inner, &tenant, &fields, |asked| {
        let hinted = fields.get("login_hint").and_then(|hint| Account::find(hint));
        if fields.get("prompt").is_none_or(|prompt| prompt != "none") {
            return page::accounts(&fields, asked, hinted);
        }
        let text = "A silent sign-in request was sent but no user is signed in.";
        match hinted {
            Some(account) => grant(&inner, asked, &fields, account),
            None => asked.refuse(&EntraError::new("login_required", 50_058, text)),
        }
    })
}

/// `POST …/authorize`: the person has chosen an account.
pub async fn choose(
    State(inner): State<Shared>,
    Path(tenant): Path<String>,
    Form(fields): Form<Fields>,
) -> Response {
    checked(&inner, &tenant, &fields, |asked| {
        let chosen = fields.get("account").map_or("", String::as_str);
        if chosen == "cancel" {
            let text = "User declined to sign in.";
            return asked.refuse(&EntraError::new("access_denied", 65_004, text));
        }
        match Account::find(chosen) {
            Some(account) => grant(&inner, asked, &fields, account),
            None => page::accounts(&fields, asked, None),
        }
    })
}

/// Refuses a wrong request, or answers a right one.
fn checked(
    inner: &Shared,
    tenant: &str,
    fields: &Fields,
    answer: impl FnOnce(&Asked) -> Response,
) -> Response {
    match asked(inner, tenant, fields) {
        Err(error) => page::refusal(&error),
        Ok(asked) => match check(fields) {
            Err(error) => asked.refuse(&error),
            Ok(()) => answer(&asked),
        },
    }
}

fn asked(inner: &Shared, tenant: &str, fields: &Fields) -> Result<Asked, EntraError> {
    discovery::check_tenant(inner, tenant)?;
    let client = fields.get("client_id").map(String::as_str).unwrap_or_default();
    if client != CLIENT_ID {
        let text = format!("Application with identifier '{client}' was not found.");
        return Err(EntraError::new("unauthorized_client", 700_016, text));
    }
    let uri = fields.get("redirect_uri").cloned().unwrap_or_default();
    let redirect = Url::parse(&uri).ok().filter(|_| inner.entra.is_redirect_registered(&uri));
    let Some(redirect) = redirect else {
        let text = format!("The redirect URI '{uri}' does not match those of the application.");
        return Err(EntraError::new("invalid_request", 50_011, text));
    };
    Ok(Asked {
        redirect,
        redirect_uri: uri,
        state: fields.get("state").cloned(),
        is_form_post: fields.get("response_mode").is_some_and(|mode| mode == "form_post"),
    })
}

fn check(fields: &Fields) -> Result<(), EntraError> {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    if field("response_type") != "code" {
        let text = "Only the response type 'code' is supported.";
        return Err(EntraError::new("unsupported_response_type", 70_005, text));
    }
    if !["", "query", "form_post"].contains(&field("response_mode")) {
        let text = "The response mode must be query or form_post.";
        return Err(EntraError::new("invalid_request", 70_007, text));
    }
    if field("scope").is_empty() {
        let text = "The request must contain the parameter 'scope'.";
        return Err(EntraError::new("invalid_request", 900_144, text));
    }
    if field("code_challenge_method") != "S256" || field("code_challenge").len() != 43 {
        let text = "PKCE is required: send an S256 code_challenge.";
        return Err(EntraError::new("invalid_request", 9_002_325, text));
    }
    Ok(())
}

fn grant(inner: &Shared, asked: &Asked, fields: &Fields, account: Account) -> Response {
    let now = inner.clock.now();
    let grant = Grant {
        account,
        redirect_uri: asked.redirect_uri.clone(),
        challenge: fields.get("code_challenge").cloned().unwrap_or_default(),
        nonce: fields.get("nonce").cloned(),
        scope: fields.get("scope").cloned().unwrap_or_default(),
        issued_at: now,
    };
    let code = inner.entra.keep_code(grant, now);
    asked.answer(vec![("code", code), ("session_state", uuid::Uuid::new_v4().to_string())])
}

impl Asked {
    /// The allowed redirect target, for the page's content security policy.
    pub fn origin(&self) -> String {
        self.redirect.origin().ascii_serialization()
    }

    fn refuse(&self, error: &EntraError) -> Response {
        let description = error.description();
        self.answer(vec![("error", error.error.to_owned()), ("error_description", description)])
    }

    fn answer(&self, mut fields: Vec<(&'static str, String)>) -> Response {
        if let Some(state) = &self.state {
            fields.push(("state", state.clone()));
        }
        if self.is_form_post {
            return page::form_post(&self.redirect_uri, &self.origin(), &fields);
        }
        let mut url = self.redirect.clone();
        url.query_pairs_mut().extend_pairs(&fields);
        page::redirect(url.as_str())
    }
}

/// `…/logout`: redirects to the console if allowed, and otherwise shows a page.
pub async fn logout(State(inner): State<Shared>, Query(fields): Query<Fields>) -> Response {
    let target = fields.get("post_logout_redirect_uri");
    let target = target.filter(|uri| inner.entra.is_logout_registered(uri));
    let Some(mut url) = target.and_then(|uri| Url::parse(uri).ok()) else {
        return page::message(StatusCode::OK, "You signed out", "You can close this window.");
    };
    if let Some(state) = fields.get("state") {
        url.query_pairs_mut().append_pair("state", state);
    }
    page::redirect(url.as_str())
}
