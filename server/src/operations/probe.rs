//! What clients would notice while a route is set: the endpoint is probed steadily meanwhile, as any client
//! would call it, and what came back is counted.
//!
//! Probing begins when a run turns to the step that sets a route, and ends when the route was read back. It
//! is a task beside the run: it delays nothing, and nothing that happens to it is a failure of the run. Probes
//! are sent at a fixed rate whatever the answers do (an open loop): a slow answer is a slow answer, not a pause
//! in which nothing is measured.

mod phase;

use crate::azure::endpoints::{self, bearer};
use crate::azure::scoring::{self, Met};
use crate::clock::Clock;
use crate::stages::{Place, Probing};
use crate::store::evidence::Evidences;
use app::domain::endpoint::Endpoint;
use app::domain::evidence::own::OwnCalls;
use app::domain::name::DeploymentName;
use app::domain::run::RunId;
use app::domain::run::measured::{Probe, Tally};
use app::domain::stage::EndpointKey;
use app::domain::timestamp::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::MissedTickBehavior;

pub use phase::Probed;

/// Longest that a probe waits for its answer.
const WAIT_MAX: Duration = Duration::from_secs(5);
/// Probes under way at once: as many as the highest rate has while nothing answers.
const OPEN_MAX: usize = 250;
/// Longest that one change is probed; one that takes longer is stuck.
const LASTS_MAX: Duration = Duration::from_secs(15 * 60);
/// How often what was sent is written down.
const WRITTEN_EVERY: Duration = Duration::from_secs(10);
/// Pause before the key is asked for again.
const KEY_PAUSE: Duration = Duration::from_secs(2);

/// All probing of this process.
#[derive(Debug, Default)]
pub struct Probes(Mutex<HashMap<RunId, Prober>>);

/// One change being probed. Dropping it stops it.
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

/// Where probes are written down, so that evidence can leave them out.
#[derive(Debug, Clone)]
pub struct Book {
    /// The table.
    pub evidence: Evidences,
    /// The time of day.
    pub clock: Clock,
    /// The endpoint that is probed.
    pub at: EndpointKey,
}

impl Book {
    /// Writes down what was counted since the last time; what cannot be written is kept for the next.
    async fn write(&self, count: &Mutex<Count>) {
        let own = std::mem::take(&mut lock(count).own);
        if let Err(error) = self.evidence.count_own(&self.at, &own).await {
            tracing::warn!(%error, "probes could not be counted");
            lock(count).own.extend(own);
        }
    }
}

#[derive(Debug, Default)]
struct Count {
    tally: Tally,
    worst: Duration,
    /// Those under way, by their number, and since when.
    open: BTreeMap<u64, Instant>,
    next: u64,
    /// Why nothing can be sent.
    trouble: Option<String>,
    /// What was sent and is not written down yet, by who answered and the minute.
    own: Vec<OwnCalls>,
}

impl Probes {
    /// Sees to it that an endpoint is probed while `step` of a run sets its route. `is_late` says that the
    /// route may have been sent before.
    pub fn accompany(&self, run: &RunId, step: u32, is_late: bool, place: &Arc<Place>, book: Book) {
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

    /// What was counted so far while a run sets a route; `None` when nobody counts.
    #[must_use]
    pub fn so_far(&self, run: &RunId) -> Option<Probe> {
        lock(&self.0).get(run).map(|prober| lock(&prober.count).told())
    }

    /// Ends the probing for a run.
    pub fn stop(&self, run: &RunId) {
        lock(&self.0).remove(run);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// Counts a request that was sent, as Azure will have counted it.
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

    /// Those that nobody waits for any more were sent all the same.
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

/// Whom to send to, and with what.
struct Line {
    uri: String,
    secret: String,
}

async fn probe(probing: Probing, place: Arc<Place>, book: Book, count: Arc<Mutex<Count>>) {
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
            let probed = scoring::probe(&place.arm, &line.uri, &line.secret, body, WAIT_MAX).await;
            let by = probed.answered_by.and_then(|name| name.parse().ok());
            let mut count = lock(&count);
            count.sent(by, clock.now(), probed.status);
            count.end(number, probed.met);
        });
    }
    open.join_all().await;
}

/// Asks until it knows.
async fn line(place: &Place, at: &EndpointKey, count: &Mutex<Count>) -> Line {
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

async fn try_line(place: &Place, at: &EndpointKey) -> Result<Line, String> {
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
    let uri = uri.ok_or_else(|| "it has no scoring URI yet.".to_owned())?;
    arm.cloud().inference.allowed(&uri).map_err(|error| format!("{error}."))?;
    let secret = bearer(arm, workspace, &endpoint).await;
    let secret = secret.map_err(|error| format!("its key could not be read: {error}."))?;
    Ok(Line { uri, secret })
}

#[cfg(test)]
mod tests;
