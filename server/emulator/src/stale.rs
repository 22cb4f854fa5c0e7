//! Stale reads, put in on purpose: Azure answers a GET from one of several replicas, and some of them learn
//! late. For some seconds after an operation has Succeeded a read then answers what was there before: the
//! former route, 404 for what was just made, 200 for what was just deleted; flapping, where replicas take
//! turns. Writes always meet the present.
//!
//! A request with the header `x-emulator-witness` is answered what is there now: tests look behind the replicas. What it
//! changes shows at once, so that what others change in a test is there when the test goes on.
//! Everything follows from the settings, their seed, the emulator's clock, and the order of reads.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::arm::call::Call;
use crate::state::{Deployment, Endpoint, State};

/// Longest that a read may be stale, in seconds.
pub const SECONDS_MAX: f64 = 3_600.0;

/// Which reads are stale, and for how long. Nothing is stale by default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StaleReads {
    /// Seconds that a GET of an endpoint goes on answering what was there before.
    pub endpoint_s: f64,
    /// The same for a deployment.
    pub deployment_s: f64,
    /// The same for lists of either.
    pub list_s: f64,
    /// Most stale answers about one change, counted apart for items and for lists; then it is over early.
    pub reads_max: Option<u32>,
    /// Whether old and new answers alternate, as the seed says.
    pub flapping: bool,
    /// What flapping is derived from.
    pub seed: u64,
}

impl StaleReads {
    /// What is wrong with it; `None` when it can be used.
    pub fn problem(&self) -> Option<String> {
        let all = [self.endpoint_s, self.deployment_s, self.list_s];
        let is_legal = |seconds: &f64| (0.0..=SECONDS_MAX).contains(seconds);
        (!all.iter().all(is_legal)).then(|| {
            format!("endpoint_s, deployment_s and list_s are from 0 to {SECONDS_MAX} seconds")
        })
    }

    fn is_off(&self) -> bool {
        self.endpoint_s == 0.0 && self.deployment_s == 0.0 && self.list_s == 0.0
    }
}

/// What a read finds that is not up to date.
#[derive(Clone, Debug)]
pub enum Former {
    /// It was not there.
    Absent,
    /// An endpoint as it was.
    Endpoint(Box<Endpoint>),
    /// A deployment as it was.
    Deployment(Box<Deployment>),
}

/// How something is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Read {
    /// By itself.
    Item,
    /// In a list.
    List,
}

/// A workspace, an endpoint, and a deployment, in lower case.
type Key = (String, String, Option<String>);

/// A change of which some replicas have not learned.
#[derive(Debug)]
struct Late {
    former: Former,
    /// Until when, and how many stale answers there were: of the item, of lists.
    reads: [(OffsetDateTime, u32); 2],
    /// Reads so far, stale or not.
    read: u64,
    number: u64,
}

#[derive(Debug, Default)]
struct Kept {
    settings: StaleReads,
    /// What was there before operations that are under way, by their ids.
    before: HashMap<String, Former>,
    late: BTreeMap<Key, Late>,
    changes: u64,
    answered: u64,
}

/// The stale reads of one emulator.
#[derive(Debug, Default)]
pub struct Stale(Mutex<Kept>);

fn key((ws, e, d): (&str, &str, Option<&str>)) -> Key {
    (ws.to_owned(), e.to_owned(), d.map(str::to_owned))
}

