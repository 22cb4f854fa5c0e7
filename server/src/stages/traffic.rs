//! Traffic measured by Azure Monitor, read once for all viewers of an endpoint.

use super::slots::Slots;
use crate::azure::{self, metrics};
use crate::stages::StageContext;
use domain::endpoint::Endpoint;
use domain::name::{DeploymentName, EndpointName};
use domain::stage::EndpointKey;
use domain::timestamp::Timestamp;
use domain::traffic::{Minute, Series, Traffic, WINDOW_MINUTES};
use futures::future::try_join_all;
use std::time::Duration;

const MINUTE_MS: i64 = 60_000;
/// Maximum number of endpoints whose traffic is cached.
const KEPT_MAX: usize = 2_000;

/// The latest traffic by endpoint.
#[derive(Debug)]
pub struct TrafficCache {
    age_max: Duration,
    slots: Slots<EndpointKey, (Timestamp, Traffic)>,
}

impl TrafficCache {
    /// Empty; traffic is read again after `age_max`.
    #[must_use]
    pub fn new(age_max: Duration) -> Self {
        Self { age_max, slots: Slots::new(KEPT_MAX) }
    }

    /// How long traffic is cached.
    #[must_use]
    pub fn age_max(&self) -> Duration {
        self.age_max
    }

    /// An endpoint's traffic. If Azure Monitor does not respond, the last known traffic with the reason.
    pub async fn of(&self, place: &StageContext, endpoint: &Endpoint, now: Timestamp) -> Traffic {
        let slot = self.slots.slot(&endpoint.key);
        let mut kept = slot.lock().await;
        let age_max = i64::try_from(self.age_max.as_millis()).unwrap_or(i64::MAX);
        if let Some((at, traffic)) = &*kept {
            // Failures are cached, too.
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
                let trouble = Some(format!("{error}. The charts show earlier data."));
                Traffic { trouble, ..known }
            }
        };
        *kept = Some((now, traffic.clone()));
        traffic
    }
}

/// The start of the window, whose last minute is the current one.
pub(super) fn start(now: Timestamp) -> Timestamp {
    let this_minute = now.0.div_euclid(MINUTE_MS) * MINUTE_MS;
    let window = i64::try_from(WINDOW_MINUTES).unwrap_or(0) - 1;
    Timestamp(this_minute - window * MINUTE_MS)
}

async fn read(
    place: &StageContext,
    endpoint: &Endpoint,
    now: Timestamp,
) -> Result<Traffic, azure::Error> {
    let start = start(now);
    let names = endpoint.deployments.iter().map(|deployment| &deployment.name);
    let each = names.map(|name| series(place, &endpoint.key.endpoint, name, start, WINDOW_MINUTES));
    Ok(Traffic { start, series: try_join_all(each).await?, trouble: None })
}

/// One deployment's minutes from `start`. Azure Monitor does not find a new deployment at first; its minutes are then
/// empty.
pub(crate) async fn series(
    place: &StageContext,
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
