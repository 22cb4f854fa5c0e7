//! Leases decide which replica advances a run or a job. Replicas may crash, pause, or have wrong clocks.
//!
//! No two times of day are compared, neither a replica's nor the database's, because clocks jump and disagree. A lease
//! has no expiry time. Its holder increments a counter while it works. Another replica watches the counter with its own
//! monotonic clock, and takes over with a greater token when the counter has not changed for [`PATIENCE`]. A monotonic
//! clock does not jump, and continues while the process is paused, so a holder that wakes up knows that its lease
//! may be lost.
//!
//! Taking over too early would still be safe: every append checks the newest token in its transaction, so the former
//! holder cannot append any more. It could still send a write whose intent it has appended. Therefore an intent expires
//! after [`SEND_WITHIN`], measured from before it was appended, which is less than [`PATIENCE`]. The last check is
//! when the connection takes the body (`outside/timely.rs`). A pause in the few microseconds before the first byte cannot
//! be noticed, because Azure checks no fencing token. A write that is sent then repeats its successor's write byte for
//! byte. A DELETE has no body, so the check happens earlier, before the request goes to the connection. A DELETE that
//! is sent too late finds nothing or, if somebody has recreated the deployment in that time, deletes it. Azure rejects
//! to delete a live deployment.

use crate::lock::lock;
use crate::store::Database;
use crate::store::leases::{Grip, Lease, Leases as Table};
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How long a holder's counter must not change before another replica takes over.
pub const PATIENCE: Duration = Duration::from_secs(6);
/// How often a working holder increments its counter.
const BEAT: Duration = Duration::from_secs(2);
/// How long an intent may be sent.
pub const SEND_WITHIN: Duration = Duration::from_secs(2);

/// One replica's leases.
#[derive(Debug)]
pub struct Leases {
    table: Table,
    /// A unique id of this process.
    holder: String,
    patience: Duration,
    seen: Mutex<HashMap<String, (Lease, Instant)>>,
}

impl Leases {
    /// Leases of one of several replicas on PostgreSQL, or of the only console that can open a SQLite database.
    #[must_use]
    pub fn of(database: &Database) -> Self {
        let table = Table::new(database.clone());
        if database.is_shared() { Self::shared(table) } else { Self::alone(table) }
    }

    /// Creates the leases of one of several replicas.
    #[must_use]
    pub fn shared(table: Table) -> Self {
        Self::patient(table, PATIENCE)
    }

    /// Creates the leases of the only console that uses the database. Any other holder of a lease has ended, so this
    /// one takes over at once.
    #[must_use]
    pub fn alone(table: Table) -> Self {
        Self::patient(table, Duration::ZERO)
    }

    fn patient(table: Table, patience: Duration) -> Self {
        let holder = uuid::Uuid::new_v4().to_string();
        Self { table, holder, patience, seen: Mutex::default() }
    }

    /// Takes the lease of a target's key; `None` while another replica holds it.
    pub async fn grip(&self, target: &str) -> sqlx::Result<Option<Grip>> {
        let lease = self.table.look(target).await?;
        let is_free = lease.as_ref().is_none_or(|lease| {
            let is_held = lease.holder.as_ref().is_some_and(|holder| *holder != self.holder);
            !is_held || self.has_stood_still(target, lease)
        });
        if !is_free {
            return Ok(None);
        }
        self.table.take(target, lease.as_ref(), &self.holder).await
    }

    /// Whether a lease has not changed for the whole patience.
    fn has_stood_still(&self, target: &str, lease: &Lease) -> bool {
        if self.patience.is_zero() {
            return true;
        }
        let mut seen = lock(&self.seen);
        match seen.get(target) {
            Some((known, since)) if known == lease => since.elapsed() >= self.patience,
            _ => {
                seen.insert(target.to_owned(), (lease.clone(), Instant::now()));
                false
            }
        }
    }

    /// Runs `work` while keeping the lease alive. Drops `work` and returns `None` if another replica has taken over.
    pub async fn hold<T>(&self, grip: &Grip, work: impl Future<Output = T>) -> Option<T> {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Some(done),
                () = tokio::time::sleep(BEAT) => {}
            }
            match self.table.beat(grip).await {
                Ok(true) => {}
                Ok(false) => return None,
                // If the store fails, appends fail as well.
                Err(error) => tracing::warn!(%error, "could not renew a lease"),
            }
        }
    }

    /// Releases the lease. If that fails, other replicas take over after their patience.
    pub async fn release(&self, grip: &Grip) {
        if let Err(error) = self.table.release(grip).await {
            tracing::warn!(%error, "could not release a lease");
        }
    }
}
