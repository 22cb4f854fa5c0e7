//! What a request knows to be secret while it is answered.

use super::SignedIn;
use crate::redact;
use app::domain::stage::EndpointKey;

impl SignedIn {
    /// Answers a request about an endpoint, knowing the secrets of its deployments and what is learnt on the way: no
    /// text of it repeats them.
    pub(super) async fn knowing<T>(&self, at: &EndpointKey, answer: impl Future<Output = T>) -> T {
        let place = self.services.stages.get(&at.stage);
        let secrets = place.map(|place| place.observer.secrets(&at.endpoint)).unwrap_or_default();
        redact::within(secrets, Box::pin(answer)).await
    }
}

/// Answers a request that learns on the way what its texts must not repeat.
pub(super) async fn learning<T>(answer: impl Future<Output = T>) -> T {
    redact::within(redact::Values::default(), Box::pin(answer)).await
}
