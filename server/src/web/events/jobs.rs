//! Streams for the pages of jobs.

use super::Principal;
use super::listener::{Gone, Listener, Teller, Told, Wake, wake};
use crate::web::Edge;
use crate::web::auth::Visitor;
use app::features::job;
use app::features::job_log::why_empty;
use app::port::{Console, JobView};
use async_trait::async_trait;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::job::JobId;
use std::sync::Arc;
use tokio_stream::wrappers::WatchStream;

/// Streams one job without its log.
pub async fn job(
    State(edge): State<Edge>,
    Extension(visitor): Extension<Visitor>,
    Extension(console): Principal,
    Path(id): Path<String>,
) -> Response {
    let Ok(id) = id.parse() else { return StatusCode::NOT_FOUND.into_response() };
    let (listener, answer) = match Listener::new(&edge, visitor) {
        Ok(listener) => listener,
        Err(refusal) => return *refusal,
    };
    let wakes = vec![wake(WatchStream::new(edge.services.jobs.subscribe()), || Wake::State)];
    tokio::spawn(listener.run(wakes, Shown { console, id, last: Told::default() }));
    answer
}

struct Shown {
    console: Arc<dyn Console>,
    id: JobId,
    last: Told,
}

#[async_trait]
impl Teller for Shown {
    async fn tell(&mut self, to: &Listener, _: Wake) -> Result<(), Gone> {
        // The page reads the log and its parts itself.
        let view = self.console.job(&self.id).await;
        let view = view.map(|view| JobView { sections: Vec::new(), ..view });
        let Some(view) = to.changed(view, &mut self.last, neutral).await? else { return Ok(()) };
        to.send_json("awaited", &why_empty(&view.job.progress)).await?;
        to.send_json("part", &job::part(view)).await
    }

    async fn beat(&mut self, to: &Listener) -> Result<(), Gone> {
        to.send_beat(None).await
    }
}

/// Clears the values that change with time alone, and the size of the log, which grows with every line.
fn neutral(view: &mut serde_json::Value) {
    view["now"] = serde_json::Value::Null;
    view["log"] = serde_json::Value::Null;
}
