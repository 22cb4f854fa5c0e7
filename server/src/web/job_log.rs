//! The log of a job as a file.

use super::Edge;
use super::error_pages::refused;
use crate::error::internal;
use crate::jobs::log::Digest;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use domain::job::JobId;
use tokio_stream::wrappers::ReceiverStream;

/// Chunks that wait for a slow browser.
const WAITING_MAX: usize = 4;

/// Downloads a log. It is read in chunks, so a long log needs little memory.
pub async fn download(State(edge): State<Edge>, Path(id): Path<String>) -> Response {
    let Ok(id) = id.parse::<JobId>() else { return StatusCode::NOT_FOUND.into_response() };
    let table = edge.services.jobs.table.clone();
    match table.load(&id).await {
        Ok(Some(_)) => {}
        Ok(None) => return StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            return refused(&internal("a job cannot be read", &error));
        }
    }
    match table.log::<Digest>(&id).await {
        Ok(log) if log.removed.is_some() => {
            return (StatusCode::GONE, "The log was removed, because the job ended long ago.\n")
                .into_response();
        }
        Ok(_) => {}
        Err(error) => return refused(&internal("a log cannot be read", &error)),
    }
    let name = format!("attachment; filename=\"build-{id}.log\"");
    let (sender, receiver) = tokio::sync::mpsc::channel(WAITING_MAX);
    tokio::spawn(async move {
        let mut next = 1;
        loop {
            match table.chunks(&id, next, 1).await {
                Ok(chunks) => {
                    let Some(chunk) = chunks.into_iter().find(|chunk| chunk.first >= next) else {
                        return;
                    };
                    next = chunk.first + chunk.lines;
                    if sender.send(Ok(chunk.text)).await.is_err() {
                        return;
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "a log cannot be read");
                    // Ends the response visibly incomplete. Without a receiver, nobody is there to tell.
                    let _ = sender.send(Err(std::io::Error::other("the store failed"))).await;
                    return;
                }
            }
        }
    });
    let body = Body::from_stream(ReceiverStream::new(receiver));
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, kind);
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}
