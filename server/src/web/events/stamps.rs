//! Pages of changes and of runs, kept current: they hear that something is other, and load again.

use super::Asker;
use super::listener::{Gone, Listener, Teller, Told, Wake, wake};
use crate::console::error::internal;
use crate::web::Edge;
use crate::web::attach::Visitor;
use app::domain::change::ChangeId;
use app::domain::run::RunId;
use app::domain::user::Right;
use app::error::ConsoleError;
use app::port::Console;
use async_trait::async_trait;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;
use tokio_stream::wrappers::WatchStream;

type Who = Extension<Visitor>;

/// What a page shows.
enum Shown {
    Changes,
    Change(ChangeId),
    Run(RunId),
}

/// The list of changes, live: how they stand, for pages that load again when that is news.
pub async fn changes(edge: State<Edge>, who: Who, asker: Asker) -> Response {
    stamps(edge, who, asker, Shown::Changes)
}

/// One change, live.
pub async fn change(edge: State<Edge>, who: Who, asker: Asker, Path(id): Path<String>) -> Response {
    match id.parse() {
        Ok(id) => stamps(edge, who, asker, Shown::Change(id)),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// One run, live.
pub async fn run(edge: State<Edge>, who: Who, asker: Asker, Path(id): Path<String>) -> Response {
    match id.parse() {
        Ok(id) => stamps(edge, who, asker, Shown::Run(id)),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

fn stamps(
    State(edge): State<Edge>,
    Extension(visitor): Who,
    Extension(console): Asker,
    shown: Shown,
) -> Response {
    let (listener, answer) = match Listener::new(&edge, visitor) {
        Ok(listener) => listener,
        Err(refusal) => return *refusal,
    };
    let mut wakes =
        vec![wake(WatchStream::new(edge.services.operations.subscribe()), || Wake::State)];
    if let Shown::Run(_) = shown {
        // A way back starts from the route that Azure has.
        let stages = edge.services.stages.iter();
        wakes.extend(
            stages.map(|place| wake(WatchStream::new(place.observer.subscribe()), || Wake::State)),
        );
    }
    tokio::spawn(listener.run(wakes, Stamps { console, shown, last: Told::default() }));
    answer
}

/// What a page shows, and what it has been told last.
struct Stamps {
    console: Arc<dyn Console>,
    shown: Shown,
    last: Told,
}

#[async_trait]
impl Teller for Stamps {
    async fn tell(&mut self, to: &Listener, _: Wake) -> Result<(), Gone> {
        let changes = &to.edge.services.changes;
        let of = match &self.shown {
            Shown::Changes => None,
            Shown::Change(id) => Some(id),
            Shown::Run(id) => {
                let stamp = of_run(&to.edge, self.console.as_ref(), id).await;
                return to.send_view("stamp", stamp, &mut self.last, |_| {}).await;
            }
        };
        let stamp = changes.stamp(of).await;
        let stamp = stamp.map_err(|error| internal("changes cannot be read", &error));
        to.send_view("stamp", stamp, &mut self.last, |_| {}).await
    }
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
