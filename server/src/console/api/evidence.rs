//! [`EvidenceApi`] for a signed-in person: checks the right, then calls the responsible module.

use crate::console::SignedIn;
use app::port::EvidenceApi;
use app::port::EvidenceList;
use app::port::EvidenceView;
use app::port::Result;
use domain::evidence::Capture;
use domain::evidence::EvidenceId;
use domain::stage::EndpointKey;
use domain::user::Right;

#[async_trait::async_trait]
impl EvidenceApi for SignedIn {
    async fn capture(&self, at: &EndpointKey, what: Capture) -> Result<EvidenceId> {
        self.require(Right::Test).await?;
        self.knowing(at, self.capture_evidence(at, what)).await
    }

    async fn evidence_of(&self, at: &EndpointKey) -> Result<EvidenceList> {
        self.require(Right::See).await?;
        self.list_evidence(at).await
    }

    async fn evidence(&self, id: &EvidenceId) -> Result<EvidenceView> {
        self.require(Right::See).await?;
        self.view_evidence(id).await
    }
}
