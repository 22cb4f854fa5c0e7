//! One observer per stage reads ARM, whatever the number of viewers, and keeps the result.
//!
//! A round lists the endpoints (one read) and then the deployments of the endpoints that matter now: those that
//! somebody watches, that are busy, have changed or were not read yet, and a few others in turn. So the reads per
//! round do not grow with the number of viewers, and hardly with that of endpoints.
//!
//! Data that only some pages need is read on demand and shared: [`traffic`], and the facts for guards ([`surroundings`]).

pub mod change_windows;
mod context;
mod digests;
mod newest_read;
mod phase;
pub mod recent;
mod round;
mod rounds;
mod slots;
pub mod surroundings;
pub mod traffic;
pub(crate) mod ttl_cache;

use crate::azure::endpoints;
use crate::lock::lock;
use crate::outside::caps::{ROUND_FRESH_MAX, ROUND_TIME_MAX};
use crate::patience::Patience;
use crate::planner::bodies::{Bodies, Body};
use crate::redact::Values;
use domain::endpoint::Endpoint;
use domain::name::{DeploymentName, EndpointName};
use domain::stage::{EndpointKey, Freshness};
use newest_read::{Gone, NewestRead};
use recent::Recent;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::{Notify, watch};

pub use context::{Probing, Rules, StageContext, Stages};
pub(crate) use round::{read_deployments, read_with_bodies};
pub use rounds::run;

/// How long a page waits for a round at most.
const ROUND_WAIT: Duration = Duration::from_secs(10);
/// How long a missing endpoint is not looked for again.
const ABSENT_MOMENT: Duration = Duration::from_secs(2);
/// Maximum number of names remembered as missing.
const ABSENT_MAX: usize = 1_000;

/// The last observed state of a stage.
#[derive(Debug, Clone)]
pub struct Observation {
    pub freshness: Freshness,
    pub endpoints: BTreeMap<EndpointName, Arc<Endpoint>>,
    /// Azure's bodies of the endpoints, for comparing fields.
    pub bodies: BTreeMap<EndpointName, Arc<Bodies>>,
}

/// How long a round may take.
#[derive(Debug, Clone, Copy)]
pub struct RoundTime {
    /// After this time the pages no longer call the state fresh.
    pub fresh: Duration,
    /// After this time the round is given up.
    pub whole: Duration,
}

impl Default for RoundTime {
    fn default() -> Self {
        Self { fresh: ROUND_FRESH_MAX, whole: ROUND_TIME_MAX }
    }
}

/// The number of rounds so far.
#[derive(Debug, Clone, Copy, Default)]
struct Rounds {
    begun: u64,
    ended: u64,
}

/// A stage's shared observation.
#[derive(Debug)]
pub struct Observer {
    seen: watch::Sender<Arc<Observation>>,
    poke: Notify,
    rounds: watch::Sender<Rounds>,
    absent: Recent<EndpointName, ()>,
    watched: Mutex<BTreeMap<EndpointName, usize>>,
    interval: Duration,
    round_time: RoundTime,
    patience: Patience,
    endpoints_held: Mutex<NewestRead<EndpointName>>,
    deployments_held: Mutex<NewestRead<(EndpointName, DeploymentName)>>,
    gone: Mutex<Gone>,
}

impl Observer {
    /// Reads every `interval` once [`run`] is running.
    #[must_use]
    pub fn new(interval: Duration, patience: Patience) -> Self {
        let nothing = Observation {
            freshness: Freshness::Waiting,
            endpoints: BTreeMap::new(),
            bodies: BTreeMap::new(),
        };
        Self {
            seen: watch::Sender::new(Arc::new(nothing)),
            poke: Notify::new(),
            rounds: watch::Sender::default(),
            absent: Recent::new(ABSENT_MOMENT.min(interval), ABSENT_MAX),
            watched: Mutex::default(),
            interval,
            round_time: RoundTime::default(),
            patience,
            endpoints_held: Mutex::default(),
            deployments_held: Mutex::default(),
            gone: Mutex::default(),
        }
    }

    /// Sets other time limits for rounds.
    #[must_use]
    pub fn taking(self, round_time: RoundTime) -> Self {
        Self { round_time, ..self }
    }

    /// The current observation.
    #[must_use]
    pub fn now(&self) -> Arc<Observation> {
        Arc::clone(&self.seen.borrow())
    }

