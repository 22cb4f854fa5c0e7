//! The result of the latest verification of the stored ledger. Pages that show the ledger start a verification; many
//! requests in a short time share one.

use super::History;
use super::check::{self, CheckError};
use domain::history::Checked;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;

/// How long a page waits for a verification in progress.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// Minimum age of a result before another verification begins.
const AGE_MIN: Duration = Duration::from_secs(10);
/// After a verification that took time t, the next one begins after this many times t at the earliest, so that a large
/// ledger does not keep the machine busy.
const PAUSE_FACTOR: u32 = 20;

/// The latest result, and the lock that allows one verification at a time.
#[derive(Debug)]
pub struct Verification {
    known: watch::Sender<Option<Known>>,
    verifying: Arc<Mutex<()>>,
}

#[derive(Debug, Clone)]
struct Known {
    found: Checked,
    ended: Instant,
    took: Duration,
}

impl Default for Verification {
    fn default() -> Self {
        Self { known: watch::channel(None).0, verifying: Arc::default() }
    }
}

impl Verification {
    fn remember(&self, found: Checked, took: Duration) {
        self.known.send_replace(Some(Known { found, ended: Instant::now(), took }));
    }

    fn is_fresh(&self) -> bool {
        let pause = |known: &Known| AGE_MIN.max(known.took.saturating_mul(PAUSE_FACTOR));
        self.known.borrow().as_ref().is_some_and(|known| known.ended.elapsed() < pause(known))
    }
}

/// The latest result. Starts a verification when the result is old. If that takes longer than a page can wait, it
/// continues in the background and the older result is returned.
pub async fn latest(history: &Arc<History>) -> Option<Checked> {
    let standing = &history.standing;
    if !standing.is_fresh() {
        let mut news = standing.known.subscribe();
        if let Ok(alone) = Arc::clone(&standing.verifying).try_lock_owned() {
            let history = Arc::clone(history);
            tokio::spawn(async move {
                let _alone = alone;
                // `verified` stores the result, and the page shows it.
                let _ = verified(&history).await;
            });
        }
        let _ = tokio::time::timeout(PATIENCE, news.changed()).await;
    }
    standing.known.borrow().as_ref().map(|known| known.found.clone())
}

/// Verifies the whole ledger now and stores the result.
pub async fn verified(history: &Arc<History>) -> Result<ledger::verify::Proof, CheckError> {
    let began = Instant::now();
    let outcome = check::whole(history).await;
    let (size, fault) = match &outcome {
        Ok(proof) => (proof.checkpoint.size, None),
        Err(bad) if bad.is_finding() => {
            tracing::error!(error = %bad, "the stored ledger is not intact");
            (0, Some(format!("{bad}.")))
        }
        // The ledger could not be read, which says nothing about its contents.
        Err(_) => return outcome,
    };
    let found = Checked { at: history.now(), size, fault };
    history.standing.remember(found, began.elapsed());
    outcome
}
