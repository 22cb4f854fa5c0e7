//! Plans, carries out and proposes what a person asks for. First everything that the intent refers to is read and
//! pinned: a deployment's YAML, or a release of a repository.

use super::SignedIn;
use super::views::no_deployment;
use super::{deployment_yaml, documents};
use crate::changes::propose::Proposed;
use crate::error::from_azure;
use crate::planner::Planned;
use crate::planner::pinned::{Pinned, PinnedDeployment, named};
use crate::redact;
use crate::runs::begin::check_plan;
use crate::runs::idempotency::Request;
use crate::runs::plan::Judged;
use crate::runs::reading::{self, Around, Reads};
use app::error::ConsoleError;
use app::port::Result;
use domain::change::ChangeId;
use domain::change::proposal::Proposal;
use domain::concern::Concern;
use domain::intent::{Intent, ReleaseRequest, Seen, Yaml};
use domain::name::DeploymentName;
use domain::run::operation::Operation;
use domain::run::warrant::Consent;
use domain::spec::{Check, YamlProblem};
use domain::stage::EndpointKey;

impl SignedIn {
    /// Plans an intent for a page, on the state that the console has read for everybody.
    pub(super) async fn plan_of(&self, intent: &Intent) -> Result<Planned> {
        let planned = match intent {
            Intent::Release { release: ReleaseRequest::Defined { id, reference, answers } } => {
                Box::pin(self.planned_release(id, reference.as_ref(), answers)).await?.1
            }
            Intent::Release { release: ReleaseRequest::Drafted(draft) } => {
                Box::pin(self.run_book_of(draft)).await?.planned
            }
            _ => {
                let (at, pinned) = self.pinned(intent, NOT_PLANNED).await?;
                return self.planned(&at, &pinned).await;
            }
        };
        planned.ok_or_else(documents::no_plan)
    }

    /// Plans a direct intent for a page.
    pub(super) async fn planned(&self, at: &EndpointKey, intent: &Pinned) -> Result<Planned> {
        let place = self.place(at)?;
        let endpoint = self.endpoint_at(place, at).await?;
        if let Intent::DeleteDeployment { name, .. } = intent
            && endpoint.deployment(name).is_none()
        {
            return Err(no_deployment(at, name));
        }
        let live = reading::endpoint(place, at, Reads::Shared).await;
        let around = Around::alone(place, live.map_err(|error| from_azure(&error))?);
        self.services.operations.plan(place, intent, &around, Judged::ByEverything).await
    }

    /// Checks a deployment's YAML, and plans its creation.
    pub(super) async fn check_yaml(&self, at: &EndpointKey, yaml: &str) -> Result<Check> {
        match self.read(at, yaml)? {
            Ok(deployment) => {
                let name = deployment.name.clone();
                let intent = Intent::CreateDeployment { at: at.clone(), deployment };
                let plan = Box::new(self.planned(at, &intent).await?.plan);
                Ok(Check::Readable { name, plan })
            }
            Err(problems) => Ok(Check::Unreadable { problems }),
        }
    }

    /// Carries out an intent on an unprotected stage.
    pub(super) async fn apply_intent(&self, intent: &Intent, seen: &Seen) -> Result<Operation> {
        if let Intent::RollBack { run, .. } = intent {
            let saw = seen.route.clone().unwrap_or_default();
            return self.roll_back_run(run, &saw).await;
        }
        let (runs, by) = (&self.services.operations, &self.principal);
        let (concern, begun) = match intent.at() {
            Some(at) => {
                self.require_change(at, deleted(intent), intent.verb()).await?;
                let (at, pinned) = self.pinned(intent, NOT_SENT).await?;
                let begun = runs.apply(&at, &pinned, seen, by).await;
                (Concern::from(&at).deployment(named(&pinned).deployment()), begun)
            }
            // Only the repository says which endpoint a release is for.
            None => {
                let (at, pinned, planned) = self.release_of_intent(intent, NOT_SENT).await?;
                self.require_change(&at, None, intent.verb()).await?;
                let begun = match check_plan(seen, &planned, NOT_SENT) {
                    Ok(()) => runs.start(&at, &pinned, planned, Consent::Applied, by).await,
                    Err(error) => Err(error),
                };
                let begun = match &seen.plan {
                    Some(plan) => {
                        runs.unless_asked_twice(Request::Release { plan }, by, begun).await
                    }
                    None => begun,
                };
                (Concern::from(&at), begun)
            }
        };
        self.recorded(intent.verb(), &concern, begun).await
    }

