//! An endpoint that can be planned on: Azure is not changing it, and what is read is not from before what the
//! console has done to it. A person's request waits a bounded time for that, and says so where it was in vain.

use super::Runs;
use super::begin::{Fresh, not_begun, nothing_sent, read};
use super::ours::Ours;
use crate::azure;
use crate::stages::Place;
use app::domain::endpoint::Endpoint;
use app::domain::stage::EndpointKey;
use app::error::ConsoleError;
use serde_json::Value;
use std::sync::Arc;

impl Runs {
    /// Reads an endpoint on which no run is in flight. While Azure is changing it, or still reports what was
    /// there before the console changed it, it is read again for a while: neither is a base for a plan.
    pub(crate) async fn fresh(
        &self,
        at: &EndpointKey,
    ) -> Result<(&Arc<Place>, Fresh), ConsoleError> {
        let place = self.stages.get(&at.stage)?;
        let request = place.patience.of_request();
        loop {
            self.idle(at).await?;
            let why = match read(place, at).await {
                Ok(read) => match self.unsettled(place, &read).await? {
                    None => return Ok((place, read)),
                    Some(why) => why,
                },
                Err(azure::Error::NotFound(_)) if place.observer.knows(at) => {
                    format!("Azure does not find {} just now.", at.endpoint)
                }
                Err(error) => return Err(nothing_sent(&error)),
            };
            // Where something has really gone, the next round says so.
            place.observer.poke();
            if !request.again().await {
                return Err(try_again(&why, &request.words()));
            }
        }
    }

    /// Why an endpoint cannot be planned on just now, though it can in a moment; `None` when it can.
    async fn unsettled(&self, place: &Place, read: &Fresh) -> Result<Option<String>, ConsoleError> {
        match changing(&read.endpoint) {
            Some(why) => Ok(Some(why)),
            None => self.former(place, &read.endpoint, read.body()).await,
        }
    }

    /// Why what was read of an endpoint is from before what the console has done to it, or has seen of it.
    async fn former(
        &self,
        place: &Place,
        endpoint: &Endpoint,
        body: &Value,
    ) -> Result<Option<String>, ConsoleError> {
        let (at, now, ms) = (&endpoint.key, self.clock.now(), place.patience.late_ms());
        let ours = Ours::within(&self.table, at, now, ms).await;
        let ours = ours.map_err(|error| not_begun(at, error.into()))?;
        Ok(ours.contradicts(endpoint).or_else(|| place.observer.is_ahead_of(endpoint, body)))
    }

    /// Refuses for now what is from before what the console has done to an endpoint, or has seen of it.
    pub(crate) async fn check_present(
        &self,
        place: &Place,
        endpoint: &Endpoint,
        body: &Value,
    ) -> Result<(), ConsoleError> {
        match self.former(place, endpoint, body).await? {
            None => Ok(()),
            Some(why) => Err(ConsoleError::Unavailable(format!(
                "{why} Nothing was done; try again in a moment."
            ))),
        }
    }
}

/// Why an endpoint cannot be planned on just now: Azure is changing it. `None` when it can.
pub(crate) fn changing(endpoint: &Endpoint) -> Option<String> {
    let (name, state) = (&endpoint.key.endpoint, endpoint.state);
    state.is_busy().then(|| format!("{name} is {state}: Azure is carrying out another change."))
}

/// What a person reads whose request has waited in vain.
pub(crate) fn try_again(why: &str, waited: &str) -> ConsoleError {
    ConsoleError::Unavailable(format!(
        "{why} The console waited {waited} for it. Nothing was sent; try again in a moment."
    ))
}
