//! Plans as people see them: what a change would do, before anything is sent.
//!
//! The server's planner makes them (`server/src/operations/plan`), with the typed steps and bodies that are
//! sent, which stay there. The one plan that the browser makes itself is [`Plan::route`], a preview under
//! the sliders, from the same words, guards and steps ([`promotion`]).

pub mod asked;
pub mod promotion;
mod route;
pub mod step;
pub mod way;

use super::endpoint::MadeOf;
use super::guard::{self, Verdict};
use super::name::{DeploymentName, StageName};
use super::release::Question;
use super::route::Route;
use super::stage::EndpointKey;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use step::PlannedStep;

pub use route::differences as route_differences;

/// What a plan is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// An endpoint.
    Endpoint(EndpointKey),
    /// An image, and the environment that is made from it.
    Image {
        /// Where the environment is registered.
        stage: StageName,
        /// Its name.
        name: String,
    },
}

/// What a difference is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The endpoint itself.
    Endpoint,
    /// One of its deployments.
    Deployment(DeploymentName),
    /// Its diagnostic settings.
    Diagnostics,
    /// Its alert rule.
    Alert,
    /// An image and its environment.
    Image,
    /// A load test, its run and the secret that holds the endpoint's key.
    LoadTest,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint => f.write_str("endpoint"),
            Self::Deployment(name) => write!(f, "deployment {name}"),
            Self::Diagnostics => f.write_str("diagnostic settings"),
            Self::Alert => f.write_str("alert rule"),
            Self::Image => f.write_str("image"),
            Self::LoadTest => f.write_str("load test"),
        }
    }
}

/// One field, live against desired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Whose field.
    pub subject: Subject,
    /// The field's JSON pointer, as Azure names it: `/properties/traffic/green`.
    pub field: String,
    /// What it is; `None` when absent. Secrets are hidden.
    pub before: Option<String>,
    /// What it becomes; `None` when absent. Secrets are hidden.
    pub after: Option<String>,
}

impl Difference {
    /// Whether the two sides differ.
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.before != self.after
    }
}

/// The hash of everything that matters about a plan: what it sends, what it was made from, what the guards
/// said. SHA-256 over canonical JSON (RFC 8785), in lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PlanHash(pub String);

impl PlanHash {
    /// Its beginning, for people.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl fmt::Display for PlanHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A plan: pure result of a release or intent, what was observed, and policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What it changes.
    pub target: Target,
    /// The route it was made from. If Azure has another one when it is applied, it is refused.
    pub base: Route,
    /// What those are made of that get more live traffic by it, and are there already.
    #[serde(default)]
    pub made_of: BTreeMap<DeploymentName, MadeOf>,
    /// What is done, in order.
    pub steps: Vec<PlannedStep>,
    /// Field by field.
    pub differences: Vec<Difference>,
    /// What the guards say.
    pub verdicts: Vec<Verdict>,
    /// What a person must answer before this plan is complete.
    pub questions: Vec<Question>,
    /// Its hash; `None` for a preview that the browser made.
    pub hash: Option<PlanHash>,
}

impl Plan {
    /// Why it must not be applied; `None` when it may.
    #[must_use]
    pub fn blocked(&self) -> Option<String> {
        guard::blocked(&self.verdicts)
    }

    /// Why it must not be applied, or, where the stage asks for approvals, not even proposed.
    #[must_use]
    pub fn hindered(&self, protected: bool) -> Option<String> {
        if protected { guard::not_to_propose(&self.verdicts) } else { self.blocked() }
    }
}
