//! Evidence: measurements and comparisons of a deployment before live traffic moves to it. Evidence is captured once,
//! stored with its hash, and never changed.
//!
//! * [`shadow`]: Azure Monitor's measurements of the deployment beside those of the live deployments.
//! * [`own`]: the console's own requests, which a shadow comparison leaves out.
//! * [`replay`]: one request sent to two deployments, with their [`answers`] compared.
//! * [`rule`]: the evidence that a stage's policy requires. A policy cannot require load tests, because the console
//!   does not run them.
//! * [`status`]: whether the required evidence is present, good, recent, and about the current deployment.
//!
//! Evidence contains numbers, which are always judged by the current policy, and the findings by the policy at the
//! time of the capture. Approvals sign the hashes of the newest evidence of each kind that the policy requires.

pub mod answers;
pub mod fact;
pub mod form;
mod identity;
pub mod own;
pub mod replay;
pub mod rule;
pub mod shadow;
pub mod status;

use super::endpoint::MadeOf;
use super::name::DeploymentName;
use super::stage::EndpointKey;
use super::timestamp::Timestamp;
use crate::user::Person;
use replay::Replay;
use rule::Required;
use serde::{Deserialize, Serialize};
use shadow::Comparison;

pub use identity::{EvidenceHash, EvidenceId, Kind};

/// One result of judging evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Whether the result meets the policy.
    pub holds: bool,
    /// The result as a sentence with its numbers.
    pub says: String,
}

impl Finding {
    fn not(says: &str) -> Self {
        Self { holds: false, says: says.to_owned() }
    }
}

/// The content of evidence, by kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    ShadowComparison(Comparison),
    ReplayDiff(Replay),
}

impl Content {
    /// The kind of the evidence.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::ShadowComparison(_) => Kind::ShadowComparison,
            Self::ReplayDiff(_) => Kind::ReplayDiff,
        }
    }

    /// Judges the content by a policy, or by the default limits if the policy does not require this kind.
    #[must_use]
    pub fn judge(&self, required: &Required) -> Vec<Finding> {
        match self {
            Self::ShadowComparison(comparison) => {
                comparison.judge(&required.shadow_comparison.clone().unwrap_or_default())
            }
            Self::ReplayDiff(replay) => {
                replay.judge(&required.replay_diff.clone().unwrap_or_default())
            }
        }
    }
}

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub id: EvidenceId,
    pub at: EndpointKey,
    pub deployment: DeploymentName,
    pub made_of: MadeOf,
    /// The live deployments with which the deployment was compared.
    pub live: Vec<DeploymentName>,
    pub captured: Timestamp,
    pub by: Person,
    pub content: Content,
    /// The findings by the policy at the time of the capture.
    pub findings: Vec<Finding>,
}

impl Evidence {
    /// Whether all findings met the policy at the time of the capture.
    #[must_use]
    pub fn was_good(&self) -> bool {
        are_good(&self.findings)
    }

    /// `Shadow comparison of anet-green`
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} of {}", self.content.kind().label(), self.deployment)
    }
}

/// Whether all findings hold. Evidence without findings is not good.
#[must_use]
pub fn are_good(findings: &[Finding]) -> bool {
    !findings.is_empty() && findings.iter().all(|finding| finding.holds)
}

/// A request to capture evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Capture {
    /// Compares this deployment with the live ones.
    ShadowComparison(DeploymentName),
    ReplayDiff {
        /// The two deployments. The route determines which of them is live.
        names: Vec<DeploymentName>,
        body: String,
    },
}

/// Evidence with its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    pub evidence: Evidence,
    pub hash: EvidenceHash,
}

/// A reference to evidence that a change's approvals sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    pub id: EvidenceId,
    pub kind: Kind,
    pub deployment: DeploymentName,
    pub hash: EvidenceHash,
}

impl From<&Sealed> for Attached {
    fn from(Sealed { evidence, hash }: &Sealed) -> Self {
        Self {
            id: evidence.id.clone(),
            kind: evidence.content.kind(),
            deployment: evidence.deployment.clone(),
            hash: hash.clone(),
        }
    }
}