    /// Proposes an intent as a change.
    pub(super) async fn propose_change(&self, proposal: Proposal) -> Result<ChangeId> {
        let Proposal { intent, mut seen, reason, start, job } = proposal;
        let (at, intent) = match &intent {
            Intent::RollBack { .. } => {
                return Err(ConsoleError::Refused(format!(
                    "A roll-back is not proposed. {NOT_PROPOSED} Roll back on the run's page, or propose the route."
                )));
            }
            Intent::Release { .. } => {
                let (at, pinned, planned) = self.release_of_intent(&intent, NOT_PROPOSED).await?;
                check_plan(&seen, &planned, NOT_PROPOSED)?;
                (at, pinned)
            }
            _ => self.pinned(&intent, NOT_PROPOSED).await?,
        };
        // The change's own plan has another hash: no temporary condition is part of it.
        seen.plan = None;
        let concern = Concern::from(&at).deployment(named(&intent).deployment());
        let proposed = Proposed { at: &at, intent, seen: &seen, reason: &reason, start, job };
        let done = self.services.changes.propose(proposed, &self.principal).await;
        self.recorded("propose a change", &concern, done).await
    }

    /// An intent with everything that it refers to, and its endpoint. `outcome` completes the messages of errors.
    pub(super) async fn pinned(
        &self,
        intent: &Intent,
        outcome: &str,
    ) -> Result<(EndpointKey, Pinned)> {
        let Some(at) = intent.at().cloned() else {
            let (at, pinned, _) = self.release_of_intent(intent, outcome).await?;
            return Ok((at, pinned));
        };
        let pinned = intent.try_map(
            |Yaml(yaml)| self.read(&at, yaml)?.map_err(ConsoleError::Yaml),
            |_| Err(not_in_a_repository(outcome)),
        )?;
        Ok((at, pinned))
    }

    async fn release_of_intent(
        &self,
        intent: &Intent,
        outcome: &str,
    ) -> Result<(EndpointKey, Pinned, Planned)> {
        match intent {
            Intent::Release { release: ReleaseRequest::Defined { id, reference, answers } } => {
                Box::pin(self.pinned_release(id, reference.as_ref(), answers, outcome)).await
            }
            _ => Err(not_in_a_repository(outcome)),
        }
    }

    /// Reads a deployment's YAML for an endpoint.
    fn read(
        &self,
        at: &EndpointKey,
        yaml: &str,
    ) -> Result<std::result::Result<PinnedDeployment, Vec<YamlProblem>>> {
        // Before parsing, because problems may quote secret values.
        redact::learn(&redact::yaml::secrets(yaml.as_bytes()));
        let read = deployment_yaml::read(yaml, &self.place(at)?.workspace, &at.endpoint);
        if let Ok(read) = &read {
            redact::scope::learn_body(&read.body);
        }
        Ok(read.map_err(|problems| problems.into_iter().map(without_secrets).collect()))
    }
}

/// What did not happen, in the messages of errors.
pub(super) const NOT_SENT: &str = "Nothing was sent.";
const NOT_PROPOSED: &str = "Nothing was proposed.";
const NOT_PLANNED: &str = "There is no plan.";

fn not_in_a_repository(outcome: &str) -> ConsoleError {
    ConsoleError::Refused(format!(
        "This release is not in a repository yet. {outcome} Commit its files first."
    ))
}

fn without_secrets(problem: YamlProblem) -> YamlProblem {
    YamlProblem { message: redact::text(&problem.message), ..problem }
}

/// The deployment that an intent deletes. The name of a created one is in its YAML.
fn deleted(intent: &Intent) -> Option<&DeploymentName> {
    match intent {
        Intent::DeleteDeployment { name, .. } => Some(name),
        _ => None,
    }
}
