//! Evidence: what was measured or compared of a deployment before live traffic moves to it, captured at a
//! time, kept with its hash, and never changed.
//!
//! * [`shadow`]: what Azure Monitor measured of it, beside what is live.
//! * [`own`]: the console's own requests, which are left out of that.
//! * [`replay`]: one request sent to both, and the [`answers`] compared.
//! * [`rule`]: what a stage's policy asks for. Load tests are not carried out from here, so they cannot be
//!   asked for.
//! * [`standing`]: how what is required stands now: there, good, recent, and about what is there now.
//!
//! The numbers are kept and judged by the policy of the day; what they said when they were captured is kept
//! as well. Approvals sign the hashes of the newest evidence of each kind that the policy requires.

pub mod answers;
pub mod form;
mod identity;
pub mod own;
pub mod replay;
pub mod rule;
pub mod shadow;
pub mod standing;

use super::change::event::Person;
use super::endpoint::MadeOf;
use super::name::DeploymentName;
use super::stage::EndpointKey;
use super::timestamp::Timestamp;
use replay::Replay;
use rule::Required;
use serde::{Deserialize, Serialize};
use shadow::Comparison;

pub use identity::{EvidenceHash, EvidenceId, Kind};

/// One thing that evidence says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Whether that is as the policy asks.
    pub holds: bool,
    /// What, with its numbers, in a sentence.
    pub says: String,
}

impl Finding {
    fn not(says: &str) -> Self {
        Self { holds: false, says: says.to_owned() }
    }
}

/// What was measured or compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// A shadow comparison.
    ShadowComparison(Comparison),
    /// A replay diff.
    ReplayDiff(Replay),
}

impl Content {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::ShadowComparison(_) => Kind::ShadowComparison,
            Self::ReplayDiff(_) => Kind::ReplayDiff,
        }
    }

    /// What it says by a policy; by the default limits of its kind, where the policy asks for none.
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
    /// Which.
    pub id: EvidenceId,
    /// Of which endpoint.
    pub at: EndpointKey,
    /// Of which deployment.
    pub deployment: DeploymentName,
    /// What that deployment was.
    pub made_of: MadeOf,
    /// The deployments that were live, with which it was compared.
    pub live: Vec<DeploymentName>,
    /// When it was captured.
    pub captured: Timestamp,
    /// By whom.
    pub by: Person,
    /// What was measured.
    pub content: Content,
    /// What that said by the policy of that day.
    pub findings: Vec<Finding>,
}

impl Evidence {
    /// Whether all that it said was as the policy of that day asked.
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

/// Whether findings speak for a deployment; nothing said is nothing good.
#[must_use]
pub fn are_good(findings: &[Finding]) -> bool {
    !findings.is_empty() && findings.iter().all(|finding| finding.holds)
}

/// What somebody wants to be captured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Capture {
    /// What was measured of a deployment, beside what is live.
    ShadowComparison(DeploymentName),
    /// The answers of two deployments to one request.
    ReplayDiff {
        /// The two; which of them is live, the route tells.
        names: Vec<DeploymentName>,
        /// The request's body.
        body: String,
    },
}

/// Evidence and its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The evidence.
    pub evidence: Evidence,
    /// Its hash.
    pub hash: EvidenceHash,
}

/// Evidence that a change's approvals sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// Which.
    pub id: EvidenceId,
    /// Its kind.
    pub kind: Kind,
    /// Of which deployment.
    pub deployment: DeploymentName,
    /// Its hash.
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
