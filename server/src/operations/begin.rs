//! Starting a run: read again, compare with what the person saw, plan, refuse what must not be; then write
//! it down and wake the engine.

use super::Runs;
use super::plan::observed::{Live, Observed};
use super::plan::{Planned, Wish, plan};
use super::steps;
use crate::azure::{self, endpoints};
use crate::history::Asker;
use crate::observe;
use crate::stages::Place;
use crate::store::runs::{AppendError, Order};
use app::domain::endpoint::Endpoint;
use app::domain::guard::facts::Facts;
use app::domain::name::DeploymentName;
use app::domain::operation::{Action, Operation};
use app::domain::route::Route;
use app::domain::run::warrant::{Consent, Warrant, mark};
use app::domain::stage::{EndpointKey, Freeze};
use app::error::ConsoleError;
use serde_json::Value;
use std::sync::Arc;

/// What was read just before planning.
pub(crate) struct Fresh {
    /// As the planner takes it.
    observed: Observed,
    /// What it means.
    pub(crate) endpoint: Arc<Endpoint>,
    /// What Azure said.
    body: Arc<Value>,
}

impl Runs {
    /// Starts a plan's steps as a run, by a [`Consent`]: whoever calls this has checked that there is one, and it
    /// says what the run may do later (on a frozen stage, say). What was consented to are the deployments as the
    /// plan was made from them. Here only what no consent can allow is refused.
    ///
    /// # Errors
    /// [`ConsoleError`]; then nothing is sent: a guard forbids the plan, it has a step that cannot be carried
    /// out, or another run is in flight on the endpoint.
    pub async fn start(
        &self,
        at: &EndpointKey,
        action: Action,
        planned: Planned,
        consent: Consent,
        by: &Asker,
    ) -> Result<Operation, ConsoleError> {
        let warrant = Warrant::new(consent, planned.plan.made_of.clone());
        self.start_on(at, action, planned, warrant, by).await
    }

    /// The same on a warrant of one's own.
    ///
    /// # Errors
    /// As [`Runs::start`].
    pub(super) async fn start_on(
        &self,
        at: &EndpointKey,
        action: Action,
        planned: Planned,
        warrant: Warrant,
        by: &Asker,
    ) -> Result<Operation, ConsoleError> {
        if let Some(why) = refusal(&planned) {
            // Where a run began since it was looked for, that is what stands in the way, whatever guards say of it.
            self.idle(at).await?;
            return Err(ConsoleError::Refused(format!("{why} Nothing was sent.")));
        }
        let hash = planned.plan.hash;
        let order = Order { at, action, steps: planned.steps, hash, warrant, by };
        let begun = self.table.begin(order, self.clock.now()).await;
        let run = begun.map_err(|error| not_begun(at, error))?;
        self.moved();
        Ok(run.operation)
    }

    /// Sets a route, if Azure still has `base`.
    ///
    /// # Errors
    /// [`ConsoleError`]; then nothing is sent.
    pub async fn set_route(
        &self,
        at: &EndpointKey,
        route: &Route,
        base: &Route,
        by: &Asker,
    ) -> Result<Operation, ConsoleError> {
        self.set_seen_route(at, route, base, None, by).await
    }

    /// The same, if what gets more live traffic also has the mark that the person saw.
    ///
    /// # Errors
    /// [`ConsoleError`]; then nothing is sent.
    pub async fn set_seen_route(
        &self,
        at: &EndpointKey,
        route: &Route,
        base: &Route,
        saw: Option<&str>,
        by: &Asker,
    ) -> Result<Operation, ConsoleError> {
        let action = Action::SetRoute { before: base.clone(), after: route.clone() };
        let begun = self.begin_route(at, route, base, saw, by).await;
        self.unless_asked_twice(at, &action, by, begun).await
    }

    async fn begin_route(
        &self,
        at: &EndpointKey,
        route: &Route,
        base: &Route,
        saw: Option<&str>,
        by: &Asker,
    ) -> Result<Operation, ConsoleError> {
        let (place, fresh) = self.fresh(at).await?;
        let now_is = &fresh.endpoint.route;
        if now_is != base {
            return Err(ConsoleError::Conflict(format!(
                "The route changed while you were deciding: it was {base}, it is now {now_is}. \
                 Nothing was sent. Look at the new plan and apply it if it is still right."
            )));
        }
        let planned = self.plan(place, &fresh, &Wish::SetRoute { at, route }).await?;
        if saw.is_some_and(|saw| saw != mark(&planned.plan.made_of)) {
            return Err(ConsoleError::Conflict(
                "A deployment that would get more live traffic changed while you were deciding. Nothing was sent. \
                 Look at it, and apply the plan if it is still right."
                    .to_owned(),
            ));
        }
        let action = Action::SetRoute { before: base.clone(), after: route.clone() };
        self.start(at, action, planned, Consent::Applied, by).await
    }

    /// Creates a deployment from a REST body, without live traffic.
    ///
    /// # Errors
    /// As [`Runs::set_route`].
    pub async fn create_deployment(
        &self,
        at: &EndpointKey,
        name: &DeploymentName,
        body: &Value,
        by: &Asker,
    ) -> Result<Operation, ConsoleError> {
        let (place, fresh) = self.fresh(at).await?;
        let planned = self.plan(place, &fresh, &Wish::Create { at, name, body }).await?;
        let action = Action::CreateDeployment { deployment: name.clone() };
        self.start(at, action, planned, Consent::Applied, by).await
    }

