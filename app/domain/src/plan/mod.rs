//! Plans as screens show them: what a change would do, before anything is sent.
//!
//! The server's planner (`server/src/planner`) makes plans, and keeps the typed steps and request bodies.
//! The browser makes only [`Plan::route`], a preview under the sliders, from the same texts, guards and steps
//! ([`promotion`]).

pub mod image;
pub mod promotion;
pub mod rollout_path;
mod route;
pub mod step;

use super::endpoint::MadeOf;
use super::guard::{self, Verdict};
use super::name::DeploymentName;
use super::release::Question;
use super::route::Route;
use super::target::Target;
use image::PlannedImage;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use step::PlannedStep;

pub use route::{differences as route_differences, maps as route_maps};

/// The resource that a difference concerns.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    Endpoint,
    Deployment(DeploymentName),
    /// The endpoint's diagnostic settings.
    Diagnostics,
    /// The endpoint's alert rule.
    Alert,
    /// An image and its environment.
    Image,
    /// A load test, its run, and the secret with the endpoint's key.
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

/// One field with its current and proposed values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    pub subject: Subject,
    /// The field's JSON pointer in Azure's body: `/properties/traffic/green`.
    pub field: String,
    /// The current value; `None` if absent. Secrets are hidden.
    pub before: Option<String>,
    /// The proposed value; `None` if absent. Secrets are hidden.
    pub after: Option<String>,
}

impl Difference {
    /// Whether the two sides differ.
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.before != self.after
    }
}

/// The hash of a plan: what it sends, its base state and the guards' verdicts. SHA-256 over canonical JSON
/// (RFC 8785), in lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PlanHash(pub String);

impl PlanHash {
    /// The first characters of the hash, for screens.
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

/// A plan, derived from a release or intent, the observed state, and the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub target: Target,
    /// The route that the plan was made from. A plan is rejected if Azure has another route when it is applied.
    pub base: Route,
    /// What existing deployments that get more live traffic are made of.
    #[serde(default)]
    pub made_of: BTreeMap<DeploymentName, MadeOf>,
    /// The images of the deployments that the plan creates, changes or gives more live traffic. Only plans to approve
    /// have them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub images: BTreeMap<DeploymentName, PlannedImage>,
    /// The steps, in order.
    pub steps: Vec<PlannedStep>,
    pub differences: Vec<Difference>,
    pub verdicts: Vec<Verdict>,
    /// Questions that a person must answer before the plan is complete.
    pub questions: Vec<Question>,
    /// `None` for a preview made by the browser.
    pub hash: Option<PlanHash>,
}

impl Plan {
    /// Why the plan must not be applied; `None` if it may.
    #[must_use]
    pub fn blocked(&self) -> Option<String> {
        guard::blocked(&self.verdicts)
    }

    /// Why the plan must not be applied or, on a stage that requires approvals, proposed.
    #[must_use]
    pub fn hindered(&self, protected: bool) -> Option<String> {
        if protected { guard::not_to_propose(&self.verdicts) } else { self.blocked() }
    }
}
