//! What a person decides about a run: stop it before its next step; and of one that failed: retry, roll
//! back, or leave it.

use super::Runs;
use super::begin::not_begun;
use super::plan::Wish;
use crate::console::error::internal;
use crate::history::Asker;
use crate::store::runs::{AppendError, Run};
use app::domain::guard::facts::Facts;
use app::domain::operation::{Action, Operation};
use app::domain::plan::step::StepKind;
use app::domain::route::Route;
use app::domain::run::{Ending, Event, RunId};
use app::error::ConsoleError;

/// Tries to write a decision when the engine writes at the same moment.
const TRIES_MAX: u32 = 5;

/// The route that was there before a run, as its first step read it. Pure: all that rolling back needs to
/// know was recorded.
#[must_use]
pub fn route_before(run: &Run) -> Option<&Route> {
    let checked = run.state.steps.iter().find(|step| step.kind == StepKind::Check)?;
    checked.output.as_ref()?.route.as_ref()
}

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

    /// Tries the failed step again. It looks first.
    ///
    /// # Errors
    /// [`ConsoleError`]; then nothing changes.
    pub async fn retry(&self, id: &RunId, by: &Asker) -> Result<Operation, ConsoleError> {
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
    /// else, and no approval.
    ///
    /// # Errors
    /// [`ConsoleError`]; then nothing is sent.
    pub async fn roll_back(&self, id: &RunId, by: &Asker) -> Result<Operation, ConsoleError> {
        let run = self.get(id).await?;
        let at = &run.operation.endpoint;
        let Some(route) = route_before(&run) else {
            return Err(ConsoleError::Refused(
                "This run did not get so far as to read the route, so there is nothing to roll back."
                    .to_owned(),
            ));
        };
        let (_, fresh) = self.fresh(at).await?;
        let before = fresh.endpoint.route.clone();
        // Nothing that may be down is asked: neither metrics nor repositories nor policies.
        let planned = fresh.plan(&Wish::SetRoute { at, route }, &Facts::default())?;
        let action = Action::RollBack { run: id.clone(), before, after: route.clone() };
        self.start(at, action, planned, by).await
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
