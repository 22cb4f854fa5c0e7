//! Deliberately stale reads. Azure answers a GET from one of several replicas, and some of them lag behind.
//! For some seconds after an operation has Succeeded, a read then returns the previous state: the old
//! route, 404 for a new resource, 200 for a deleted one. With flapping, old and new answers alternate.
//! Writes always use the current state.
//!
//! A request with the header `x-emulator-witness` reads the current state, so tests can see behind the
//! replicas. Its own changes are visible at once, so a test can continue right after an outside change. The
//! settings, their seed, the emulator's clock and the order of reads determine every answer.

use std::collections::{BTreeMap, HashMap};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::protocol::call::Call;
use crate::state::{At, Deployment, Endpoint, State};

/// The longest time for which a read may be stale, in seconds.
pub const SECONDS_MAX: f64 = 3_600.0;

/// Which reads are stale, and for how long. By default none are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StaleReads {
    /// Seconds for which a GET of an endpoint returns the previous state.
    pub endpoint_s: f64,
    /// The same for a deployment.
    pub deployment_s: f64,
    /// The same for lists of both.
    pub list_s: f64,
    /// The highest number of stale answers about one change, counted separately for items and lists. Ends
    /// the stale state early.
    pub reads_max: Option<u32>,
    /// Whether old and new answers alternate, as determined by the seed.
    pub flapping: bool,
    /// The seed of flapping.
    pub seed: u64,
}

impl StaleReads {
    /// Why the settings are invalid; `None` if they are valid.
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

/// The previous state that a stale read returns.
#[derive(Clone, Debug)]
pub enum Former {
    /// It did not exist.
    Absent,
    Endpoint(Box<Endpoint>),
    Deployment(Box<Deployment>),
}

/// How something is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Read {
    /// As a single item.
    Item,
    /// In a list.
    List,
}

/// A workspace, an endpoint, and a deployment, in lower case.
type Key = (String, String, Option<String>);

/// A change that some replicas do not show yet.
#[derive(Debug)]
struct Late {
    former: Former,
    /// The end of the stale state, and the number of stale answers, for items and lists.
    reads: [(OffsetDateTime, u32); 2],
    /// Reads so far, stale or not.
    read: u64,
    number: u64,
}

#[derive(Debug, Default)]
struct Kept {
    settings: StaleReads,
    /// The state before running operations, by their ids.
    before: HashMap<String, Former>,
    late: BTreeMap<Key, Late>,
    changes: u64,
    answered: u64,
}

/// The stale reads of one emulator.
#[derive(Debug, Default)]
pub struct Stale(Mutex<Kept>);

fn key((ws, e, d): At<'_>) -> Key {
    (ws.to_owned(), e.to_owned(), d.map(str::to_owned))
}

impl Stale {
    pub fn new(settings: StaleReads) -> Self {
        Self(Mutex::new(Kept { settings, ..Kept::default() }))
    }

    /// Changes the settings, and ends existing staleness.
    pub fn set(&self, settings: StaleReads) {
        *self.0.lock() = Kept { settings, ..Kept::default() };
    }

    /// The settings, and the number of stale answers since they were set.
    pub fn told(&self) -> (StaleReads, u64) {
        let kept = self.0.lock();
        (kept.settings.clone(), kept.answered)
    }

    /// Stores the state before an operation changes it. `is_new` means that the operation creates the
    /// resource.
    pub fn begins(&self, id: &str, state: &State, (ws, e, d): At<'_>, is_new: bool) {
        let mut kept = self.0.lock();
        if kept.settings.is_off() {
            return;
        }
        let endpoint = state.workspaces.get(ws).and_then(|workspace| workspace.endpoints.get(e));
        let former = match d {
            _ if is_new => Some(Former::Absent),
            None => endpoint.map(|one| Former::Endpoint(Box::new(one.clone()))),
            Some(d) => endpoint
                .and_then(|endpoint| endpoint.deployments.get(d))
                .map(|one| Former::Deployment(Box::new(one.clone()))),
        };
        if let Some(former) = former {
            kept.before.insert(id.to_owned(), former);
        }
    }

    /// All replicas show a witness's changes at once.
    pub fn asked_by(&self, call: &Call, id: &str) {
        if call.is_witness {
            self.0.lock().before.remove(id);
        }
    }

    /// An operation has ended. If it Succeeded, some reads become stale.
    pub fn ended(&self, id: &str, at: At<'_>, is_ok: bool, now: OffsetDateTime) {
        let mut kept = self.0.lock();
        let Some(former) = kept.before.remove(id).filter(|_| is_ok) else { return };
        let settings = &kept.settings;
        let item_s = if at.2.is_some() { settings.deployment_s } else { settings.endpoint_s };
        let until = |seconds: f64| (now + Duration::seconds_f64(seconds), 0);
        let reads = [until(item_s), until(settings.list_s)];
        kept.changes += 1;
        let number = kept.changes;
        kept.late.insert(key(at), Late { former, reads, read: 0, number });
    }

    /// The stale state for a GET, if this read is stale. A witness never gets one.
    pub fn item(&self, at: At<'_>, call: &Call, now: OffsetDateTime) -> Option<Former> {
        if call.is_witness { None } else { self.found(at, Read::Item, now) }
    }

    fn found(&self, at: At<'_>, read: Read, now: OffsetDateTime) -> Option<Former> {
        let mut kept = self.0.lock();
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
        // The first read is always stale; otherwise a change could pass without a stale read.
        let is_fresh = kept.settings.flapping && turn > 1 && mixed(seed ^ turn) & 1 == 0;
        if is_over || is_fresh {
            return None;
        }
        *answers += 1;
        kept.answered += 1;
        Some(late.former.clone())
    }

    /// The differences of stale lists: the deployments of an endpoint, or without an endpoint the endpoints
    /// of a workspace.
    pub fn listed(
        &self,
        (ws, e): (&str, Option<&str>),
        call: &Call,
        now: OffsetDateTime,
    ) -> Vec<(String, Former)> {
        if call.is_witness {
            return Vec::new();
        }
        let keys: Vec<Key> = self.0.lock().late.keys().cloned().collect();
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

/// Every bit of the result depends on every bit of the input (SplitMix64).
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
