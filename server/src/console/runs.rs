//! Runs: carrying out a release's plan, one run's page, and what people decide about it.

use super::SignedIn;
use super::error::internal;
use super::releases::Shown;
use super::way_back::Belonging;
use crate::operations::plan::Planned;
use crate::operations::plan::step::{Step, Until};
use crate::operations::{steps, usual};
use crate::store::runs::Run;
use app::domain::diagnosis::{Diagnosis, diagnose};
use app::domain::operation::{Action, Operation};
use app::domain::plan::{Plan, PlanHash, Target};
use app::domain::repository::{Reference, ReleaseId};
use app::domain::route::Route;
use app::domain::route_form::BASE;
use app::domain::run::state::{Phase, Standing, StepState};
use app::domain::run::usual::{Pace, Paces};
use app::domain::run::view::{Offer, PhaseTook, RunStep, RunView};
use app::domain::run::warrant::Consent;
use app::domain::run::{Decision, RunId};
use app::domain::stage::EndpointKey;
use app::domain::user::Right;
use app::error::ConsoleError;
use app::port::Result;

impl SignedIn {
    /// Why this person may not carry a release's plan out from here, or propose it where that needs an approval.
    pub(super) fn may_not_carry_out(
        &self,
        found: &Shown,
        planned: Option<&Planned>,
    ) -> Option<String> {
        let stage = found.view.defined.stage.as_ref()?;
        let place = self.services.stages.get(stage).ok()?;
        let planned = planned?;
        let no_endpoint = || {
            let what = "Only plans of endpoints can be carried out from here.";
            target(&planned.plan).is_none().then(|| what.to_owned())
        };
        self.may_not_change(place)
            .or_else(no_endpoint)
            .or_else(|| planned.plan.hindered(place.stage.protected))
            .or_else(|| planned.steps.iter().find_map(steps::refusal))
    }

    pub(super) async fn carry_out(
        &self,
        id: &ReleaseId,
        reference: Option<&Reference>,
        answers: &[(String, String)],
        hash: &PlanHash,
    ) -> Result<Operation> {
        let found = self.understand(id, reference, answers).await?;
        if !found.view.defined.problems.is_empty() {
            return Err(ConsoleError::Refused(
                "The release has problems, which its page lists. Mend them first. Nothing was sent."
                    .to_owned(),
            ));
        }
        let planned = self.plan_of_release(&found).await?;
        let at = planned.as_ref().and_then(|planned| target(&planned.plan));
        let (Some(planned), Some(at)) = (planned, at) else {
            return Err(ConsoleError::Refused(
                "There is no plan that can be carried out from here. Nothing was sent.".to_owned(),
            ));
        };
        self.require_change(&at, "carry out a release").await?;
        let begun = self.begin_release(id, &at, planned, hash).await;
        self.recorded("carry out a release", &at, begun).await
    }

    async fn begin_release(
        &self,
        id: &ReleaseId,
        at: &EndpointKey,
        planned: Planned,
        hash: &PlanHash,
    ) -> Result<Operation> {
        if planned.plan.hash.as_ref() != Some(hash) {
            return Err(ConsoleError::Conflict(
                "The plan changed while you were deciding. Nothing was sent. Look at the new plan, and carry \
                 it out if it is still right."
                    .to_owned(),
            ));
        }
        let release = format!("{}/{}", id.workflow, id.job);
        let before = planned.plan.base.clone();
        let after = steps::route_after(&planned.steps).unwrap_or(&before).clone();
        let action = Action::Release { release, before, after };
        let by = &self.asker;
        self.services.operations.start(at, action, planned, Consent::Applied, by).await
    }

    pub(super) async fn view_run(&self, id: &RunId) -> Result<RunView> {
        let run = self.services.operations.get(id).await?;
        let offers = self.offers(&run);
        let Belonging { rolled_back, rolls_back } = self.belonging(&run).await?;
        let way_back = self.view_way_back(&run).await?;
        let stamp = self.services.run_stamp(id).await;
        let stamp = stamp.map_err(|error| internal("a run cannot be read", &error))?;
        let paces = self.services.operations.paces(&run.operation.endpoint.stage).await;
        let change = self.services.changes.table.of_run(id).await;
        let change = change.map_err(|error| internal("changes cannot be read", &error))?;
        let broken = self.services.changes.glass.of_run(id).await;
        let broken = broken.map_err(|error| internal("broken glass cannot be read", &error))?;
        Ok(RunView {
            now: self.services.clock.now(),
            steps: (0..run.steps.len())
                .filter_map(|index| self.step(&run, index, &paces))
                .collect(),
            operation: run.operation,
            stops_next: run.state.cancel.filter(|_| run.state.phase == Phase::Running),
            phase: run.state.phase,
            change,
            hash: run.hash,
            offers,
            way_back,
            rolled_back,
            rolls_back,
            broken,
            stamp,
        })
    }

