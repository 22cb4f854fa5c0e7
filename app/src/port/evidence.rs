//! Views of evidence.

use super::Result;
use async_trait::async_trait;
use domain::endpoint::Endpoint;
use domain::evidence::Capture;
use domain::evidence::EvidenceId;
use domain::evidence::Sealed;
use domain::evidence::rule::Required;
use domain::name::DeploymentName;
use domain::stage::EndpointKey;
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// An endpoint's page of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceList {
    pub now: Timestamp,
    pub endpoint: Endpoint,
    pub required: Required,
    /// Deployments that can be compared with another live deployment.
    pub measured: Vec<DeploymentName>,
    /// Captured evidence, newest first, at most 50.
    pub all: Vec<Sealed>,
    pub may_not_capture: Option<String>,
}

/// The page of one piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceView {
    pub now: Timestamp,
    pub sealed: Sealed,
    /// The hashed form: canonical JSON (RFC 8785).
    pub canonical: String,
}

/// Evidence: capturing and reading it.
#[async_trait]
pub trait EvidenceApi: Send + Sync {
    /// Captures evidence of a deployment.
    async fn capture(&self, at: &EndpointKey, what: Capture) -> Result<EvidenceId>;
    /// The evidence of an endpoint.
    async fn evidence_of(&self, at: &EndpointKey) -> Result<EvidenceList>;
    /// One piece of evidence.
    async fn evidence(&self, id: &EvidenceId) -> Result<EvidenceView>;
}
