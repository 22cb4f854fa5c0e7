//! Starts a run: reads the endpoint again, compares it with what the person saw, plans, checks the plan, stores the run
//! and wakes the engine.

use super::Runs;
use super::idempotency::Request;
use super::plan::{Judged, kept, refusal};
use super::reading::Around;
use crate::azure::{self, endpoints};
use crate::entries::Principal;
use crate::planner::Planned;
use crate::planner::observed::Live;
use crate::planner::pinned::Pinned;
use crate::stages;
use crate::stages::StageContext;
use crate::store::runs::{AppendError, Order};
use app::error::ConsoleError;
use domain::endpoint::Endpoint;
use domain::intent::Seen;
use domain::route::Route;
use domain::run::operation::Operation;
use domain::run::warrant::{Consent, Warrant, mark};
use domain::stage::{EndpointKey, Freeze};
use domain::target::Target;
use serde_json::Value;
use std::sync::Arc;

/// An endpoint, read just before planning.
pub(crate) struct Fresh {
    pub(super) around: Around,
    pub(crate) endpoint: Arc<Endpoint>,
    body: Arc<Value>,
}

impl Runs {
    /// Starts a plan's steps as a run. The caller has checked the [`Consent`], which also determines what the run may
    /// do later, such as on a frozen stage. It covers the deployments that the plan was made from. This function
    /// rejects only what no consent can allow.
    ///
    /// # Errors
    /// [`ConsoleError`] if a guard blocks the plan, the console cannot carry out one of its steps, or another run is
    /// in flight on the endpoint. Then nothing is sent.
    pub async fn start(
        &self,
        at: &EndpointKey,
        intent: &Pinned,
        planned: Planned,
        consent: Consent,
        by: &Principal,
    ) -> Result<Operation, ConsoleError> {
        let warrant = Warrant::new(consent, planned.plan.made_of.clone());
        self.start_on(at, intent, planned, warrant, by).await
    }

    /// Like [`Runs::start`], but with the caller's own warrant.
    ///
    /// # Errors
    /// As [`Runs::start`].
    pub(super) async fn start_on(
        &self,
        at: &EndpointKey,
        intent: &Pinned,
        planned: Planned,
        warrant: Warrant,
        by: &Principal,
    ) -> Result<Operation, ConsoleError> {
        if let Some(why) = refusal(&planned) {
            // If a run has begun in the meantime, report that instead of the guards' reason.
            self.idle(at).await?;
            return Err(ConsoleError::Refused(format!("{why} Nothing was sent.")));
        }
        let (intent, moved) = kept(intent, &planned);
        let hash = planned.plan.hash;
        let target = Target::from(at.clone());
        let order =
            Order { target: &target, intent, moved, steps: planned.steps, hash, warrant, by };
        let begun = self.table.begin(order, self.clock.now()).await;
        if let Err(AppendError::AnotherIsOpen) = begun {
            // Names the other run, unless it has ended in the meantime.
            self.idle(at).await?;
        }
        let run = begun.map_err(|error| not_begun(&target, error))?;
        self.moved();
        Ok(run.operation)
    }

    /// Carries out a direct intent on its endpoint, unless something that the person saw has changed. A form that is
    /// sent twice begins one run.
    ///
    /// # Errors
    /// [`ConsoleError`]; then nothing is sent.
    pub async fn apply(
        &self,
        at: &EndpointKey,
        intent: &Pinned,
        seen: &Seen,
        by: &Principal,
    ) -> Result<Operation, ConsoleError> {
        let begun = self.apply_once(at, intent, seen, by).await;
        self.unless_asked_twice(Request::Direct { at, intent }, by, begun).await
    }

    async fn apply_once(
        &self,
        at: &EndpointKey,
        intent: &Pinned,
        seen: &Seen,
        by: &Principal,
    ) -> Result<Operation, ConsoleError> {
        let (place, fresh) = self.fresh(at).await?;
        check_route(seen, &fresh.endpoint.route, "Nothing was sent.")?;
        let planned = self.plan(place, intent, &fresh.around, Judged::ByEverything).await?;
        check_plan(seen, &planned, "Nothing was sent.")?;
        self.start(at, intent, planned, Consent::Applied, by).await
    }
}

