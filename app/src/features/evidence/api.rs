//! Server functions for evidence.

use crate::error::ConsoleError;
use crate::port::{EvidenceList, EvidenceView};
use crate::wire::Json;
use domain::evidence::EvidenceId;
use domain::stage::EndpointKey;
use leptos::prelude::*;

/// The evidence of an endpoint.
#[server(endpoint = "read-evidence-of", input = Json, output = Json)]
pub async fn read_evidence_of(at: EndpointKey) -> Result<EvidenceList, ConsoleError> {
    crate::port::console()?.evidence_of(&at).await
}

/// One piece of evidence.
#[server(endpoint = "read-evidence", input = Json, output = Json)]
pub async fn read_evidence(id: EvidenceId) -> Result<EvidenceView, ConsoleError> {
    crate::port::console()?.evidence(&id).await
}
