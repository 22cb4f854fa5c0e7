//! The console of one person, for one request.

use super::Services;
use crate::history::Asker;
use crate::stages::Place;
use app::domain::endpoint::Endpoint;
use app::domain::stage::EndpointKey;
use app::domain::timestamp::Timestamp;
use app::error::ConsoleError;
use app::port::Result;
use std::sync::Arc;

/// The console of one signed-in person.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// What all share.
    pub services: Arc<Services>,
    /// Who, and in which request.
    pub asker: Asker,
    /// When they signed in.
    pub signed_in: Timestamp,
    /// When the session ends at the latest.
    pub ends: Timestamp,
    /// Minutes without a request after which it ends.
    pub idle_minutes: u32,
    /// The session's handle.
    pub session: String,
}

impl SignedIn {
    pub(super) fn place(&self, at: &EndpointKey) -> Result<&Arc<Place>> {
        self.services.stages.get(&at.stage)
    }

    /// The endpoint as last observed; read now when the console has just started.
    pub(super) async fn observed(&self, at: &EndpointKey) -> Result<Arc<Endpoint>> {
        self.endpoint_at(self.place(at)?, at).await
    }

    /// Counts a read of Azure or GitHub that only this person causes.
    ///
    /// # Errors
    /// [`ConsoleError::TooMany`] when they cause more of them than one person may.
    pub(super) fn may_read(&self) -> Result<()> {
        if self.services.limits.read(&self.asker.id()) {
            return Ok(());
        }
        Err(ConsoleError::TooMany(
            "You have asked for more than one person may have read from Azure and GitHub at once. Wait a few \
             seconds, and try again; nothing was changed."
                .to_owned(),
        ))
    }
}