    fn step(&self, run: &Run, index: usize, paces: &Paces) -> Option<RunStep> {
        let (step, state) = (run.steps.get(index)?, run.state.steps.get(index)?.clone());
        let pace = usual::pace(&run.steps, index);
        let usual_of = |phase| paces.usual(&Pace { phase, ..pace.clone()? });
        let entered = state.phases.iter().map(|entered| entered.at);
        let phases = state.phases_took().zip(entered).map(|((phase, ms), entered)| PhaseTook {
            phase,
            entered,
            ms,
            usual: usual_of(Some(phase)),
        });
        Some(RunStep {
            planned: step.words(),
            usual: usual_of(None),
            phases: phases.collect(),
            diagnosis: self.diagnosis(&run.operation.endpoint, step, &state),
            state,
        })
    }

    /// What a step's trouble means: as the observer found out with the deployment's log, otherwise by Azure's
    /// words alone.
    fn diagnosis(&self, at: &EndpointKey, step: &Step, state: &StepState) -> Option<Diagnosis> {
        let is_trouble = state.standing == Standing::Failed || state.tries > 0;
        let note = state.note.as_ref().filter(|_| is_trouble)?;
        let by_log = || {
            let Step::Wait { until: Until::DeploymentSucceeded { name } } = step else {
                return None;
            };
            let seen = self.services.stages.get(&at.stage).ok()?.observer.now();
            seen.endpoints.get(&at.endpoint)?.deployment(name)?.failure.clone()?.diagnosis
        };
        by_log().or_else(|| diagnose(note, &[]))
    }

    /// What can be decided now, and by this person.
    fn offers(&self, run: &Run) -> Vec<Offer> {
        let decisions: &[Decision] = match &run.state.phase {
            Phase::Running => &[Decision::Cancel],
            Phase::Attention => &[Decision::Retry, Decision::Leave],
            Phase::New | Phase::Finished(_) => &[],
        };
        let offer = |decision: &Decision| {
            let right = self.asker.user.why_not(right(*decision));
            Offer { decision: *decision, why_not: right.or_else(|| self.not_now(run, *decision)) }
        };
        decisions.iter().map(offer).collect()
    }

    fn not_now(&self, run: &Run, decision: Decision) -> Option<String> {
        match decision {
            Decision::Cancel => {
                run.state.cancel.as_ref().map(|by| format!("{by} has asked for it already."))
            }
            Decision::Retry => {
                let is_held = !run.passes_freeze();
                let stage = &run.operation.endpoint.stage;
                let freeze = self.services.stages.get(stage).ok()?.rules.freeze();
                let freeze = freeze.filter(|_| is_held)?;
                Some(format!("{stage} is frozen by {}: {}.", freeze.by, freeze.reason))
            }
            Decision::Leave | Decision::RollBack => None,
        }
    }

    pub(super) async fn decide_run(&self, id: &RunId, decision: Decision) -> Result<Operation> {
        let runs = &self.services.operations;
        let run = runs.get(id).await?;
        let at = &run.operation.endpoint;
        if let Some(reason) = self.asker.user.why_not(right(decision)) {
            return Err(self.denied(decision.label(), Some(at), reason).await);
        }
        if let Some(why) = self.not_now(&run, decision).filter(|_| decision == Decision::Retry) {
            let refused = Err(ConsoleError::Refused(format!("{why} Nothing was sent.")));
            return self.recorded("try a run again", at, refused).await;
        }
        match decision {
            Decision::Cancel => runs.cancel(id, &self.asker).await,
            Decision::Retry => {
                let tried = runs.retry(id, &self.asker).await;
                self.recorded("try a run again", at, tried).await
            }
            Decision::Leave => runs.leave(id, &self.asker).await,
            Decision::RollBack => Err(ConsoleError::Invalid {
                field: Some(BASE.to_owned()),
                message: "The form does not say from which route it goes back. Open the run again."
                    .to_owned(),
            }),
        }
    }

    pub(super) async fn roll_back_run(&self, id: &RunId, saw: &Route) -> Result<Operation> {
        let runs = &self.services.operations;
        let run = runs.get(id).await?;
        let at = &run.operation.endpoint;
        if let Some(reason) = self.asker.user.why_not(right(Decision::RollBack)) {
            return Err(self.denied(Decision::RollBack.label(), Some(at), reason).await);
        }
        let begun = runs.roll_back(id, saw, &self.asker).await;
        self.recorded("roll back", at, begun).await
    }
}

/// Stopping and going back are open to all who may roll back, also on a protected stage.
pub(super) fn right(decision: Decision) -> Right {
    match decision {
        Decision::Cancel | Decision::RollBack | Decision::Leave => Right::RollBack,
        Decision::Retry => Right::ApplyUnprotected,
    }
}

/// The endpoint that a plan is about; `None` when it is about an image.
pub(super) fn target(plan: &Plan) -> Option<EndpointKey> {
    match &plan.target {
        Target::Endpoint(at) => Some(at.clone()),
        Target::Image { .. } => None,
    }
}
