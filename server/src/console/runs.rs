//! Runs: shows a run's page, and takes decisions about the run.

use super::SignedIn;
use super::releases::Shown;
use super::way_back::Belonging;
use crate::error::OrInternal as _;
use crate::planner::Planned;
use crate::planner::step::{Step, Until};
use crate::runs::steps;
use crate::runs::typical_duration;
use crate::store::runs::Run;
use app::error::ConsoleError;
use app::port::Result;
use domain::concern::Concern;
use domain::diagnosis::{Diagnosis, diagnose};
use domain::plan::Plan;
use domain::route::Route;
use domain::route_form::BASE;
use domain::run::operation::Operation;
use domain::run::state::{Phase, StepState, StepStatus};
use domain::run::typical_duration::{Pace, Paces};
use domain::run::view::{Offer, PhaseTook, RunStep, RunView};
use domain::run::{Decision, RunId};
use domain::stage::EndpointKey;
use domain::target::Target;
use domain::user::Right;

/// Why a plan whose workflow GitHub rejects is neither applied nor proposed.
pub(super) const REFUSED_BY_GITHUB: &str = "GitHub rejects this file or call, so the team's pipeline could not do the \
    same. Correct the workflow first; the release's page lists the reasons.";

impl SignedIn {
    /// Why this person may not apply a release's plan, or, on a protected stage, propose it.
    pub(super) fn may_not_carry_out(
        &self,
        found: &Shown,
        planned: Option<&Planned>,
    ) -> Option<String> {
        let stage = found.view.defined.stage.as_ref()?;
        let place = self.services.stages.get(stage).ok()?;
        let planned = planned?;
        let no_endpoint = || {
            let what = "The console can apply only plans of endpoints.";
            target(&planned.plan).is_none().then(|| what.to_owned())
        };
        self.may_not_change(place)
            .or_else(no_endpoint)
            .or_else(|| found.view.defined.is_refused().then(|| REFUSED_BY_GITHUB.to_owned()))
            .or_else(|| planned.plan.hindered(place.stage.protected))
            .or_else(|| planned.steps.iter().find_map(steps::refusal))
    }

    pub(super) async fn view_run(&self, id: &RunId) -> Result<RunView> {
        let run = self.services.operations.get(id).await?;
        let offers = self.offers(&run);
        let Belonging { rolled_back, rolls_back } = self.belonging(&run).await?;
        let way_back = self.view_way_back(&run).await?;
        let stamp = self.services.run_stamp(id).await.or_internal("a run cannot be read")?;
        let paces = self.services.operations.paces(run.operation.target.stage()).await;
        let change =
            self.services.changes.table.of_run(id).await.or_internal("changes cannot be read")?;
        let broken = self.services.changes.glass.of_run(id).await;
        let broken = broken.or_internal("broken glass cannot be read")?;
        let change = change.or_else(|| broken.as_ref().and_then(|broken| broken.change.clone()));
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
        let pace = typical_duration::pace(&run.steps, index);
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
            diagnosis: self.diagnosis(&run.operation.target, step, &state),
            state,
        })
    }

    /// The diagnosis of a step's trouble: the observer's, which also uses the deployment's log, or otherwise one from
    /// Azure's message alone.
    fn diagnosis(&self, target: &Target, step: &Step, state: &StepState) -> Option<Diagnosis> {
        let is_trouble = state.standing == StepStatus::Failed || state.tries > 0;
        let note = state.note.as_ref().filter(|_| is_trouble)?;
        let by_log = || {
            let Step::Wait { until: Until::DeploymentSucceeded { name } } = step else {
                return None;
            };
            let at = target.endpoint()?;
            let seen = self.services.stages.get(&at.stage).ok()?.observer.now();
            seen.endpoints.get(&at.endpoint)?.deployment(name)?.failure.clone()?.diagnosis
        };
        by_log().or_else(|| diagnose(note, &[]))
    }

    /// The decisions that are possible now, and why this person may not take them.
    fn offers(&self, run: &Run) -> Vec<Offer> {
        let decisions: &[Decision] = match &run.state.phase {
            Phase::Running => &[Decision::Cancel],
            Phase::Attention => &[Decision::Retry, Decision::Leave],
            Phase::New | Phase::Finished(_) => &[],
        };
        let offer = |decision: &Decision| {
            let right = self.principal.why_not(right(*decision));
            Offer { decision: *decision, why_not: right.or_else(|| self.not_now(run, *decision)) }
        };
        decisions.iter().map(offer).collect()
    }

    fn not_now(&self, run: &Run, decision: Decision) -> Option<String> {
        match decision {
            Decision::Cancel => {
                run.state.cancel.as_ref().map(|by| format!("{by} has already requested this."))
            }
            Decision::Retry => {
                let is_held = !run.passes_freeze();
                let stage = run.operation.target.stage();
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
        let concern = Concern::from(&run.operation.target).run(id);
        if let Some(reason) = self.principal.why_not(right(decision)) {
            return Err(self.denied(decision.label(), &concern, reason).await);
        }
        if let Some(why) = self.not_now(&run, decision).filter(|_| decision == Decision::Retry) {
            let refused = Err(ConsoleError::Refused(format!("{why} Nothing was sent.")));
            return self.recorded("retry a run", &concern, refused).await;
        }
        match decision {
            Decision::Cancel => runs.cancel(id, &self.principal).await,
            Decision::Retry => {
                let tried = runs.retry(id, &self.principal).await;
                self.recorded("retry a run", &concern, tried).await
            }
            Decision::Leave => runs.leave(id, &self.principal).await,
            Decision::RollBack => Err(ConsoleError::Invalid {
                field: Some(BASE.to_owned()),
                message: "The form does not contain the current route. Nothing was changed. Open the run again."
                    .to_owned(),
            }),
        }
    }

    pub(super) async fn roll_back_run(&self, id: &RunId, saw: &Route) -> Result<Operation> {
        let runs = &self.services.operations;
        let run = runs.get(id).await?;
        let concern = Concern::from(&run.operation.target).run(id);
        if let Some(reason) = self.principal.why_not(right(Decision::RollBack)) {
            return Err(self.denied(Decision::RollBack.label(), &concern, reason).await);
        }
        let begun = runs.roll_back(id, saw, &self.principal).await;
        self.recorded("roll back", &concern, begun).await
    }
}

/// The right that a decision requires. Everybody who may roll back may also stop and close a run, even on a protected
/// stage.
pub(super) fn right(decision: Decision) -> Right {
    match decision {
        Decision::Cancel | Decision::RollBack | Decision::Leave => Right::RollBack,
        Decision::Retry => Right::ApplyUnprotected,
    }
}

/// The endpoint that a plan changes; `None` for an image.
pub(super) fn target(plan: &Plan) -> Option<EndpointKey> {
    plan.target.endpoint().cloned()
}