    /// Deletes a deployment that is neither live nor mirrored.
    ///
    /// # Errors
    /// As [`Runs::set_route`].
    pub async fn delete_deployment(
        &self,
        at: &EndpointKey,
        name: &DeploymentName,
        by: &Asker,
    ) -> Result<Operation, ConsoleError> {
        let (place, fresh) = self.fresh(at).await?;
        let planned = self.plan(place, &fresh, &Wish::Delete { at, name }).await?;
        let action = Action::DeleteDeployment { deployment: name.clone() };
        self.start(at, action, planned, Consent::Applied, by).await
    }

    /// A button that is pressed twice asks for one thing: who is refused because of what they asked for themselves
    /// is told of that.
    async fn unless_asked_twice(
        &self,
        at: &EndpointKey,
        action: &Action,
        by: &Asker,
        begun: Result<Operation, ConsoleError>,
    ) -> Result<Operation, ConsoleError> {
        let Err(refusal @ ConsoleError::Conflict(_)) = begun else { return begun };
        let open = self.table.open().await.map_err(|error| not_begun(at, error.into()))?;
        for operation in open.into_iter().map(|open| open.operation) {
            let is_same = operation.endpoint == *at && operation.action == *action;
            let run = if is_same { self.table.load(&operation.id).await } else { Ok(None) };
            let run = run.map_err(|error| not_begun(at, error.into()))?;
            if run.is_some_and(|run| run.person == by.id()) {
                return Ok(operation);
            }
        }
        Err(refusal)
    }

    async fn plan(
        &self,
        place: &Place,
        fresh: &Fresh,
        wish: &Wish<'_>,
    ) -> Result<Planned, ConsoleError> {
        let facts = self.facts(place, &wish.needs(), Some(&fresh.endpoint)).await;
        fresh.plan(wish, &facts)
    }
}

impl Runs {
    /// Refuses while a run is in flight on an endpoint.
    pub(crate) async fn idle(&self, at: &EndpointKey) -> Result<(), ConsoleError> {
        let open = self.table.open().await.map_err(|error| not_begun(at, error.into()))?;
        match open.iter().any(|open| open.operation.endpoint == *at) {
            true => Err(not_begun(at, AppendError::AnotherIsOpen)),
            false => Ok(()),
        }
    }
}

/// Why a plan must not or cannot be carried out, whoever decided what; `None` when it can.
pub(crate) fn refusal(planned: &Planned) -> Option<String> {
    let nothing = || planned.steps.is_empty().then(|| "There is nothing to do.".to_owned());
    let blocked = planned.plan.blocked();
    blocked.or_else(|| planned.steps.iter().find_map(steps::refusal)).or_else(nothing)
}

impl Fresh {
    /// Azure's own body of the endpoint.
    pub(super) fn body(&self) -> &Value {
        &self.body
    }

    /// Plans on what was just read.
    pub(crate) fn plan(&self, wish: &Wish<'_>, facts: &Facts) -> Result<Planned, ConsoleError> {
        planned(wish, &self.observed, facts)
    }
}

/// Plans, or says why there is no plan at all.
pub(crate) fn planned(
    wish: &Wish<'_>,
    observed: &Observed,
    facts: &Facts,
) -> Result<Planned, ConsoleError> {
    plan(wish, observed, facts).map_err(|none| {
        let mut said: Vec<_> = none.problems.into_iter().map(|p| p.message).collect();
        said.extend(none.questions.into_iter().map(|q| format!("{} is not answered.", q.key)));
        ConsoleError::Refused(format!("{} Nothing was sent.", said.join(" ")))
    })
}

/// Reads an endpoint with its deployments, whatever is in flight on it.
pub(super) async fn read(place: &Place, at: &EndpointKey) -> Result<Fresh, azure::Error> {
    let read = endpoints::get(&place.arm, &place.workspace, at).await?;
    let mut endpoint = read.endpoint;
    let known = place.observer.now();
    let known = known.endpoints.get(&at.endpoint);
    endpoint.deployments = observe::read_deployments(place, at, known.map(AsRef::as_ref)).await?;
    let endpoint = Arc::new(endpoint);
    let mut live = Live::of(Arc::clone(&endpoint));
    let body = Arc::new(read.body);
    live.body = Some(Arc::clone(&body));
    let observed = Observed::of(live).marking(place.arm.marks());
    Ok(Fresh { observed, endpoint, body })
}

pub(crate) fn not_begun(at: &EndpointKey, error: AppendError) -> ConsoleError {
    match error {
        AppendError::Frozen(Freeze { by, reason, .. }) => ConsoleError::Refused(format!(
            "{} is frozen by {by}: {reason}. Ask {by}, or wait until the stage is thawed. Nothing was sent.",
            at.stage
        )),
        AppendError::AnotherIsOpen | AppendError::Stale | AppendError::Illegal(_) => {
            ConsoleError::Conflict(format!(
                "Another change of {} is under way. Wait until it has ended, look at the plan again, \
                 and apply it then. Nothing was sent.",
                at.endpoint
            ))
        }
        error @ (AppendError::Ledger(_) | AppendError::Store(_)) => {
            crate::console::error::internal("a run could not be written down", &error)
        }
    }
}

pub(crate) fn nothing_sent(error: &azure::Error) -> ConsoleError {
    let error = crate::console::error::from_azure(error);
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
