//! The planner: a wish, what was observed and the policy's facts become a plan. Pure: it reads nothing and
//! sends nothing, and the same input always gives the same plan and hash.
//!
//! A wish is a release as the team keeps it ([`Wish::Release`]) or a direct intent of a person. The planner
//! keeps the templates' order of work and their contract; what was dangerous in them it leaves out: it
//! never deletes what is live or changing, never creates and goes live in one plan, clears the mirror in the
//! PUT that makes the shadow live, and recreates only where nobody is served, saying so. Where a wish
//! cannot be had safely the plan still stands, with the verdict that forbids it. Where the stage's policy has
//! live traffic move in steps, a route is set by stations, each of which bakes (`app/src/domain/plan/promotion`).

pub mod alert;
mod build;
mod colours;
pub mod deployment;
pub mod diff;
mod draft;
pub mod drift;
pub mod file;
mod hash;
mod kusto;
pub mod latest;
pub mod monitor;
pub mod observed;
pub mod open;
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
mod trial;
#[cfg(test)]
mod written_tests;

use crate::observe::facts::Needs;
use app::domain::guard::facts::Facts;
use app::domain::name::DeploymentName;
use app::domain::plan::Plan;
use app::domain::release::{Problem, Question, Release};
use app::domain::route::Route;
use app::domain::stage::EndpointKey;
use deployment::{assets, wanted};
use draft::Draft;
use file::Files;
use observed::Observed;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use step::Step;

/// What somebody wants.
#[derive(Debug, Clone)]
pub enum Wish<'a> {
    /// What a release says.
    Release {
        /// The release, with a person's answers in place.
        release: &'a Release,
        /// The YAML files that it names, rendered.
        files: &'a Files,
    },
    /// A route.
    SetRoute {
        /// Where.
        at: &'a EndpointKey,
        /// Which.
        route: &'a Route,
    },
    /// A new deployment.
    Create {
        /// Where.
        at: &'a EndpointKey,
        /// Its name.
        name: &'a DeploymentName,
        /// Its REST body.
        body: &'a Value,
    },
    /// Another body for a deployment that exists.
    Update {
        /// Where.
        at: &'a EndpointKey,
        /// Its name.
        name: &'a DeploymentName,
        /// Its REST body.
        body: &'a Value,
    },
    /// No such deployment any more.
    Delete {
        /// Where.
        at: &'a EndpointKey,
        /// Its name.
        name: &'a DeploymentName,
    },
    /// Another body for the endpoint, its route as it is.
    UpdateEndpoint {
        /// Where.
        at: &'a EndpointKey,
        /// Its REST body.
        body: &'a Value,
    },
}

impl Wish<'_> {
    /// What its guards need to know beside the endpoint. Which image a release deploys, only its workflow
    /// tells.
    #[must_use]
    pub fn needs(&self) -> Needs {
        let none = Needs::default();
        // What a deployment is made of, a plan has to be told.
        let written = |bodies: &mut dyn Iterator<Item = &Value>| {
            let assets = bodies.flat_map(assets).collect();
            Needs { latency: true, sizes: true, assets, ..Needs::default() }
        };
        match self {
            Self::Release { files, .. } => {
                let written = written(&mut files.values().map(|file| &file.body));
                Needs { quota: true, bandwidth: true, ..written }
            }
            Self::SetRoute { route, .. } => Needs { bandwidth: route.mirror().is_some(), ..none },
            Self::Create { body, .. } => {
                Needs { quota: true, ..written(&mut std::iter::once(*body)) }
            }
            Self::Update { body, .. } => written(&mut std::iter::once(*body)),
            Self::Delete { .. } | Self::UpdateEndpoint { .. } => none,
        }
    }
}

/// A plan with all that it would send.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    /// As people see it.
    pub plan: Plan,
    /// As it is carried out.
    pub steps: Vec<Step>,
}

/// Why there is no plan at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoPlan {
    /// What is wrong with the release.
    pub problems: Vec<Problem>,
    /// What must be answered before anything can be planned, such as the endpoint's name.
    pub questions: Vec<Question>,
}

/// Plans.
///
/// # Errors
/// [`NoPlan`] for a release that has problems, names a file that is not there, or does not tell its target.
pub fn plan(wish: &Wish<'_>, observed: &Observed, facts: &Facts) -> Result<Planned, NoPlan> {
    // A direct intent of a person: one movement.
    let direct = |at: &EndpointKey, movement: &dyn Fn(&mut Draft<'_>)| {
        let mut draft = Draft::new(at, observed, facts.promotion.as_ref());
        movement(&mut draft);
        Ok(draft.finish(facts, Vec::new()))
    };
    match wish {
        Wish::Release { release, files } => release::plan(release, files, observed, facts),
        Wish::SetRoute { at, route } => direct(at, &|draft| draft.set_route(route)),
        Wish::Create { at, name, body } => {
            direct(at, &|draft| draft.create(name, body, wanted(name, body, &[])))
        }
        Wish::Update { at, name, body } => {
            direct(at, &|draft| draft.update(name, body, wanted(name, body, &[])))
        }
        Wish::Delete { at, name } => direct(at, &|draft| draft.delete(name)),
        Wish::UpdateEndpoint { at, body } => direct(at, &|draft| draft.put_endpoint(body)),
    }
}