/// Compares the route that the person saw with the current one.
///
/// # Errors
/// [`ConsoleError::Conflict`]; `outcome` completes its message.
pub(crate) fn check_route(seen: &Seen, now_is: &Route, outcome: &str) -> Result<(), ConsoleError> {
    let Some(was) = seen.route.as_ref().filter(|route| *route != now_is) else { return Ok(()) };
    Err(ConsoleError::Conflict(format!(
        "The route changed while you were deciding: it was {was}, it is now {now_is}. {outcome} Review the new plan, \
         then continue if it is still right."
    )))
}

/// Compares the plan and the deployments that the person saw with the current ones.
///
/// # Errors
/// As [`check_route`].
pub(crate) fn check_plan(
    seen: &Seen,
    planned: &Planned,
    outcome: &str,
) -> Result<(), ConsoleError> {
    let made_of = || mark(&planned.made_of());
    let what = if seen.made_of.as_ref().is_some_and(|saw| *saw != made_of()) {
        "A deployment of this plan changed while you were deciding: it was updated, or deleted and created again."
    } else if seen.plan.is_some() && seen.plan != planned.plan.hash {
        "The plan has changed since you opened the page."
    } else {
        return Ok(());
    };
    Err(ConsoleError::Conflict(format!(
        "{what} {outcome} Review the new plan, then continue if it is still right."
    )))
}

impl Runs {
    /// Fails while a run is in flight on an endpoint.
    pub(crate) async fn idle(&self, at: &EndpointKey) -> Result<(), ConsoleError> {
        match self.in_progress(at).await? {
            Some(run) => Err(ConsoleError::Conflict(another(&run))),
            None => Ok(()),
        }
    }

    /// The run in progress on an endpoint.
    pub(crate) async fn in_progress(
        &self,
        at: &EndpointKey,
    ) -> Result<Option<Operation>, ConsoleError> {
        let target = &Target::from(at.clone());
        let open = self.table.open().await.map_err(|error| not_begun(target, error.into()))?;
        let here = open.into_iter().find(|open| open.operation.target == *target);
        Ok(here.map(|open| open.operation))
    }
}

impl Fresh {
    pub(super) fn body(&self) -> &Value {
        &self.body
    }
}

/// Reads an endpoint with its deployments, even while a run is in flight.
pub(super) async fn read(place: &StageContext, at: &EndpointKey) -> Result<Fresh, azure::Error> {
    let read = endpoints::get(&place.arm, &place.workspace, at).await?;
    let mut endpoint = read.endpoint;
    let known = place.observer.now();
    let known = known.endpoints.get(&at.endpoint);
    endpoint.deployments = stages::read_deployments(place, at, known.map(AsRef::as_ref)).await?;
    let endpoint = Arc::new(endpoint);
    let mut live = Live::of(Arc::clone(&endpoint));
    let body = Arc::new(read.body);
    live.body = Some(Arc::clone(&body));
    Ok(Fresh { around: Around::alone(place, Some(live)), endpoint, body })
}

/// Says that a run prevents another one.
pub(crate) fn another(run: &Operation) -> String {
    format!(
        "Another change of {} is in progress: “{}”, started by {}. Nothing was sent. Wait until it has ended, then \
         check the plan again and apply it.",
        run.target.name(),
        run.intent.title(),
        run.by
    )
}

pub(crate) fn not_begun(target: &Target, error: AppendError) -> ConsoleError {
    match error {
        AppendError::Frozen(Freeze { by, reason, .. }) => ConsoleError::Refused(format!(
            "{} is frozen by {by}: {reason}. Ask {by}, or wait until the stage is unfrozen. Nothing was sent.",
            target.stage()
        )),
        AppendError::AnotherIsOpen | AppendError::Stale | AppendError::Illegal(_) => {
            ConsoleError::Conflict(format!(
                "Another change of {} is in progress. Nothing was sent. Wait until it has ended, then check the \
                 plan again and apply it.",
                target.name()
            ))
        }
        error @ (AppendError::Ledger(_) | AppendError::Store(_)) => {
            crate::error::internal("could not store a run", &error)
        }
    }
}

pub(crate) fn nothing_sent(error: &azure::Error) -> ConsoleError {
    let error = crate::error::from_azure(error);
    match error {
        ConsoleError::Unavailable(message) => {
            ConsoleError::Unavailable(format!("{message} Nothing was changed."))
        }
        ConsoleError::Refused(message) => {
            ConsoleError::Refused(format!("{message} Nothing was changed."))
        }
        error => error,
    }
}
