//! Who asks: puts the console of the signed-in person into the request, or sends anonymous people to
//! sign in. What is open to everybody says the table of routes.

use super::host::{MOVED, is_other_name};
use super::request::RequestId;
use super::session::{Absent, Session};
use super::sign_in::own_path;
use super::table::is_open;
use super::{Edge, words};
use crate::console::SignedIn;
use crate::console::error::internal;
use crate::history::Asker;
use app::domain::timestamp::Timestamp;
use app::error::ConsoleError;
use app::paths;
use app::port::Console;
use axum::Extension;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use std::net::IpAddr;
use std::sync::Arc;
use tower_sessions::Session as Browser;

/// From where a request comes.
#[derive(Debug, Clone, Copy)]
pub struct Client {
    /// The address: the connection's, or what a trusted proxy says.
    pub address: IpAddr,
}

/// Who asks, and from where.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Their session, when they are signed in.
    pub session: Option<Session>,
    /// From where.
    pub client: Client,
}

impl Visitor {
    /// Directory and object of whoever is signed in.
    #[must_use]
    pub fn person(&self) -> Option<String> {
        let user = &self.session.as_ref()?.kept.user;
        Some(format!("{}/{}", user.tenant, user.object))
    }
}

/// Attaches the console.
pub async fn attach(
    State(edge): State<Edge>,
    Extension(RequestId(id)): Extension<RequestId>,
    Extension(client): Extension<Client>,
    browser: Browser,
    mut request: Request,
    next: Next,
) -> Response {
    let found = match edge.sessions.of(&browser).await {
        Ok(found) => found,
        Err(error) => {
            let error = internal("a session cannot be read", &error);
            let status = StatusCode::from_u16(error.status());
            let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return (status, error.to_string()).into_response();
        }
    };
    let session = match found {
        Ok(session) => session,
        Err(absent) => {
            if let Some(away) = to_own_name(&edge, &request) {
                return away;
            }
            if !is_open(request.uri().path()) {
                return turn_away(&request, absent);
            }
            request.extensions_mut().insert(Visitor { session: None, client });
            return next.run(request).await;
        }
    };
    if let Some(to) = sent_to_sign_in(&request) {
        return Redirect::to(&to).into_response();
    }
    // Held while the answer is made, not while it is read.
    let person = format!("{}/{}", session.kept.user.tenant, session.kept.user.object);
    let Some(_turn) = edge.limits.request(&person) else {
        return words::too_many("requests at once");
    };
    let absolute = i64::try_from(edge.sessions.absolute.as_millis()).unwrap_or(i64::MAX);
    let idle = edge.sessions.idle.as_secs() / 60;
    let signed_in = SignedIn {
        services: Arc::clone(&edge.services),
        ends: Timestamp(session.kept.signed_in.0.saturating_add(absolute)),
        idle_minutes: u32::try_from(idle).unwrap_or(u32::MAX),
        asker: Asker { user: session.kept.user.clone(), request: id },
        signed_in: session.kept.signed_in,
        session: session.kept.handle.clone(),
    };
    let console: Arc<dyn Console> = Arc::new(signed_in);
    request.extensions_mut().insert(console);
    request.extensions_mut().insert(Visitor { session: Some(session), client });
    next.run(request).await
}

/// Sends a browser that is about to sign in to the console's own name first.
fn to_own_name(edge: &Edge, request: &Request) -> Option<Response> {
    let path = request.uri().path();
    let starts = [paths::SIGN_IN, paths::SIGN_IN_START].contains(&path);
    if !(starts || wants_page(request)) || path == paths::SIGN_IN_CALLBACK {
        return None;
    }
    if !is_other_name(&edge.public_url, request) {
        return None;
    }
    let mut url = edge.public_url.join(paths::SIGN_IN).ok()?;
    if starts {
        url.set_path(path);
        url.set_query(request.uri().query());
    } else if let Some(to) = request.uri().path_and_query() {
        url.query_pairs_mut().append_pair("to", own_path(to.as_str()));
    }
    url.query_pairs_mut().append_pair(MOVED, "1");
    Some(Redirect::temporary(url.as_str()).into_response())
}

/// Where somebody goes who was sent to sign in under the console's own name, and is signed in there.
fn sent_to_sign_in(request: &Request) -> Option<String> {
    let query = request.uri().query().filter(|_| request.uri().path() == paths::SIGN_IN)?;
    let fields: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    let field = |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value);
    field(MOVED)?;
    Some(own_path(field("to")?).to_owned())
}

fn wants_page(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// A page asks to sign in; a script gets the error it understands.
fn turn_away(request: &Request, absent: Absent) -> Response {
    if !wants_page(request) {
        return (StatusCode::UNAUTHORIZED, Json(ConsoleError::Unauthenticated)).into_response();
    }
    let is_get = *request.method() == Method::GET;
    let to = match request.uri().path_and_query() {
        Some(path) if is_get => path.as_str(),
        _ => paths::OVERVIEW,
    };
    // A form is posted from a page of somebody who was signed in: they are told that it was not sent.
    let has_ended = absent == Absent::Expired || !is_get;
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs((to != paths::OVERVIEW).then_some(("to", to)))
        .extend_pairs(has_ended.then_some(("reason", "expired")))
        .finish();
    let separator = if query.is_empty() { "" } else { "?" };
    Redirect::to(&format!("{}{separator}{query}", paths::SIGN_IN)).into_response()
}
