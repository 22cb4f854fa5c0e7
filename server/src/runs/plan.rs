//! The one way from an intent to a plan. Pages, proposals, approvals, starts, roll-backs and broken glass all plan
//! here; they differ only in what they read ([`super::reading`]) and in what the guards judge by ([`Judged`]).

use super::Runs;
use super::reading::Around;
use super::steps;
use crate::planner::pinned::{Pinned, built, named, needs};
use crate::planner::step::route_after;
use crate::planner::{self, NoPlan, Planned};
use crate::stages::StageContext;
use app::error::ConsoleError;
use domain::guard::inputs::{Bandwidth, GuardInputs};
use domain::intent::{Intent, Named};
use domain::run::operation::Moved;

/// What the guards judge a plan by.
#[derive(Debug, Clone, PartialEq)]
pub enum Judged {
    /// By everything that is known now: the policy, windows and freezes, evidence, quota, runs in flight.
    ByEverything,
    /// By the endpoint and the policy alone. Approvals sign such a plan, so that temporary conditions revoke nothing.
    ByWhatLasts,
    /// By the endpoint alone: a roll-back must not depend on anything that may be down, such as metrics,
    /// repositories or the policy's evidence.
    ByTheEndpoint {
        /// The endpoint's bandwidth, on pages that know it.
        bandwidth: Option<Bandwidth>,
    },
}

impl Runs {
    /// Plans an intent on what was read.
    ///
    /// # Errors
    /// [`ConsoleError::Refused`] if the intent has no plan at all, with the problems and open questions.
    pub async fn plan(
        &self,
        place: &StageContext,
        intent: &Pinned,
        around: &Around,
        judged: Judged,
    ) -> Result<Planned, ConsoleError> {
        let facts = match judged {
            Judged::ByEverything => {
                let endpoint = around.endpoint().map(AsRef::as_ref);
                let facts = Box::pin(self.facts(place, &needs(intent), endpoint)).await;
                GuardInputs { nowhere: around.nowhere.clone(), ..facts }
            }
            Judged::ByWhatLasts => GuardInputs {
                protected: place.stage.protected,
                promotion: place.rules.policy.promotion.clone(),
                release_environment: built(intent).map(|built| built.name.clone()),
                ..GuardInputs::default()
            },
            Judged::ByTheEndpoint { bandwidth } => {
                GuardInputs { bandwidth, ..GuardInputs::default() }
            }
        };
        planner::plan(intent, &around.observed, &facts).map_err(no_plan)
    }
}

fn no_plan(NoPlan { problems, questions }: NoPlan) -> ConsoleError {
    let mut said: Vec<_> = problems.into_iter().map(|problem| problem.message).collect();
    said.extend(
        questions.into_iter().map(|asked| format!("The input {} has no answer.", asked.key)),
    );
    ConsoleError::Refused(format!("{} So there is no plan, and nothing was sent.", said.join(" ")))
}

/// Why a plan cannot be carried out, regardless of any consent; `None` when it can.
pub(crate) fn refusal(planned: &Planned) -> Option<String> {
    let nothing = || planned.steps.is_empty().then(|| "There is nothing to do.".to_owned());
    let blocked = planned.plan.blocked();
    blocked.or_else(|| planned.steps.iter().find_map(steps::refusal)).or_else(nothing)
}

/// What a run keeps of an intent and its plan.
pub(crate) fn kept(intent: &Pinned, planned: &Planned) -> (Named, Option<Moved>) {
    let moved = match intent {
        Intent::SetRoute { .. } | Intent::Release { .. } | Intent::RollBack { .. } => {
            let before = planned.plan.base.clone();
            let after = route_after(&planned.steps).unwrap_or(&before).clone();
            Some(Moved { before, after })
        }
        Intent::CreateDeployment { .. }
        | Intent::UpdateDeployment { .. }
        | Intent::DeleteDeployment { .. } => None,
    };
    (named(intent), moved)
}
