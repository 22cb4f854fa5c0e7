//! Handlers of the audit log: verification, exports, checkpoint.

use super::auth::Visitor;
use super::error_pages::{self, refused};
use super::query::Query;
use super::{Edge, pages};
use crate::error::internal;
use crate::history::export::{Form, write};
use app::port::Console;
use app::submission::{Outcome, Submission};
use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use futures::StreamExt as _;
use std::sync::Arc;
use tokio_stream::wrappers::ReceiverStream;

type Principal = Extension<Arc<dyn Console>>;
type Who = Extension<Visitor>;

/// Verifies the stored ledger and shows the result on the page.
pub async fn verify(
    State(edge): State<Edge>,
    Extension(console): Principal,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let outcome = match console.verify_history().await {
        Ok(verdict) => Outcome::Verified(verdict),
        Err(error) => Outcome::Refused(error),
    };
    pages::again(edge, parts, Submission { fields: Vec::new(), outcome }).await
}

/// Exports the first `size` entries, or all, as JSON lines.
pub async fn lines(edge: State<Edge>, who: Who, query: Query) -> Response {
    export(edge, who, query, Form::Lines, "application/jsonl; charset=utf-8").await
}

/// Exports the first `size` entries, or all, as CSV.
pub async fn table(edge: State<Edge>, who: Who, query: Query) -> Response {
    export(edge, who, query, Form::Table, "text/csv; charset=utf-8").await
}

async fn export(
    State(edge): State<Edge>,
    Extension(visitor): Who,
    query: Query,
    form: Form,
    kind: &'static str,
) -> Response {
    let Some(turn) = visitor.person().and_then(|person| edge.limits.ledger(&person)) else {
        return error_pages::too_many("exports and verifications of the audit log");
    };
    let history = &edge.services.history;
    let there = match history.table.size().await {
        Ok(size) => size,
        Err(error) => return refused(&internal("the ledger cannot be exported", &error)),
    };
    let allowed = format!("a whole number from 0 to {there}, the number of entries");
    let size = match query.read("size", &allowed, |size| *size <= there) {
        Ok(size) => size.unwrap_or(there),
        Err(error) => return refused(&error),
    };
    let extension = if form == Form::Lines { "jsonl" } else { "csv" };
    let name = format!("attachment; filename=\"understudy-ledger-{size}.{extension}\"");
    // The turn ends when the client has read the whole export.
    let lines = ReceiverStream::new(write(history, size, form)).map(move |line| {
        let _ = &turn;
        line
    });
    let body = Body::from_stream(lines.boxed());
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}

/// Downloads a signed checkpoint of the current tree.
pub async fn checkpoint(State(edge): State<Edge>) -> Response {
    let history = &edge.services.history;
    let signed = async {
        let size = history.table.size().await?;
        Ok::<_, crate::history::SealError>(history.checkpoint(size).await?.sign(history.signer())?)
    };
    match signed.await {
        Ok(note) => {
            let headers = [
                (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"understudy-checkpoint.txt\""),
            ];
            (headers, note).into_response()
        }
        Err(error) => refused(&internal("the ledger cannot be signed", &error)),
    }
}
