//! What this process remembers about its jobs. All of it can be forgotten: it only says how often something was looked
//! for in vain.

use crate::clock::{Clock, Passed};
use crate::lock::lock;
use crate::patience::Patience;
use domain::job::JobId;
use std::collections::HashMap;
use std::sync::Mutex;

/// How many reads must not have found it.
const LOOKS_MIN: u32 = 3;

/// What this process remembers about its jobs.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<HashMap<(JobId, u32), Missed>>);

#[derive(Debug, Clone, Copy)]
struct Missed {
    since: Passed,
    looks: u32,
}

impl Memory {
    /// Notes that a step has looked for its effect in vain. Returns whether it has looked long and often enough to conclude
    /// that the request never arrived. Measured by the monotonic clock.
    pub(super) fn missed(&self, id: &JobId, step: u32, clock: &Clock, patience: Patience) -> bool {
        let mut all = lock(&self.0);
        let now = clock.passed();
        let total = i64::try_from(patience.total().as_millis()).unwrap_or(i64::MAX);
        let missed = all.entry((id.clone(), step)).or_insert(Missed { since: now, looks: 0 });
        missed.looks += 1;
        missed.looks >= LOOKS_MIN && now.since(missed.since) >= total
    }

    /// Forgets a step, because its request is about to be sent.
    pub(super) fn sending(&self, id: &JobId, step: u32) {
        lock(&self.0).remove(&(id.clone(), step));
    }

    /// Forgets a job that has ended or that another replica has.
    pub(super) fn forget(&self, id: &JobId) {
        lock(&self.0).retain(|(job, _), _| job != id);
    }
}
