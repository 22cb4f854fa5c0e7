//! Authorization: checks a route's [`Needs`] before its handler runs.

use super::Edge;
use super::error_pages::refused;
use super::form::SentForm;
use super::table::{Kind, Needs};
use app::error::ConsoleError;
use app::port::Console;
use app::submission::Outcome;
use axum::Json;
use axum::extract::{FromRequest as _, RawPathParams, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::concern::Concern;
use std::sync::Arc;

/// What a route requires.
#[derive(Debug, Clone)]
pub struct Asked {
    pub(super) edge: Edge,
    pub(super) kind: Kind,
    pub(super) needs: Needs,
    pub(super) what: Option<&'static str>,
}

/// Passes a request on if the person meets the route's needs.
pub async fn gate(
    State(Asked { edge, kind, needs, what }): State<Asked>,
    params: RawPathParams,
    request: Request,
    next: Next,
) -> Response {
    let param = |wanted: &str| params.iter().find(|(name, _)| *name == wanted).map(|(_, it)| it);
    let concern = Concern::of_path(param);
    let console = console_of(&request);
    if let (Kind::Page, Needs::Right(right), Some(console)) = (kind, needs, &console) {
        let lacks = console.account().user.why_not(right);
        // The page itself shows and records the refusal. Its answer is replaced only if it does not.
        let page = next.run(request).await;
        return match lacks {
            Some(why) if page.status() != StatusCode::FORBIDDEN => {
                refused(&ConsoleError::Forbidden(why))
            }
            _ => page,
        };
    }
    let Err(error) = check(console, needs, what, &concern).await else {
        return next.run(request).await;
    };
    match (kind, &error) {
        // The page keeps the submitted fields. Some forms have no page; they get the bare refusal.
        (Kind::SentForm, ConsoleError::Forbidden(_)) => {
            let sent = Box::pin(SentForm::from_request(request, &edge)).await;
            let page = match sent {
                Ok(sent) => sent.again(Outcome::Refused(error.clone())).await,
                Err(page) => page,
            };
            if page.status() == StatusCode::FORBIDDEN { page } else { refused(&error) }
        }
        _ => refused(&error),
    }
}

/// Checks the needs, and records a denied right in the ledger.
///
/// # Errors
/// [`ConsoleError::Unauthenticated`], [`ConsoleError::Forbidden`].
async fn check(
    console: Option<Arc<dyn Console>>,
    needs: Needs,
    what: Option<&str>,
    concern: &Concern,
) -> Result<(), ConsoleError> {
    match (needs, console) {
        (Needs::Nothing, _) | (Needs::Session, Some(_)) => Ok(()),
        (Needs::Right(right), Some(console)) => {
            console.check_right(right, what.unwrap_or(right.label()), concern).await
        }
        (_, None) => Err(ConsoleError::Unauthenticated),
    }
}

/// Checks the needs of a server function.
///
/// # Errors
/// The response with the refusal.
pub(super) async fn function(
    console: Option<Arc<dyn Console>>,
    needs: Needs,
) -> Result<(), Response> {
    check(console, needs, None, &Concern::default()).await.map_err(|error| {
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::FORBIDDEN);
        (status, Json(error)).into_response()
    })
}

/// The signed-in person's console; `None` for anonymous requests.
pub(super) fn console_of(request: &Request) -> Option<Arc<dyn Console>> {
    request.extensions().get::<Arc<dyn Console>>().cloned()
}
