//! The planner makes a plan from an intent, the observed state and the policy's facts. Pure: the same input always
//! gives the same plan and hash.
//!
//! An intent is a release of the team or what a person asks for directly. The planner keeps the templates' order of work and their contract, but removes their dangers. It never deletes a deployment that is live or changing,
//! never creates a deployment and makes it live in one plan, clears the mirror in the PUT that makes the shadow live,
//! and recreates only deployments without traffic, with a warning. An unsafe intent still gets a plan, with the verdict
//! that blocks it. If the stage's policy moves live traffic in steps, each step bakes
//! (`app/domain/src/plan/promotion`).

pub mod alert;
pub mod bodies;
mod build;
mod colours;
pub mod deployment;
pub mod diff;
mod draft;
pub mod drift;
pub mod file;
pub mod hash;
mod kusto;
pub mod latest;
pub mod monitor;
pub mod needs;
pub mod observed;
pub mod open;
pub mod pinned;
mod plan_facts;
mod primary;
mod release;
mod rows;
mod shadow;
pub mod step;
mod variables;
mod watching;

#[cfg(test)]
mod colours_tests;
#[cfg(test)]
mod diff_tests;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod random_release;
#[cfg(test)]
mod readme_tests;
#[cfg(test)]
mod shadow_tests;
#[cfg(test)]
mod small_azure;
#[cfg(test)]
mod written_tests;

use deployment::wanted;
use domain::guard::inputs::GuardInputs;
use domain::intent::Intent;
use domain::plan::Plan;
use domain::release::{Problem, Question};
use domain::run::warrant::Made;
use domain::stage::EndpointKey;
use draft::PlanDraft;
use observed::Observed;
use pinned::{Pinned, PinnedDeployment};
use serde::{Deserialize, Serialize};
use step::Step;

/// A plan with the steps that carry it out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    pub plan: Plan,
    pub steps: Vec<Step>,
}

impl Planned {
    /// What the deployments are made of that get more live traffic or are deleted.
    #[must_use]
    pub fn made_of(&self) -> Made {
        let deleted = self.steps.iter().filter_map(|step| match step {
            Step::DeleteDeployment { name, made_of, .. } => Some((name.clone(), made_of.clone()?)),
            _ => None,
        });
        deleted.chain(self.plan.made_of.clone()).collect()
    }
}

/// Why there is no plan at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoPlan {
    pub problems: Vec<Problem>,
    /// The questions that need an answer before planning, such as the endpoint's name.
    pub questions: Vec<Question>,
}

/// Makes a plan.
///
/// # Errors
/// [`NoPlan`] for a release that has problems, names a missing file, or does not determine its target.
pub fn plan(intent: &Pinned, observed: &Observed, facts: &GuardInputs) -> Result<Planned, NoPlan> {
    // A direct intent is a single move.
    let direct = |at: &EndpointKey, facts: &GuardInputs, movement: &dyn Fn(&mut PlanDraft<'_>)| {
        let mut draft = PlanDraft::new(at, observed, facts.promotion.as_ref());
        movement(&mut draft);
        Ok(draft.finish(facts, Vec::new()))
    };
    match intent {
        Intent::Release { release } => {
            release::plan(&release.release, &release.files, observed, facts)
        }
        Intent::SetRoute { at, route } => direct(at, facts, &|draft| draft.set_route(route)),
        Intent::CreateDeployment { at, deployment: PinnedDeployment { name, body } } => {
            direct(at, facts, &|draft| draft.create(name, body, wanted(name, body, &[])))
        }
        Intent::UpdateDeployment { at, deployment: PinnedDeployment { name, body } } => {
            direct(at, facts, &|draft| draft.update(name, body, wanted(name, body, &[])))
        }
        Intent::DeleteDeployment { at, name } => direct(at, facts, &|draft| draft.delete(name)),
        // In one step: what is live now is what somebody wants to leave.
        Intent::RollBack { at, route, .. } => {
            let facts = GuardInputs { promotion: None, ..facts.clone() };
            direct(at, &facts, &|draft| draft.set_route(route))
        }
    }
}
