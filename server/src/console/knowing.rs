//! Hides the secrets that a request handles from its response and its log lines.

use super::SignedIn;
use crate::redact;
use domain::intent::Intent;
use domain::stage::EndpointKey;

impl SignedIn {
    /// Handles a request about an endpoint. Texts hide the secrets of the endpoint's deployments, and those learned
    /// while handling the request.
    pub(super) async fn knowing<T>(&self, at: &EndpointKey, answer: impl Future<Output = T>) -> T {
        let place = self.services.stages.get(&at.stage);
        let secrets = place.map(|place| place.observer.secrets(&at.endpoint)).unwrap_or_default();
        redact::within(secrets, Box::pin(answer)).await
    }

    /// Handles a request about an intent, as [`SignedIn::knowing`] if it names its endpoint.
    pub(super) async fn about<T>(&self, intent: &Intent, answer: impl Future<Output = T>) -> T {
        match intent.at() {
            Some(at) => self.knowing(at, answer).await,
            None => learning(answer).await,
        }
    }
}

/// Handles a request. Texts hide the secrets learned while handling it.
pub(super) async fn learning<T>(answer: impl Future<Output = T>) -> T {
    redact::within(redact::Values::default(), Box::pin(answer)).await
}