    /// The observed secrets of an endpoint and its deployments.
    #[must_use]
    pub fn secrets(&self, endpoint: &EndpointName) -> Values {
        let seen = self.now();
        seen.bodies.get(endpoint).map(|bodies| bodies.secrets()).unwrap_or_default()
    }

    /// Whether an endpoint was observed.
    #[must_use]
    pub fn knows(&self, at: &EndpointKey) -> bool {
        self.seen.borrow().endpoints.contains_key(&at.endpoint)
    }

    /// Whether Azure currently reports an older state of an endpoint than the pages show.
    #[must_use]
    pub fn is_behind(&self, endpoint: &EndpointName) -> bool {
        lock(&self.endpoints_held).holds(endpoint)
    }

    /// Why a read of an endpoint is older than the observation; `None` when it is not.
    #[must_use]
    pub fn is_ahead_of(&self, read: &Endpoint, body: &Value) -> Option<String> {
        let seen = self.now();
        let name = &read.key.endpoint;
        if newest_read::is_before(body, &seen.bodies.get(name)?.endpoint.value()) {
            return Some(format!("Azure still reports the former state of {name}."));
        }
        let known = seen.endpoints.get(name)?;
        let missing = known.deployments.iter().find(|one| read.deployment(&one.name).is_none())?;
        Some(format!("Azure does not find {}, but found it a moment ago.", missing.name))
    }

    /// Adds the state that a run has read back, because lists may lag behind.
    pub fn learn(&self, read: &endpoints::Read) {
        self.seen.send_if_modified(|seen| {
            let name = &read.endpoint.key.endpoint;
            let Some(known) = seen.endpoints.get(name) else { return false };
            let deployments = known.deployments.clone();
            let endpoint = Endpoint { deployments, ..read.endpoint.clone() };
            let is_news = **known != endpoint;
            let mut next = Observation::clone(seen);
            let mut bodies =
                next.bodies.get(name).map(|all| Bodies::clone(all)).unwrap_or_default();
            bodies.endpoint = Body::new(&read.body);
            next.endpoints.insert(name.clone(), Arc::new(endpoint));
            next.bodies.insert(name.clone(), Arc::new(bodies));
            *seen = Arc::new(next);
            is_news
        });
    }

    /// Follows the observation.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Arc<Observation>> {
        self.seen.subscribe()
    }

    /// Requests a round as soon as the minimum pause after the last one has passed.
    pub fn poke(&self) {
        self.poke.notify_one();
    }

    /// Waits for a round that begins after this call, for at most `ROUND_WAIT`. All waiting callers share the
    /// round, so pages about unobserved endpoints cause no additional reads.
    pub async fn next_round(&self) {
        let mut rounds = self.rounds.subscribe();
        let now = *rounds.borrow_and_update();
        // The first round is new enough even if it has begun already.
        let wanted = if now.ended == 0 { 1 } else { now.begun + 1 };
        self.poke();
        let ended = rounds.wait_for(|rounds| rounds.ended >= wanted);
        let _ = tokio::time::timeout(ROUND_WAIT, ended).await;
    }

    /// [`Self::next_round`] for an endpoint that was not observed. Remembers for a moment that it is missing.
    pub async fn look_for(&self, endpoint: &EndpointName) {
        self.absent.get(endpoint, self.next_round()).await;
    }

    /// Marks an endpoint as watched until the result is dropped.
    #[must_use]
    pub fn watch(self: &Arc<Self>, endpoint: &EndpointName) -> Watching {
        *self.lock().entry(endpoint.clone()).or_default() += 1;
        Watching { observer: Arc::clone(self), endpoint: endpoint.clone() }
    }

    fn is_watched(&self, endpoint: &EndpointName) -> bool {
        self.lock().contains_key(endpoint)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<EndpointName, usize>> {
        lock(&self.watched)
    }
}

/// Keeps an endpoint marked as watched.
#[derive(Debug)]
pub struct Watching {
    observer: Arc<Observer>,
    endpoint: EndpointName,
}

impl Drop for Watching {
    fn drop(&mut self) {
        let mut watched = self.observer.lock();
        if let Some(count) = watched.get_mut(&self.endpoint) {
            *count -= 1;
            if *count == 0 {
                watched.remove(&self.endpoint);
            }
        }
    }
}
