//! Pages of changes, kept current: they hear that something is other, and load again.

use super::{Asker, SESSION_CHECK, WAITING_MAX, Wake, check, every, send, stream, wake};
use crate::console::error::internal;
use crate::web::Edge;
use app::domain::change::ChangeId;
use axum::extract::{Path, State};
use axum::response::Response;
use futures::stream::select_all;
use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::WatchStream;
use tower_sessions::Session;

/// The list of changes, live: how they stand, for pages that load again when that is news.
pub async fn changes(edge: State<Edge>, session: Session, _: Asker) -> Response {
    stamps(edge, session, None)
}

/// One change, live.
pub async fn change(
    edge: State<Edge>,
    session: Session,
    _: Asker,
    Path(id): Path<String>,
) -> Response {
    stamps(edge, session, Some(ChangeId(id)))
}

fn stamps(State(edge): State<Edge>, session: Session, of: Option<ChangeId>) -> Response {
    let wakes = vec![
        wake(WatchStream::new(edge.services.operations.subscribe()), || Wake::State),
        wake(every(SESSION_CHECK), || Wake::Session),
    ];
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    tokio::spawn(async move {
        let mut events = select_all(wakes);
        let mut last = String::new();
        while let Some(event) = events.next().await {
            let sent = match event {
                Wake::Session => check(&edge, &session, &sender).await,
                _ => {
                    let stamp = edge.services.changes.stamp(of.as_ref()).await;
                    let stamp = stamp.map_err(|error| internal("changes cannot be read", &error));
                    send(&sender, "stamp", stamp, &mut last, |_| {}).await
                }
            };
            if sent.is_err() {
                break;
            }
        }
    });
    stream(receiver)
}
