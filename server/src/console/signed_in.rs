//! The console for one person and one request.

use super::Services;
use crate::entries::Principal;
use crate::stages::StageContext;
use app::error::ConsoleError;
use app::port::Result;
use domain::endpoint::Endpoint;
use domain::stage::EndpointKey;
use domain::timestamp::Timestamp;
use std::sync::Arc;

/// The console of one signed-in person.
#[derive(Debug, Clone)]
pub struct SignedIn {
    pub services: Arc<Services>,
    /// The person and the request.
    pub principal: Principal,
    pub signed_in: Timestamp,
    /// When the session ends at the latest.
    pub ends: Timestamp,
    /// Minutes without a request after which the session ends.
    pub idle_minutes: u32,
    pub session: String,
}

impl SignedIn {
    pub(super) fn place(&self, at: &EndpointKey) -> Result<&Arc<StageContext>> {
        self.services.stages.get(&at.stage)
    }

    /// The endpoint as last observed. Reads Azure if the endpoint was not observed yet.
    pub(super) async fn observed(&self, at: &EndpointKey) -> Result<Arc<Endpoint>> {
        self.endpoint_at(self.place(at)?, at).await
    }

    /// Counts a read of Azure or GitHub that only this person causes.
    ///
    /// # Errors
    /// [`ConsoleError::TooMany`] if the person exceeds the limit of such reads.
    pub(super) fn may_read(&self) -> Result<()> {
        if self.services.limits.read(&self.principal.id()) {
            return Ok(());
        }
        Err(ConsoleError::TooMany(
            "You have reached your limit of reads from Azure and GitHub. Nothing was changed. Wait a few seconds, then \
             try again."
                .to_owned(),
        ))
    }
}