impl Stale {
    /// With these settings.
    pub fn new(settings: StaleReads) -> Self {
        Self(Mutex::new(Kept { settings, ..Kept::default() }))
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the settings, and forgets what was late.
    pub fn set(&self, settings: StaleReads) {
        *self.lock() = Kept { settings, ..Kept::default() };
    }

    /// The settings, and how many stale answers there were since they were made.
    pub fn told(&self) -> (StaleReads, u64) {
        let kept = self.lock();
        (kept.settings.clone(), kept.answered)
    }

    /// Keeps what is there before an operation changes it. `is_new` says that it makes its resource.
    pub fn begins(
        &self,
        id: &str,
        state: &State,
        (ws, e, d): (&str, &str, Option<&str>),
        is_new: bool,
    ) {
        let mut kept = self.lock();
        if kept.settings.is_off() {
            return;
        }
        let endpoint = state.workspaces.get(ws).and_then(|workspace| workspace.endpoints.get(e));
        let former = match d {
            _ if is_new => Some(Former::Absent),
            None => endpoint.cloned().map(Box::new).map(Former::Endpoint),
            Some(d) => {
                let deployment = endpoint.and_then(|endpoint| endpoint.deployments.get(d));
                deployment.cloned().map(Box::new).map(Former::Deployment)
            }
        };
        if let Some(former) = former {
            kept.before.insert(id.to_owned(), former);
        }
    }

    /// What a witness asked for is known to all replicas at once.
    pub fn asked_by(&self, call: &Call, id: &str) {
        if call.is_witness {
            self.lock().before.remove(id);
        }
    }

    /// An operation has ended: where it Succeeded, some reads learn of it late.
    pub fn ended(
        &self,
        id: &str,
        at: (&str, &str, Option<&str>),
        is_ok: bool,
        now: OffsetDateTime,
    ) {
        let mut kept = self.lock();
        let Some(former) = kept.before.remove(id).filter(|_| is_ok) else { return };
        let settings = &kept.settings;
        let item_s = if at.2.is_some() { settings.deployment_s } else { settings.endpoint_s };
        let until = |seconds: f64| (now + Duration::seconds_f64(seconds), 0);
        let reads = [until(item_s), until(settings.list_s)];
        kept.changes += 1;
        let number = kept.changes;
        kept.late.insert(key(at), Late { former, reads, read: 0, number });
    }

    /// What a GET finds instead of the present, if it is a stale one; a witness is never answered so.
    pub fn item(
        &self,
        at: (&str, &str, Option<&str>),
        call: &Call,
        now: OffsetDateTime,
    ) -> Option<Former> {
        if call.is_witness { None } else { self.found(at, Read::Item, now) }
    }

    fn found(
        &self,
        at: (&str, &str, Option<&str>),
        read: Read,
        now: OffsetDateTime,
    ) -> Option<Former> {
        let mut kept = self.lock();
        let kept = &mut *kept;
        let key = key(at);
        let late = kept.late.get_mut(&key)?;
        if late.reads.iter().all(|(until, _)| *until <= now) {
            kept.late.remove(&key);
            return None;
        }
        late.read += 1;
        let (seed, turn) = (kept.settings.seed ^ mixed(late.number), late.read);
        let (until, answers) = &mut late.reads[usize::from(read == Read::List)];
        let is_over =
            *until <= now || kept.settings.reads_max.is_some_and(|reads_max| *answers >= reads_max);
        // The first is always stale: otherwise a change might pass without any.
        let is_fresh = kept.settings.flapping && turn > 1 && mixed(seed ^ turn) & 1 == 0;
        if is_over || is_fresh {
            return None;
        }
        *answers += 1;
        kept.answered += 1;
        Some(late.former.clone())
    }

    /// What lists show differently: the deployments of an endpoint, or the endpoints of a workspace when there
    /// is none.
    pub fn listed(
        &self,
        (ws, e): (&str, Option<&str>),
        call: &Call,
        now: OffsetDateTime,
    ) -> Vec<(String, Former)> {
        if call.is_witness {
            return Vec::new();
        }
        let keys: Vec<Key> = self.lock().late.keys().cloned().collect();
        let below = |(workspace, endpoint, deployment): &Key| match e {
            None => workspace == ws && deployment.is_none(),
            Some(e) => workspace == ws && endpoint == e && deployment.is_some(),
        };
        let read = |(workspace, endpoint, deployment): Key| {
            let at = (workspace.as_str(), endpoint.as_str(), deployment.as_deref());
            let former = self.found(at, Read::List, now)?;
            Some((deployment.unwrap_or(endpoint), former))
        };
        keys.into_iter().filter(below).filter_map(read).collect()
    }
}

/// Every bit of the answer depends on every bit of the number (SplitMix64).
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
