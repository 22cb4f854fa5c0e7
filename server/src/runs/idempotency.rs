//! A form that is sent twice begins one run.

use super::Runs;
use crate::entries::Principal;
use crate::error::internal;
use crate::planner::pinned::{Pinned, named};
use crate::planner::step::Step;
use crate::store::runs::Run;
use app::error::ConsoleError;
use domain::intent::Intent;
use domain::plan::PlanHash;
use domain::run::RunId;
use domain::run::operation::Operation;
use domain::stage::EndpointKey;
use serde_json::Value;

/// Whether a run sends what the intent asks for. A run that creates or updates a deployment must have sent its body.
fn is_begun_by(intent: &Pinned, run: &Run) -> bool {
    let (Intent::CreateDeployment { deployment, .. } | Intent::UpdateDeployment { deployment, .. }) =
        intent
    else {
        return true;
    };
    let sent = run.steps.iter().find_map(|step| match step {
        Step::PutDeployment { body, .. } => Some(body),
        _ => None,
    });
    sent.is_some_and(|sent| is_same(&deployment.body, sent))
}

/// Whether a deployment's body is the one that was sent, apart from the location, which the planner sets.
fn is_same(wanted: &Value, sent: &Value) -> bool {
    let [wanted, sent] = [wanted, sent].map(|body| {
        let fields = body.as_object().into_iter().flatten();
        fields.filter(|(name, _)| *name != "location").collect::<Vec<_>>()
    });
    wanted == sent
}

/// A request that may have begun a run already.
pub(crate) enum Request<'a> {
    /// A direct intent on an endpoint.
    Direct { at: &'a EndpointKey, intent: &'a Pinned },
    /// A release with exactly this plan.
    Release { plan: &'a PlanHash },
    /// A roll-back of this run.
    RollBack { run: &'a RunId },
}

impl Request<'_> {
    fn may_have_begun(&self, operation: &Operation) -> bool {
        match (self, &operation.intent) {
            (Self::Direct { at, intent }, found) => {
                operation.target.endpoint() == Some(at) && *found == named(intent)
            }
            (Self::Release { .. }, Intent::Release { .. }) => true,
            (Self::RollBack { run }, Intent::RollBack { run: of, .. }) => of == *run,
            (Self::Release { .. } | Self::RollBack { .. }, _) => false,
        }
    }

    fn has_begun(&self, run: &Run) -> bool {
        match self {
            Self::Direct { intent, .. } => is_begun_by(intent, run),
            Self::Release { plan } => run.hash.as_ref() == Some(plan),
            Self::RollBack { .. } => true,
        }
    }
}

impl Runs {
    /// Returns the caller's identical open run instead of a conflict.
    pub(crate) async fn unless_asked_twice(
        &self,
        request: Request<'_>,
        by: &Principal,
        begun: Result<Operation, ConsoleError>,
    ) -> Result<Operation, ConsoleError> {
        let Err(refusal @ ConsoleError::Conflict(_)) = begun else { return begun };
        let unreadable = |error| internal("runs cannot be read", &error);
        let open = self.table.open().await.map_err(unreadable)?;
        for operation in open.into_iter().map(|open| open.operation) {
            if !request.may_have_begun(&operation) {
                continue;
            }
            let run = self.table.load(&operation.id).await.map_err(unreadable)?;
            if run.is_some_and(|run| run.person == by.id() && request.has_begun(&run)) {
                return Ok(operation);
            }
        }
        Err(refusal)
    }
}
