//! Measured traffic, read from Azure Monitor once for all viewers of an endpoint.

use crate::azure::{self, metrics};
use crate::stages::Place;
use app::domain::endpoint::Endpoint;
use app::domain::name::{DeploymentName, EndpointName};
use app::domain::stage::EndpointKey;
use app::domain::timestamp::Timestamp;
use app::domain::traffic::{Minute, Series, Traffic, WINDOW_MINUTES};
use futures::future::try_join_all;
use std::collections::HashMap;
use std::sync::{Arc, Mutex as SyncMutex, PoisonError};
use std::time::Duration;
use tokio::sync::Mutex;

const MINUTE_MS: i64 = 60_000;
/// Endpoints whose traffic is kept.
const KEPT_MAX: usize = 2_000;

type Slot = Arc<Mutex<Option<(Timestamp, Traffic)>>>;

/// The latest traffic of each endpoint that somebody looked at.
#[derive(Debug)]
pub struct TrafficCache {
    age_max: Duration,
    slots: SyncMutex<HashMap<EndpointKey, Slot>>,
}

impl TrafficCache {
    /// One that asks Azure Monitor again when what it has is older than `age_max`.
    #[must_use]
    pub fn new(age_max: Duration) -> Self {
        Self { age_max, slots: SyncMutex::default() }
    }

    /// How often it makes sense to ask.
    #[must_use]
    pub fn age_max(&self) -> Duration {
        self.age_max
    }

    /// An endpoint's traffic. When Azure Monitor does not answer, the last known with the reason.
    pub async fn of(&self, place: &Place, endpoint: &Endpoint, now: Timestamp) -> Traffic {
        let slot = self.slot(&endpoint.key);
        // Held while reading: others wait for the one read instead of asking as well.
        let mut kept = slot.lock().await;
        let age_max = i64::try_from(self.age_max.as_millis()).unwrap_or(i64::MAX);
        if let Some((at, traffic)) = &*kept {
            // What could not be read is not asked for again at once, either.
            let same =
                traffic.trouble.is_some() || traffic.series.len() == endpoint.deployments.len();
            if now.0 - at.0 < age_max && same {
                return traffic.clone();
            }
        }
        let traffic = match read(place, endpoint, now).await {
            Ok(traffic) => traffic,
            Err(error) => {
                tracing::warn!(endpoint = %endpoint.key.endpoint, %error, "metrics");
                let empty = Traffic { start: start(now), series: Vec::new(), trouble: None };
                let known = kept.take().map_or(empty, |(_, traffic)| traffic);
                let trouble = Some(format!("{error}. The charts show what was known before."));
                Traffic { trouble, ..known }
            }
        };
        *kept = Some((now, traffic.clone()));
        traffic
    }

    fn slot(&self, key: &EndpointKey) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= KEPT_MAX && !slots.contains_key(key) {
            // Any one: whoever asks for many does not empty the others' with it.
            let any = slots.keys().next().cloned();
            any.map(|any| slots.remove(&any));
        }
        Arc::clone(slots.entry(key.clone()).or_default())
    }
}

/// The start of the window's first minute: the last minute is the one that is running.
pub(super) fn start(now: Timestamp) -> Timestamp {
    let this_minute = now.0.div_euclid(MINUTE_MS) * MINUTE_MS;
    let window = i64::try_from(WINDOW_MINUTES).unwrap_or(0) - 1;
    Timestamp(this_minute - window * MINUTE_MS)
}

async fn read(place: &Place, endpoint: &Endpoint, now: Timestamp) -> Result<Traffic, azure::Error> {
    let start = start(now);
    let names = endpoint.deployments.iter().map(|deployment| &deployment.name);
    let each = names.map(|name| series(place, &endpoint.key.endpoint, name, start, WINDOW_MINUTES));
    Ok(Traffic { start, series: try_join_all(each).await?, trouble: None })
}

/// One deployment's minutes from `start`. Azure Monitor knows a new deployment only after a while: until then
/// nothing was measured.
pub(crate) async fn series(
    place: &Place,
    endpoint: &EndpointName,
    name: &DeploymentName,
    start: Timestamp,
    minutes: usize,
) -> Result<Series, azure::Error> {
    let (arm, workspace) = (&place.arm, &place.workspace);
    match metrics::series(arm, workspace, endpoint, name, start, minutes).await {
        Err(azure::Error::NotFound(_)) => {
            let minutes = vec![Minute::default(); minutes];
            Ok(Series { deployment: name.clone(), minutes })
        }
        series => series,
    }
}
