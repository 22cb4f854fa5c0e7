//! Probes an endpoint while a run sets its route, to measure what clients notice.
//!
//! Probing begins when the run begins the step that sets the route, and ends when the route is verified. A separate
//! task sends the probes, so it neither delays the run nor makes it fail. The rate is fixed (an open loop), so a slow
//! response does not cause a pause in which nothing is measured.

mod phase;

use crate::azure::endpoints::{self, bearer};
use crate::azure::scoring::{self, Met};
use crate::clock::Clock;
use crate::lock::lock;
use crate::stages::{Probing, StageContext};
use crate::store::evidence::Evidences;
use domain::endpoint::Endpoint;
use domain::evidence::own::OwnCalls;
use domain::name::DeploymentName;
use domain::run::RunId;
use domain::run::measured::{Probe, Tally};
use domain::stage::EndpointKey;
use domain::timestamp::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::MissedTickBehavior;

pub use phase::Probed;

/// Timeout of a probe.
const WAIT_MAX: Duration = Duration::from_secs(5);
/// Maximum number of open probes: as many as the highest rate sends within the timeout.
const OPEN_MAX: usize = 250;
/// Maximum duration of probing. A change that takes longer is stuck.
const LASTS_MAX: Duration = Duration::from_secs(15 * 60);
/// Interval at which the console's own requests are stored.
const WRITTEN_EVERY: Duration = Duration::from_secs(10);
/// Pause before the next attempt to get the key.
const KEY_PAUSE: Duration = Duration::from_secs(2);

/// The probers of this process, by run.
#[derive(Debug, Default)]
pub struct Probes(Mutex<HashMap<RunId, Prober>>);

/// Probes one route change. Dropping the prober stops the probes.
#[derive(Debug)]
struct Prober {
    /// The step that sets the route.
    step: u32,
    count: Arc<Mutex<Count>>,
    task: AbortHandle,
    book: Book,
}

impl Drop for Prober {
    fn drop(&mut self) {
        self.task.abort();
        let (count, book) = (Arc::clone(&self.count), self.book.clone());
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                lock(&count).give_up(book.clock.now());
                book.write(&count).await;
            });
        }
    }
}

/// Stores the probes, so that evidence can exclude them.
#[derive(Debug, Clone)]
pub struct Book {
    pub evidence: Evidences,
    pub clock: Clock,
    pub at: EndpointKey,
}

impl Book {
    /// Stores the requests since the last call, or keeps them for the next call if the store fails.
    async fn write(&self, count: &Mutex<Count>) {
        let own = std::mem::take(&mut lock(count).own);
        if let Err(error) = self.evidence.count_own(&self.at, &own).await {
            tracing::warn!(%error, "could not store the console's own requests");
            lock(count).own.extend(own);
        }
    }
}

#[derive(Debug, Default)]
struct Count {
    tally: Tally,
    worst: Duration,
    /// The start of each open probe, by its number.
    open: BTreeMap<u64, Instant>,
    next: u64,
    /// Why no probe can be sent.
    trouble: Option<String>,
    /// The requests that are not stored yet, by deployment and minute.
    own: Vec<OwnCalls>,
}

impl Probes {
    /// Probes an endpoint while `step` of a run sets its route, unless that has begun already. `is_late` means that
    /// the route may have been sent before.
    pub fn accompany(
        &self,
        run: &RunId,
        step: u32,
        is_late: bool,
        place: &Arc<StageContext>,
        book: Book,
    ) {
        let Some(probing) = place.probing.clone() else { return };
        let mut probers = lock(&self.0);
        if probers.get(run).is_some_and(|prober| prober.step == step) {
            return;
        }
        let tally = Tally { is_late, ..Tally::default() };
        let count = Arc::new(Mutex::new(Count { tally, ..Count::default() }));
        let work = probe(probing, Arc::clone(place), book.clone(), Arc::clone(&count));
        let task = tokio::spawn(work).abort_handle();
        probers.insert(run.clone(), Prober { step, count, task, book });
    }

    /// The counts so far while a run sets a route; `None` without a prober.
    #[must_use]
    pub fn so_far(&self, run: &RunId) -> Option<Probe> {
        lock(&self.0).get(run).map(|prober| lock(&prober.count).told())
    }

    /// Ends the probing for a run.
    pub fn stop(&self, run: &RunId) {
        lock(&self.0).remove(run);
    }
}

