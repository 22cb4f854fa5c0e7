//! The console of one person, for one request.

use super::{Services, views};
use crate::history::Asker;
use crate::stages::Place;
use app::domain::endpoint::Endpoint;
use app::domain::stage::EndpointKey;
use app::domain::timestamp::Timestamp;
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
}

impl SignedIn {
    pub(super) fn place(&self, at: &EndpointKey) -> Result<&Arc<Place>> {
        self.services.stages.get(&at.stage)
    }

    /// The endpoint as last observed; read now when the console has just started.
    pub(super) async fn observed(&self, at: &EndpointKey) -> Result<Arc<Endpoint>> {
        let place = self.place(at)?;
        views::endpoint(place, at).await
    }
}
