//! What the pages of evidence show.

use crate::domain::endpoint::Endpoint;
use crate::domain::evidence::Sealed;
use crate::domain::evidence::rule::Required;
use crate::domain::name::DeploymentName;
use crate::domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// An endpoint's page of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceList {
    /// The server's clock, from which ages are computed.
    pub now: Timestamp,
    /// The endpoint.
    pub endpoint: Endpoint,
    /// What the stage's policy requires.
    pub required: Required,
    /// Deployments that can be compared with what is live beside them.
    pub measured: Vec<DeploymentName>,
    /// All that was captured, the newest first; at most 50.
    pub all: Vec<Sealed>,
    /// Why this person may not capture any; `None` when they may.
    pub may_not_capture: Option<String>,
}

/// The page of one piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceView {
    /// The server's clock, from which ages are computed.
    pub now: Timestamp,
    /// The evidence.
    pub sealed: Sealed,
    /// It as canonical JSON (RFC 8785), which is what was hashed.
    pub canonical: String,
}
