//! Waits until an endpoint is settled: Azure is not changing it, and the read includes the console's own writes. A
//! person's request waits for a limited time, then fails with the reason.

use super::Runs;
use super::begin::{Fresh, not_begun, nothing_sent, read};
use super::own_writes::OwnWrites;
use crate::azure;
use crate::stages::StageContext;
use app::error::ConsoleError;
use domain::endpoint::Endpoint;
use domain::stage::EndpointKey;
use serde_json::Value;
use std::sync::Arc;

impl Runs {
    /// Reads an endpoint on which no run is in flight. Reads again for a while if Azure is changing the endpoint, or
    /// still reports the state before the console's own change, because no plan can be based on that.
    pub(crate) async fn fresh(
        &self,
        at: &EndpointKey,
    ) -> Result<(&Arc<StageContext>, Fresh), ConsoleError> {
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
                    format!("Azure does not find {} at the moment.", at.endpoint)
                }
                Err(error) => return Err(nothing_sent(&error)),
            };
            // If the endpoint was really deleted, the observer's next round confirms it.
            place.observer.poke();
            if !request.again().await {
                return Err(try_again(&why, &request.words()));
            }
        }
    }

    /// Why the endpoint is not settled yet; `None` when it is.
    async fn unsettled(
        &self,
        place: &StageContext,
        read: &Fresh,
    ) -> Result<Option<String>, ConsoleError> {
        match changing(&read.endpoint) {
            Some(why) => Ok(Some(why)),
            None => self.former(place, &read.endpoint, read.body()).await,
        }
    }

    /// Why a read of an endpoint predates what the console has written or seen; `None` when it does not.
    async fn former(
        &self,
        place: &StageContext,
        endpoint: &Endpoint,
        body: &Value,
    ) -> Result<Option<String>, ConsoleError> {
        let (at, now, ms) = (&endpoint.key, self.clock.now(), place.patience.late_ms());
        let ours = OwnWrites::within(&self.table, at, now, ms).await;
        let ours = ours.map_err(|error| not_begun(&at.clone().into(), error.into()))?;
        Ok(ours.contradicts(endpoint).or_else(|| place.observer.is_ahead_of(endpoint, body)))
    }

    /// Rejects a read of an endpoint that predates what the console has written or seen.
    pub(crate) async fn check_present(
        &self,
        place: &StageContext,
        endpoint: &Endpoint,
        body: &Value,
    ) -> Result<(), ConsoleError> {
        match self.former(place, endpoint, body).await? {
            None => Ok(()),
            Some(why) => Err(ConsoleError::Unavailable(format!(
                "{why} Nothing was changed; try again in a moment."
            ))),
        }
    }
}

/// Says that Azure is changing an endpoint; `None` when it is not.
pub(crate) fn changing(endpoint: &Endpoint) -> Option<String> {
    let (name, state) = (&endpoint.key.endpoint, endpoint.state);
    state.is_busy().then(|| format!("{name} is {state}: Azure is carrying out another change."))
}

/// The error after a request has waited without success.
pub(crate) fn try_again(why: &str, waited: &str) -> ConsoleError {
    ConsoleError::Unavailable(format!(
        "{why} The console waited {waited} for it. Nothing was sent; try again in a moment."
    ))
}
