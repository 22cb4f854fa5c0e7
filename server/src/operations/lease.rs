//! Who has an endpoint's run in hand, among replicas that may crash, be paused, or tell the time wrongly.
//!
//! No time of day is compared with any other, neither a replica's nor the database's: clocks jump, and
//! replicas disagree. A lease has no end written down; its holder makes a counter grow while it is at work.
//! Whoever wants it watches that counter with its own monotonic clock, and takes over, with a greater token,
//! when it has stood still for [`PATIENCE`]. A monotonic clock does not jump, and goes on while the process
//! is paused, so that one who wakes up has outlived its own lease by the same measure.
//!
//! Taking over too early would still be safe: every append asks for the newest token in its transaction, so
//! the former holder can write nothing more. What it might still do is send what it has written down
//! already; hence an intent is good for [`SEND_WITHIN`] only, measured from before it was written, and less
//! than the patience of those who wait. The last look at the clock is when the connection takes the body
//! (`azure/timely.rs`). Between it and the first byte lie some microseconds in which a pause cannot be noticed:
//! Azure has no token of ours to compare. A write that slips through there repeats, byte for byte, what its
//! successor asks for. A DELETE has no body to hold back: it is looked at before it is handed to the connection,
//! which takes longer. One that slips through finds nothing, or, where somebody made a deployment of that name
//! anew within that time, deletes it; Azure refuses that where it is live.

use crate::store::leases::{Grip, Lease, Leases as Table};
use app::domain::stage::EndpointKey;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a holder's counter must have stood still before another takes over.
pub const PATIENCE: Duration = Duration::from_secs(6);
/// How often a holder at work makes it grow.
const BEAT: Duration = Duration::from_secs(2);
/// How long an intent is good for.
pub const SEND_WITHIN: Duration = Duration::from_secs(2);

/// One replica's leases.
#[derive(Debug)]
pub struct Leases {
    table: Table,
    /// Names this process among those that ever were.
    holder: String,
    patience: Duration,
    seen: Mutex<HashMap<EndpointKey, (Lease, Instant)>>,
}

impl Leases {
    /// For one of several replicas.
    #[must_use]
    pub fn shared(table: Table) -> Self {
        Self::patient(table, PATIENCE)
    }

    /// For a console that has its database for itself, by whatever guards its data directory: others who
    /// hold a lease there have ended.
    #[must_use]
    pub fn alone(table: Table) -> Self {
        Self::patient(table, Duration::ZERO)
    }

    fn patient(table: Table, patience: Duration) -> Self {
        let holder = uuid::Uuid::new_v4().to_string();
        Self { table, holder, patience, seen: Mutex::default() }
    }

    /// Takes an endpoint in hand; `None` while somebody else has it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn grip(&self, at: &EndpointKey) -> sqlx::Result<Option<Grip>> {
        let lease = self.table.look(at).await?;
        let is_free = lease.as_ref().is_none_or(|lease| {
            let is_held = lease.holder.as_ref().is_some_and(|holder| *holder != self.holder);
            !is_held || self.has_stood_still(at, lease)
        });
        if !is_free {
            return Ok(None);
        }
        self.table.take(at, lease.as_ref(), &self.holder).await
    }

    /// Whether a lease has not changed for as long as one has to wait.
    fn has_stood_still(&self, at: &EndpointKey, lease: &Lease) -> bool {
        if self.patience.is_zero() {
            return true;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match seen.get(at) {
            Some((known, since)) if known == lease => since.elapsed() >= self.patience,
            _ => {
                seen.insert(at.clone(), (lease.clone(), Instant::now()));
                false
            }
        }
    }

    /// Does `work` while showing that it is being done; drops it, and says `None`, when somebody else has
    /// taken over.
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
                // Without the store nothing is appended either.
                Err(error) => tracing::warn!(%error, "a lease could not be kept up"),
            }
        }
    }

    /// Lets go. Should that fail, others wait for a while.
    pub async fn release(&self, grip: &Grip) {
        if let Err(error) = self.table.release(grip).await {
            tracing::warn!(%error, "a lease could not be released");
        }
    }
}