impl Count {
    fn told(&self) -> Probe {
        let waited = self.open.values().map(Instant::elapsed).max().unwrap_or_default();
        let worst = u32::try_from(self.worst.max(waited).as_millis()).unwrap_or(u32::MAX);
        let open = u32::try_from(self.open.len()).unwrap_or(u32::MAX);
        match &self.trouble {
            Some(why) if self.next == 0 => Probe::Impossible { why: why.clone() },
            _ => {
                let worst_ms = (self.next > 0).then_some(worst);
                Probe::Tally(Tally { open, worst_ms, ..self.tally })
            }
        }
    }

    fn begin(&mut self) -> u64 {
        self.next += 1;
        self.open.insert(self.next, Instant::now());
        self.next
    }

    /// Counts a sent request as Azure counts it.
    fn sent(&mut self, deployment: Option<DeploymentName>, at: Timestamp, status: Option<u16>) {
        let one = OwnCalls::one(deployment, false, at, status);
        let is_same = |known: &&mut OwnCalls| {
            known.deployment == one.deployment && known.minute == one.minute
        };
        match self.own.iter_mut().find(is_same) {
            Some(known) => {
                known.calls += one.calls;
                known.errors += one.errors;
            }
            None => self.own.push(one),
        }
    }

    /// Counts the open probes as sent, because Azure counts them too.
    fn give_up(&mut self, at: Timestamp) {
        for _ in 0..std::mem::take(&mut self.open).len() {
            self.sent(None, at, None);
        }
    }

    fn end(&mut self, number: u64, met: Met) {
        let took = self.open.remove(&number).map(|since| since.elapsed()).unwrap_or_default();
        self.worst = self.worst.max(took);
        self.tally.done += 1;
        match met {
            Met::Answer => {}
            Met::ModelError => self.tally.model_errors += 1,
            Met::Nothing => self.tally.failed += 1,
        }
    }
}

/// The address and the key of an endpoint.
struct Line {
    uri: String,
    secret: SecretString,
}

async fn probe(probing: Probing, place: Arc<StageContext>, book: Book, count: Arc<Mutex<Count>>) {
    let Ok(line) = tokio::time::timeout(LASTS_MAX, line(&place, &book.at, &count)).await else {
        return;
    };
    let line = Arc::new(line);
    let mut beat = tokio::time::interval(probing.interval());
    beat.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let began = Instant::now();
    let mut written = began;
    let mut open = JoinSet::new();
    while began.elapsed() < LASTS_MAX {
        beat.tick().await;
        while open.try_join_next().is_some() {}
        if written.elapsed() > WRITTEN_EVERY {
            written = Instant::now();
            let (book, count) = (book.clone(), Arc::clone(&count));
            tokio::spawn(async move { book.write(&count).await });
        }
        let number = lock(&count).begin();
        if open.len() >= OPEN_MAX {
            lock(&count).end(number, Met::Nothing);
            continue;
        }
        let (place, line, count) = (Arc::clone(&place), Arc::clone(&line), Arc::clone(&count));
        let (body, clock) = (probing.body.clone(), book.clock.clone());
        open.spawn(async move {
            let probed =
                scoring::probe(&place.arm, &line.uri, line.secret.expose_secret(), body, WAIT_MAX)
                    .await;
            let by = probed.answered_by.and_then(|name| name.parse().ok());
            let mut count = lock(&count);
            count.sent(by, clock.now(), probed.status);
            count.end(number, probed.met);
        });
    }
    open.join_all().await;
}

/// Retries until the address and the key are known.
async fn line(place: &StageContext, at: &EndpointKey, count: &Mutex<Count>) -> Line {
    loop {
        match try_line(place, at).await {
            Ok(line) => {
                lock(count).trouble = None;
                return line;
            }
            Err(why) => lock(count).trouble = Some(why),
        }
        tokio::time::sleep(KEY_PAUSE).await;
    }
}

async fn try_line(place: &StageContext, at: &EndpointKey) -> Result<Line, String> {
    let (arm, workspace) = (&place.arm, &place.workspace);
    let known = place.observer.now().endpoints.get(&at.endpoint).cloned();
    let endpoint: Arc<Endpoint> = match known {
        Some(known) => known,
        None => {
            let read = endpoints::get(arm, workspace, at).await;
            Arc::new(read.map_err(|error| format!("{error}."))?.endpoint)
        }
    };
    let uri = endpoint.scoring_uri.clone();
    let uri = uri.ok_or_else(|| "the endpoint has no scoring URI yet.".to_owned())?;
    arm.cloud().inference.allowed(&uri).map_err(|error| format!("{error}."))?;
    let secret = bearer(arm, workspace, &endpoint).await;
    let secret =
        secret.map_err(|error| format!("the endpoint's key could not be read: {error}."))?;
    Ok(Line { uri, secret: secret.into() })
}

#[cfg(test)]
mod tests;
