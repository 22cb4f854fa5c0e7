//! Who asks: puts the console of the signed-in person into the request, or sends anonymous people to
//! sign in. What is open to everybody is listed here and nowhere else.

use super::Edge;
use super::request::RequestId;
use super::session::Absent;
use crate::console::SignedIn;
use crate::history::Asker;
use crate::store::trouble::Trouble;
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
use std::sync::Arc;
use tower_sessions::{Session, session, session_store};

/// Pages that anonymous people may see. Assets are outside this middleware.
fn is_open(path: &str) -> bool {
    [paths::SIGN_IN, paths::SIGN_IN_START, paths::SIGN_IN_CALLBACK, paths::SIGN_OUT].contains(&path)
}

/// Attaches the console.
pub async fn attach(
    State(edge): State<Edge>,
    Extension(RequestId(id)): Extension<RequestId>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    let person = match edge.sessions.person(&session).await {
        Ok(person) => person,
        Err(error) => {
            let unknown = crate::console::error::internal("a session cannot be read", &error);
            return match error {
                // That layer knows its database's errors as texts only.
                session::Error::Store(session_store::Error::Backend(_)) => {
                    (StatusCode::SERVICE_UNAVAILABLE, Trouble::Away.to_string()).into_response()
                }
                _ => (StatusCode::INTERNAL_SERVER_ERROR, unknown.to_string()).into_response(),
            };
        }
    };
    match person {
        Ok(person) => {
            let absolute = i64::try_from(edge.sessions.absolute.as_millis()).unwrap_or(i64::MAX);
            let idle = edge.sessions.idle.as_secs() / 60;
            let signed_in = SignedIn {
                services: Arc::clone(&edge.services),
                ends: Timestamp(person.signed_in.0.saturating_add(absolute)),
                idle_minutes: u32::try_from(idle).unwrap_or(u32::MAX),
                asker: Asker { user: person.user, request: id },
                signed_in: person.signed_in,
            };
            let console: Arc<dyn Console> = Arc::new(signed_in);
            request.extensions_mut().insert(console);
            next.run(request).await
        }
        Err(_) if is_open(request.uri().path()) => next.run(request).await,
        Err(absent) => turn_away(&request, absent),
    }
}

/// A page asks to sign in; a script gets the error it understands.
fn turn_away(request: &Request, absent: Absent) -> Response {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if !accept.is_some_and(|accept| accept.contains("text/html")) {
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
