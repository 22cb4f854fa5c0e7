//! A person's decisions about a run: stop it before its next step or, after a failure, retry it, roll it back or
//! close it.

use super::automatic_roll_back::warrant_back;
use super::begin::{check_route, not_begun, read};
use super::idempotency::Request;
use super::plan::Judged;
use super::{Runs, endpoint_of};
use crate::entries::Principal;
use crate::error::internal;
use crate::planner::step::Step;
use crate::store::runs::{AppendError, Run};
use app::error::ConsoleError;
use domain::evidence::status::rising;
use domain::intent::{Intent, Seen};
use domain::route::Route;
use domain::run::operation::Operation;
use domain::run::roll_back::way_back;
use domain::run::warrant::{Expected, Unlike, one_unlike, unlike};
use domain::run::{Ending, Event, RunId};

/// Maximum number of attempts to write a decision while the engine writes too.
const TRIES_MAX: u32 = 5;

impl Runs {
    /// Loads a run.
    ///
    /// # Errors
    /// [`ConsoleError::NotFound`].
    pub async fn get(&self, id: &RunId) -> Result<Run, ConsoleError> {
        let run = self.table.load(id).await;
        let run = run.map_err(|error| internal("could not read a run", &error))?;
        run.ok_or_else(|| {
            ConsoleError::NotFound(
                "There is no such run. Each endpoint's page lists its runs.".to_owned(),
            )
        })
    }

    /// Stops a run before its next step. The current step continues to its end if it has sent a write.
    ///
    /// # Errors
    /// [`ConsoleError`]; then the run continues.
    pub async fn cancel(&self, id: &RunId, by: &Principal) -> Result<Operation, ConsoleError> {
        let name = by.user.name.clone();
        self.decide(id, Event::CancelRequested { by: name }, "Requested a stop", by).await
    }

    /// Retries the failed step, which reads before it writes. Rejects if a deployment that would get more live traffic
    /// is no longer the approved one.
    ///
    /// # Errors
    /// [`ConsoleError`]; then nothing changes.
    pub async fn retry(&self, id: &RunId, by: &Principal) -> Result<Operation, ConsoleError> {
        let run = self.get(id).await?;
        if let Some(unlike) = self.unlike(&run).await {
            return Err(ConsoleError::Refused(format!(
                "{unlike} A retry would not do what was planned. Make a new plan and propose it. Nothing was sent."
            )));
        }
        let name = by.user.name.clone();
        self.decide(id, Event::RetryRequested { by: name }, "Requested a retry", by).await
    }

    /// Closes a failed run and leaves Azure as it is.
    ///
    /// # Errors
    /// [`ConsoleError`]; then nothing changes.
    pub async fn leave(&self, id: &RunId, by: &Principal) -> Result<Operation, ConsoleError> {
        let ending = Ending::Left { by: by.user.name.clone() };
        self.decide(id, Event::Finished { ending }, "Closed", by).await
    }

    /// Sets the route that preceded a run, with one PUT by another run. Depends on nothing but the endpoint, and
    /// needs no approval, as far as the rules allow that (`app/domain/src/run/roll_back.rs`). `saw` is the current
    /// route that the page showed to the person.
    ///
    /// # Errors
    /// [`ConsoleError`]; then nothing is sent.
    pub async fn roll_back(
        &self,
        id: &RunId,
        saw: &Route,
        by: &Principal,
    ) -> Result<Operation, ConsoleError> {
        let begun = self.roll_back_once(id, saw, by).await;
        self.unless_asked_twice(Request::RollBack { run: id }, by, begun).await
    }

    async fn roll_back_once(
        &self,
        id: &RunId,
        saw: &Route,
        by: &Principal,
    ) -> Result<Operation, ConsoleError> {
        let run = self.get(id).await?;
        let at = endpoint_of(&run.operation.target)?;
        let (place, fresh) = self.fresh(at).await?;
        let seen = Seen { route: Some(saw.clone()), ..Seen::default() };
        check_route(&seen, &fresh.endpoint.route, "Nothing was sent.")?;
        let newest = self.table.newest_route(&run.operation.target).await;
        let newest = newest.map_err(|error| internal("could not read the runs", &error))?;
        let past = run.past();
        let route = way_back(&past, newest.as_ref(), &fresh.endpoint).map_err(|why| {
            let remedy = why.remedy().map(|remedy| format!(" {remedy}")).unwrap_or_default();
            ConsoleError::Refused(format!("{why}{remedy} Nothing was sent."))
        })?;
        let back = Intent::RollBack { at: at.clone(), run: id.clone(), route };
        let planned = self
            .plan(place, &back, &fresh.around, Judged::ByTheEndpoint { bandwidth: None })
            .await?;
        let warrant = warrant_back(&past, &planned);
        self.start_on(at, &back, planned, warrant, by).await
    }

    /// How a deployment that would get more live traffic or be deleted next differs from the approved one. `None` also if Azure
    /// cannot be read, because the step compares again before it sends anything.
    async fn unlike(&self, run: &Run) -> Option<Unlike> {
        let at = run.operation.target.endpoint()?;
        let place = self.stages.get(&at.stage).ok()?;
        let current = usize::try_from(run.state.current()).ok()?;
        if let Some(Step::DeleteDeployment { name, made_of: Some(made_of), .. }) =
            run.steps.get(current)
        {
            let read = read(place, at).await.ok()?;
            // A deployment that is gone needs no deletion.
            return one_unlike(Some(made_of), name, &read.endpoint.deployments)
                .filter(|unlike| !matches!(unlike, Unlike::Gone(_)));
        }
        let next = run.steps.get(current.saturating_sub(1)..)?;
        let rising = next.iter().find_map(|step| match step {
            Step::SetRoute { before, after, .. } => Some(rising(before, after)),
            _ => None,
        })?;
        if rising.is_empty() {
            return None;
        }
        let read = read(place, at).await.ok()?;
        let found = run.past().found;
        let expected = Expected { warrant: run.warrant.as_ref(), found: found.as_ref() };
        unlike(expected, &rising, &read.endpoint.deployments)
    }

    async fn decide(
        &self,
        id: &RunId,
        event: Event,
        what: &str,
        by: &Principal,
    ) -> Result<Operation, ConsoleError> {
        for _ in 0..TRIES_MAX {
            let mut run = self.get(id).await?;
            let now = self.clock.now();
            match self.table.decide(&mut run, event.clone(), what, by, now).await {
                Ok(()) => {
                    self.moved();
                    return Ok(run.operation);
                }
                // The engine wrote first. Decide on the new state.
                Err(AppendError::Stale) => {}
                Err(AppendError::Illegal(_)) => {
                    return Err(ConsoleError::Conflict(
                        "The run is no longer where you saw it. Nothing was changed. Reload the page, then decide \
                         again.".to_owned(),
                    ));
                }
                Err(error) => return Err(not_begun(&run.operation.target, error)),
            }
        }
        Err(ConsoleError::Unavailable(
            "The run changed while your decision was being saved. Nothing was changed. Try again."
                .to_owned(),
        ))
    }
}
