//! Authentication: adds the signed-in person's console to the request, or sends anonymous visitors to the
//! sign-in page. The route table lists the paths that need no session.

use super::host::{MOVED, is_other_name};
use super::request::RequestId;
use super::session::{Absent, Session};
use super::sign_in::own_path;
use super::table::is_open;
use super::{Edge, error_pages};
use crate::console::SignedIn;
use crate::entries::Principal;
use crate::error::internal;
use app::error::ConsoleError;
use app::paths;
use app::port::Console;
use axum::Extension;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use domain::timestamp::Timestamp;
use std::net::IpAddr;
use std::sync::Arc;
use tower_sessions::Session as Browser;

/// Where a request comes from.
#[derive(Debug, Clone, Copy)]
pub struct Client {
    /// The address of the connection, or the client address that a trusted proxy forwards.
    pub address: IpAddr,
}

/// Who sent a request, and from where.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// `None` for anonymous visitors.
    pub session: Option<Session>,
    pub client: Client,
}

impl Visitor {
    /// The signed-in person, as `tenant/object`.
    #[must_use]
    pub fn person(&self) -> Option<String> {
        let user = &self.session.as_ref()?.kept.user;
        Some(format!("{}/{}", user.tenant, user.object))
    }
}

/// Attaches the console and the [`Visitor`] to the request.
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
    // Released when the response is ready, before the client has read its body.
    let person = format!("{}/{}", session.kept.user.tenant, session.kept.user.object);
    let Some(_turn) = edge.limits.request(&person) else {
        return error_pages::too_many("requests");
    };
    let absolute = i64::try_from(edge.sessions.absolute.as_millis()).unwrap_or(i64::MAX);
    let idle = edge.sessions.idle.as_secs() / 60;
    let signed_in = SignedIn {
        services: Arc::clone(&edge.services),
        ends: Timestamp(session.kept.signed_in.0.saturating_add(absolute)),
        idle_minutes: u32::try_from(idle).unwrap_or(u32::MAX),
        principal: Principal { user: session.kept.user.clone(), request: id },
        signed_in: session.kept.signed_in,
        session: session.kept.handle.clone(),
    };
    let console: Arc<dyn Console> = Arc::new(signed_in);
    request.extensions_mut().insert(console);
    request.extensions_mut().insert(Visitor { session: Some(session), client });
    next.run(request).await
}

/// Redirects a browser that is about to sign in under another host name to the public URL.
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

/// The original target of a visitor whom [`to_own_name`] redirected and who is already signed in there.
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

/// Redirects browsers to the sign-in page; other clients get 401 with a JSON error.
fn turn_away(request: &Request, absent: Absent) -> Response {
    if !wants_page(request) {
        return (StatusCode::UNAUTHORIZED, Json(ConsoleError::Unauthenticated)).into_response();
    }
    let is_get = *request.method() == Method::GET;
    let to = match request.uri().path_and_query() {
        Some(path) if is_get => path.as_str(),
        _ => paths::OVERVIEW,
    };
    // Only a signed-in visitor sees a form, so a POST without a session means that the session has ended.
    let has_ended = absent == Absent::Expired || !is_get;
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs((to != paths::OVERVIEW).then_some(("to", to)))
        .extend_pairs(has_ended.then_some(("reason", "expired")))
        .finish();
    let separator = if query.is_empty() { "" } else { "?" };
    Redirect::to(&format!("{}{separator}{query}", paths::SIGN_IN)).into_response()
}
