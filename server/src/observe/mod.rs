//! One observer per stage reads ARM, whatever the number of viewers, and keeps what it saw.
//!
//! A round lists the endpoints (one read) and then the deployments of those that matter now: watched by
//! somebody, busy, changed since, not read yet, and a few others in turn. So the reads per round do not
//! grow with viewers, and hardly with endpoints.
//!
//! What only some pages need is read when they ask, once for all of them: [`traffic`], and what guards
//! may know beside the endpoint ([`facts`]).

pub mod bodies;
pub mod facts;
mod held;
pub(crate) mod kept;
mod phase;
pub mod recent;
mod round;
mod rounds;
pub mod traffic;

use crate::azure::endpoints;
use crate::outside::caps::{ROUND_FRESH_MAX, ROUND_TIME_MAX};
use crate::patience::Patience;
use crate::redact::Values;
use app::domain::endpoint::Endpoint;
use app::domain::name::{DeploymentName, EndpointName};
use app::domain::stage::{EndpointKey, Freshness};
use bodies::{Bodies, Body};
use held::{Gone, Held};
use recent::Recent;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};

pub(crate) use round::{read_deployments, read_with_bodies};
pub use rounds::run;

/// Longest that a page waits for a round.
const ROUND_WAIT: Duration = Duration::from_secs(10);
/// For so long an endpoint that is not there is not looked for again.
const ABSENT_MOMENT: Duration = Duration::from_secs(2);
/// Names of which that is remembered.
const ABSENT_MAX: usize = 1_000;

/// What is known of a stage.
#[derive(Debug, Clone)]
pub struct Observation {
    /// How current it is.
    pub freshness: Freshness,
    /// Its endpoints.
    pub endpoints: BTreeMap<EndpointName, Arc<Endpoint>>,
    /// Azure's own bodies of them, from which fields are compared.
    pub bodies: BTreeMap<EndpointName, Arc<Bodies>>,
}

/// How long a round may take.
#[derive(Debug, Clone, Copy)]
pub struct RoundTime {
    /// After which what is shown is not called fresh any more.
    pub fresh: Duration,
    /// After which it is given up.
    pub whole: Duration,
}

impl Default for RoundTime {
    fn default() -> Self {
        Self { fresh: ROUND_FRESH_MAX, whole: ROUND_TIME_MAX }
    }
}

/// How many rounds there were.
#[derive(Debug, Clone, Copy, Default)]
struct Rounds {
    begun: u64,
    ended: u64,
}

/// A stage's observation, shared.
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
    endpoints_held: Mutex<Held<EndpointName>>,
    deployments_held: Mutex<Held<(EndpointName, DeploymentName)>>,
    gone: Mutex<Gone>,
}

impl Observer {
    /// One that reads every `interval`, once [`run`] is running.
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

    /// The same, whose rounds have another time.
    #[must_use]
    pub fn taking(self, round_time: RoundTime) -> Self {
        Self { round_time, ..self }
    }

    /// What is known now.
    #[must_use]
    pub fn now(&self) -> Arc<Observation> {
        Arc::clone(&self.seen.borrow())
    }

    /// The secrets of an endpoint and its deployments, as far as they were seen.
    #[must_use]
    pub fn secrets(&self, endpoint: &EndpointName) -> Values {
        let seen = self.now();
        seen.bodies.get(endpoint).map(|bodies| bodies.secrets()).unwrap_or_default()
    }

    /// Whether an endpoint was seen.
    #[must_use]
    pub fn knows(&self, at: &EndpointKey) -> bool {
        self.seen.borrow().endpoints.contains_key(&at.endpoint)
    }

    /// Whether Azure reports an endpoint as it was before what is shown.
    #[must_use]
    pub fn is_behind(&self, endpoint: &EndpointName) -> bool {
        lock(&self.endpoints_held).holds(endpoint)
    }

    /// Why what was read of an endpoint is from before what is known of it; `None` when it is not.
    #[must_use]
    pub fn is_ahead_of(&self, read: &Endpoint, body: &Value) -> Option<String> {
        let seen = self.now();
        let name = &read.key.endpoint;
        if held::is_before(body, &seen.bodies.get(name)?.endpoint.value()) {
            return Some(format!("Azure still reports {name} as it was."));
        }
        let known = seen.endpoints.get(name)?;
        let missing = known.deployments.iter().find(|one| read.deployment(&one.name).is_none())?;
        Some(format!("Azure does not find {} just now, and did a moment ago.", missing.name))
    }

    /// Learns what a run has read back: lists may show it later.
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

    /// Follows what is known.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Arc<Observation>> {
        self.seen.subscribe()
    }

    /// Asks for a round at once, or rather when the pause after the last one is over.
    pub fn poke(&self) {
        self.poke.notify_one();
    }

    /// Waits for a round that begins from now on, for as long as that may keep a page waiting. It serves all who
    /// wait: what people ask for that nobody observed costs Azure no more than the rounds do.
    pub async fn next_round(&self) {
        let mut rounds = self.rounds.subscribe();
        let now = *rounds.borrow_and_update();
        // The first round of all is as new as any.
        let wanted = if now.ended == 0 { 1 } else { now.begun + 1 };
        self.poke();
        let ended = rounds.wait_for(|rounds| rounds.ended >= wanted);
        let _ = tokio::time::timeout(ROUND_WAIT, ended).await;
    }

    /// The same for an endpoint that was not observed; that it is not there is remembered for a moment.
    pub async fn look_for(&self, endpoint: &EndpointName) {
        self.absent.get(endpoint, self.next_round()).await;
    }

    /// Says that somebody looks at an endpoint, until the answer is dropped.
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Somebody looks at an endpoint.
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
