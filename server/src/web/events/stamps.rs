//! Pages of changes and of runs, kept current: they hear that something is other, and load again.

use super::{Asker, SESSION_CHECK, WAITING_MAX, Wake, check, every, send, stream, wake};
use crate::console::error::internal;
use crate::web::Edge;
use app::domain::change::ChangeId;
use app::domain::run::RunId;
use app::domain::user::Right;
use app::error::ConsoleError;
use app::port::Console;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use futures::stream::select_all;
use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::WatchStream;
use tower_sessions::Session;

/// What a page shows.
enum Shown {
    Changes,
    Change(ChangeId),
    Run(RunId),
}

/// The list of changes, live: how they stand, for pages that load again when that is news.
pub async fn changes(edge: State<Edge>, session: Session, asker: Asker) -> Response {
    stamps(edge, session, asker, Shown::Changes)
}

/// One change, live.
pub async fn change(
    edge: State<Edge>,
    session: Session,
    asker: Asker,
    Path(id): Path<String>,
) -> Response {
    match id.parse() {
        Ok(id) => stamps(edge, session, asker, Shown::Change(id)),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// One run, live.
pub async fn run(
    edge: State<Edge>,
    session: Session,
    asker: Asker,
    Path(id): Path<String>,
) -> Response {
    match id.parse() {
        Ok(id) => stamps(edge, session, asker, Shown::Run(id)),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

fn stamps(
    State(edge): State<Edge>,
    session: Session,
    Extension(console): Asker,
    shown: Shown,
) -> Response {
    let mut wakes = vec![
        wake(WatchStream::new(edge.services.operations.subscribe()), || Wake::State),
        wake(every(SESSION_CHECK), || Wake::Session),
    ];
    if let Shown::Run(_) = shown {
        // A way back starts from the route that Azure has.
        let stages = edge.services.stages.iter();
        wakes.extend(
            stages.map(|place| wake(WatchStream::new(place.observer.subscribe()), || Wake::State)),
        );
    }
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    tokio::spawn(async move {
        let of_changes = async |of: Option<&ChangeId>| {
            let stamp = edge.services.changes.stamp(of).await;
            stamp.map_err(|error| internal("changes cannot be read", &error))
        };
        let mut events = select_all(wakes);
        let mut last = String::new();
        while let Some(event) = events.next().await {
            let sent = match event {
                Wake::Session => check(&edge, &session, &sender).await,
                _ => {
                    let stamp: Result<String, ConsoleError> = match &shown {
                        Shown::Changes => of_changes(None).await,
                        Shown::Change(id) => of_changes(Some(id)).await,
                        Shown::Run(id) => of_run(&edge, console.as_ref(), id).await,
                    };
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

/// How a run's page stands. Whether the person may see it is asked each time; their rights may end meanwhile.
async fn of_run(edge: &Edge, console: &dyn Console, id: &RunId) -> Result<String, ConsoleError> {
    if let Some(why) = console.account().user.why_not(Right::See) {
        return Err(ConsoleError::Forbidden(why));
    }
    edge.services.operations.get(id).await?;
    let stamp = edge.services.run_stamp(id).await;
    stamp.map_err(|error| internal("a run cannot be read", &error))
}
