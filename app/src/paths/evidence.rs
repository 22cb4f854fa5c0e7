//! URLs of evidence.

use super::endpoint;
use domain::evidence::EvidenceId;
use domain::stage::EndpointKey;

/// An endpoint's evidence (GET lists, POST captures).
#[must_use]
pub fn evidence_of(at: &EndpointKey) -> String {
    format!("{}/evidence", endpoint(at))
}

/// One piece of evidence.
#[must_use]
pub fn evidence(id: &EvidenceId) -> String {
    format!("/evidence/{id}")
}
