//! Streams for the pages of changes and runs. They send only a stamp; a page with another stamp reloads.

use super::Principal;
use super::listener::{Gone, Listener, Teller, Told, Wake, wake};
use crate::error::OrInternal as _;
use crate::web::Edge;
use crate::web::auth::Visitor;
use app::error::ConsoleError;
use app::port::Console;
use async_trait::async_trait;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::change::ChangeId;
use domain::run::RunId;
use domain::user::Right;
use std::sync::Arc;
use tokio_stream::wrappers::WatchStream;

type Who = Extension<Visitor>;

enum Shown {
    Changes,
    Change(ChangeId),
    Run(RunId),
}

/// Streams the stamp of the list of changes.
pub async fn changes(edge: State<Edge>, who: Who, principal: Principal) -> Response {
    stamps(edge, who, principal, Shown::Changes)
}

/// Streams the stamp of one change.
pub async fn change(
    edge: State<Edge>,
    who: Who,
    principal: Principal,
    Path(id): Path<String>,
) -> Response {
    match id.parse() {
        Ok(id) => stamps(edge, who, principal, Shown::Change(id)),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Streams the stamp of one run.
pub async fn run(
    edge: State<Edge>,
    who: Who,
    principal: Principal,
    Path(id): Path<String>,
) -> Response {
    match id.parse() {
        Ok(id) => stamps(edge, who, principal, Shown::Run(id)),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

fn stamps(
    State(edge): State<Edge>,
    Extension(visitor): Who,
    Extension(console): Principal,
    shown: Shown,
) -> Response {
    let (listener, answer) = match Listener::new(&edge, visitor) {
        Ok(listener) => listener,
        Err(refusal) => return *refusal,
    };
    let mut wakes =
        vec![wake(WatchStream::new(edge.services.operations.subscribe()), || Wake::State)];
    if let Shown::Run(_) = shown {
        // The page offers a rollback from the current traffic split, which the stages' observers report.
        let stages = edge.services.stages.iter();
        wakes.extend(
            stages.map(|place| wake(WatchStream::new(place.observer.subscribe()), || Wake::State)),
        );
    }
    tokio::spawn(listener.run(wakes, Stamps { console, shown, last: Told::default() }));
    answer
}

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
        let stamp = changes.stamp(of).await.or_internal("changes cannot be read");
        to.send_view("stamp", stamp, &mut self.last, |_| {}).await
    }
}

/// The stamp of a run's page. Checks the right to see it each time, because roles can change while a page is open.
async fn of_run(edge: &Edge, console: &dyn Console, id: &RunId) -> Result<String, ConsoleError> {
    if let Some(why) = console.account().user.why_not(Right::See) {
        return Err(ConsoleError::Forbidden(why));
    }
    edge.services.operations.get(id).await?;
    edge.services.run_stamp(id).await.or_internal("a run cannot be read")
}
