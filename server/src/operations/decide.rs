//! What a person decides about a run: stop it before its next step; and of one that failed: retry, roll
//! back, or leave it.

use super::Runs;
use super::begin::{not_begun, read};
use super::plan::Wish;
use super::plan::step::Step;
use super::revert::warrant_back;
use crate::console::error::internal;
use crate::history::Asker;
use crate::store::runs::{AppendError, Run};
use app::domain::evidence::standing::rising;
use app::domain::guard::facts::Facts;
use app::domain::operation::{Action, Operation};
use app::domain::route::Route;
use app::domain::run::roll_back::way_back;
use app::domain::run::warrant::{Expected, Unlike, unlike};
use app::domain::run::{Ending, Event, RunId};
use app::error::ConsoleError;

/// Tries to write a decision when the engine writes at the same moment.
const TRIES_MAX: u32 = 5;

impl Runs {
    /// One run.
    ///
    /// # Errors
    /// [`ConsoleError::NotFound`].
    pub async fn get(&self, id: &RunId) -> Result<Run, ConsoleError> {
        let run = self.table.load(id).await;
        let run = run.map_err(|error| internal("a run cannot be read", &error))?;
        run.ok_or_else(|| {
            ConsoleError::NotFound(
                "There is no such run. The endpoints' pages list their runs.".to_owned(),
            )
        })
    }

    /// Stops a run before its next step; what was sent is seen through.
    ///
    /// # Errors
    /// [`ConsoleError`]; then it goes on.
    pub async fn cancel(&self, id: &RunId, by: &Asker) -> Result<Operation, ConsoleError> {
        let name = by.user.name.clone();
        self.decide(id, Event::CancelRequested { by: name }, "Asked for a stop", by).await
    }

    /// Tries the failed step again. It looks first. Where what would get more live traffic is no longer what was
    /// consented to, it is not begun at all.
    ///
    /// # Errors
    /// [`ConsoleError`]; then nothing changes.
    pub async fn retry(&self, id: &RunId, by: &Asker) -> Result<Operation, ConsoleError> {
        let run = self.get(id).await?;
        if let Some(unlike) = self.unlike(&run).await {
            return Err(ConsoleError::Refused(format!(
                "{unlike} To retry would do something else than was planned. Plan and propose it again. Nothing \
                 was sent."
            )));
        }
        let name = by.user.name.clone();
        self.decide(id, Event::RetryRequested { by: name }, "Asked for another try", by).await
    }

    /// Leaves things as they are.
    ///
    /// # Errors
    /// [`ConsoleError`]; then nothing changes.
    pub async fn leave(&self, id: &RunId, by: &Asker) -> Result<Operation, ConsoleError> {
        let ending = Ending::Left { by: by.user.name.clone() };
        self.decide(id, Event::Finished { ending }, "Left as it is", by).await
    }

    /// Sets the route as it was before a run: one PUT, by another run. It needs the endpoint and nothing
    /// else, and no approval, where the rules allow that (`app/src/domain/run/roll_back.rs`). `saw` is the route
    /// that the person saw Azure to have.
    ///
    /// # Errors
    /// [`ConsoleError`]; then nothing is sent.
    pub async fn roll_back(
        &self,
        id: &RunId,
        saw: &Route,
        by: &Asker,
    ) -> Result<Operation, ConsoleError> {
        let run = self.get(id).await?;
        let at = &run.operation.endpoint;
        let (_, fresh) = self.fresh(at).await?;
        let before = fresh.endpoint.route.clone();
        if before != *saw {
            return Err(ConsoleError::Conflict(format!(
                "The route changed while you were deciding: it was {saw}, it is now {before}. Nothing was sent. \
                 Look at it again."
            )));
        }
        let newest = self.table.newest_route(at).await;
        let newest = newest.map_err(|error| internal("runs cannot be read", &error))?;
        let past = run.past();
        let route = way_back(&past, newest.as_ref(), &fresh.endpoint).map_err(|why| {
            ConsoleError::Refused(format!(
                "{why} Without an approval it cannot be rolled back. Nothing was sent."
            ))
        })?;
        // Nothing that may be down is asked: neither metrics nor repositories nor policies.
        let planned = fresh.plan(&Wish::SetRoute { at, route: &route }, &Facts::default())?;
        let warrant = warrant_back(&past, &planned);
        let action = Action::RollBack { run: id.clone(), before, after: route };
        self.start_on(at, action, planned, warrant, by).await
    }

    /// How the deployments to which a run would give more live traffic next are not what was consented to; `None`
    /// also where Azure cannot be read, because the step looks again before it sends anything.
    async fn unlike(&self, run: &Run) -> Option<Unlike> {
        let place = self.stages.get(&run.operation.endpoint.stage).ok()?;
        let current = usize::try_from(run.state.current()).ok()?;
        let next = run.steps.get(current.saturating_sub(1)..)?;
        let rising = next.iter().find_map(|step| match step {
            Step::SetRoute { before, after, .. } => Some(rising(before, after)),
            _ => None,
        })?;
        if rising.is_empty() {
            return None;
        }
        let read = read(place, &run.operation.endpoint).await.ok()?;
        let found = run.past().found;
        let expected = Expected { warrant: run.warrant.as_ref(), found: found.as_ref() };
        unlike(expected, &rising, &read.endpoint.deployments)
    }

    async fn decide(
        &self,
        id: &RunId,
        event: Event,
        what: &str,
        by: &Asker,
    ) -> Result<Operation, ConsoleError> {
        for _ in 0..TRIES_MAX {
            let mut run = self.get(id).await?;
            let now = self.clock.now();
            match self.table.decide(&mut run, event.clone(), what, by, now).await {
                Ok(()) => {
                    self.moved();
                    return Ok(run.operation);
                }
                // The engine was faster: how it stands now decides.
                Err(AppendError::Stale) => {}
                Err(AppendError::Illegal(_)) => {
                    return Err(ConsoleError::Conflict(
                        "The run is no longer where you saw it. Look at it again.".to_owned(),
                    ));
                }
                Err(error) => return Err(not_begun(&run.operation.endpoint, error)),
            }
        }
        Err(ConsoleError::Unavailable("The run is moving quickly. Try again.".to_owned()))
    }
}
