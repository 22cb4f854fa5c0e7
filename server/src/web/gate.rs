//! The gate in front of each route: what the table says that somebody needs is checked before anything is read.

use super::Edge;
use super::sent::Sent;
use super::table::{Kind, Needs};
use app::domain::stage::EndpointKey;
use app::error::ConsoleError;
use app::port::Console;
use app::submission::Outcome;
use axum::Json;
use axum::extract::{FromRequest as _, RawPathParams, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;

/// What is asked of somebody.
#[derive(Debug, Clone)]
pub struct Asked {
    pub(super) edge: Edge,
    pub(super) kind: Kind,
    pub(super) needs: Needs,
    pub(super) what: Option<&'static str>,
}

/// Lets through who has what is needed.
pub async fn gate(
    State(Asked { edge, kind, needs, what }): State<Asked>,
    params: RawPathParams,
    request: Request,
    next: Next,
) -> Response {
    let at = endpoint(&params);
    let console = console_of(&request);
    if let (Kind::Page, Needs::Right(right), Some(console)) = (kind, needs, &console) {
        let lacks = console.account().user.why_not(right);
        // A page says so itself, inside the page, and records it.
        let page = next.run(request).await;
        return match lacks {
            Some(why) if page.status() != StatusCode::FORBIDDEN => {
                refused(&ConsoleError::Forbidden(why))
            }
            _ => page,
        };
    }
    let Err(error) = check(console, needs, what, at.as_ref()).await else {
        return next.run(request).await;
    };
    match (kind, &error) {
        // With what was sent: it is not lost. Where there is no such page, the refusal is all there is to say.
        (Kind::Form, ConsoleError::Forbidden(_)) => {
            let sent = Box::pin(Sent::from_request(request, &edge)).await;
            let page = match sent {
                Ok(sent) => sent.again(Outcome::Refused(error.clone())).await,
                Err(page) => page,
            };
            if page.status() == StatusCode::FORBIDDEN { page } else { refused(&error) }
        }
        _ => refused(&error),
    }
}

/// Whether somebody has what is needed; whoever has not is recorded.
///
/// # Errors
/// [`ConsoleError::Unauthenticated`], [`ConsoleError::Forbidden`].
async fn check(
    console: Option<Arc<dyn Console>>,
    needs: Needs,
    what: Option<&str>,
    at: Option<&EndpointKey>,
) -> Result<(), ConsoleError> {
    match (needs, console) {
        (Needs::Nothing, _) | (Needs::Session, Some(_)) => Ok(()),
        (Needs::Right(right), Some(console)) => {
            console.check_right(right, what.unwrap_or(right.label()), at).await
        }
        (_, None) => Err(ConsoleError::Unauthenticated),
    }
}

/// The same for a server function.
///
/// # Errors
/// The answer that says why not.
pub(super) async fn function(
    console: Option<Arc<dyn Console>>,
    needs: Needs,
) -> Result<(), Response> {
    check(console, needs, None, None).await.map_err(|error| {
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::FORBIDDEN);
        (status, Json(error)).into_response()
    })
}

/// The console of whoever asks; there is none where nobody is signed in.
pub(super) fn console_of(request: &Request) -> Option<Arc<dyn Console>> {
    request.extensions().get::<Arc<dyn Console>>().cloned()
}

fn endpoint(params: &RawPathParams) -> Option<EndpointKey> {
    let param = |wanted: &str| params.iter().find(|(name, _)| *name == wanted).map(|(_, it)| it);
    Some(EndpointKey {
        stage: param("stage")?.parse().ok()?,
        endpoint: param("endpoint")?.parse().ok()?,
    })
}

fn refused(error: &ConsoleError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::FORBIDDEN);
    (status, error.to_string()).into_response()
}
