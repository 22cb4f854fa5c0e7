//! The log of a job, as it is written. Every event has the number of its last line as id, so a browser that reconnects
//! sends it as `Last-Event-ID` and continues there.

use super::listener::{Gone, Listener, Teller, Wake, wake};
use crate::web::Edge;
use crate::web::auth::Visitor;
use app::port::{Console, LogPage};
use async_trait::async_trait;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use domain::job::JobId;
use serde::Deserialize;
use std::sync::Arc;
use tokio_stream::wrappers::WatchStream;

/// Maximum number of lines in one event.
const LINES_MAX: u32 = 500;

/// `?after=`: the number of the last line that the page has.
#[derive(Debug, Deserialize)]
pub struct After {
    after: Option<u64>,
}

/// Streams the lines of a log from a line on.
pub async fn job_log(
    State(edge): State<Edge>,
    Extension(visitor): Extension<Visitor>,
    Extension(console): Extension<Arc<dyn Console>>,
    Path(id): Path<String>,
    Query(After { after }): Query<After>,
    headers: HeaderMap,
) -> Response {
    let Ok(id) = id.parse::<JobId>() else { return StatusCode::NOT_FOUND.into_response() };
    let last = headers.get("last-event-id").and_then(|last| last.to_str().ok()?.parse().ok());
    let next = last.or(after).unwrap_or(0_u64).saturating_add(1);
    let (listener, answer) = match Listener::new(&edge, visitor) {
        Ok(listener) => listener,
        Err(refusal) => return *refusal,
    };
    let wakes = vec![wake(WatchStream::new(edge.services.jobs.subscribe()), || Wake::State)];
    tokio::spawn(listener.run(wakes, Lines { console, id, next, told_end: false }));
    answer
}

struct Lines {
    console: Arc<dyn Console>,
    id: JobId,
    /// The number of the next line.
    next: u64,
    told_end: bool,
}

#[async_trait]
impl Teller for Lines {
    async fn tell(&mut self, to: &Listener, _: Wake) -> Result<(), Gone> {
        // Everything that is there, in pieces: the next wake may be far away.
        loop {
            let Ok(page) = self.console.job_log(&self.id, self.next, LINES_MAX).await else {
                return Ok(());
            };
            let count = u64::try_from(page.lines.len()).unwrap_or_default();
            if count == 0 && (!page.ended || self.told_end) {
                return Ok(());
            }
            self.told_end = page.ended && count == 0;
            self.next += count;
            self.send(to, &page).await?;
        }
    }
}

impl Lines {
    async fn send(&self, to: &Listener, page: &LogPage) -> Result<(), Gone> {
        let Ok(json) = serde_json::to_string(page) else { return Ok(()) };
        to.send_numbered("lines", self.next - 1, &json).await
    }
}
