//! What the latest verification of the stored ledger found. Whoever opens *History* or asks what was live
//! causes one; many questions in a short time are answered by one verification.

use super::History;
use super::check::{self, CheckError};
use app::domain::history::Checked;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;

/// How long a page waits for a verification that is under way.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// How long a finding is shown before another verification begins.
const AGE_MIN: Duration = Duration::from_secs(10);
/// After a verification that took so long, the next waits this many times longer: a large ledger does not keep
/// the machine busy.
const PAUSE_FACTOR: u32 = 20;

/// What is known, and who finds out more.
#[derive(Debug)]
pub struct Standing {
    known: watch::Sender<Option<Known>>,
    verifying: Arc<Mutex<()>>,
}

#[derive(Debug, Clone)]
struct Known {
    found: Checked,
    ended: Instant,
    took: Duration,
}

impl Default for Standing {
    fn default() -> Self {
        Self { known: watch::channel(None).0, verifying: Arc::default() }
    }
}

impl Standing {
    fn remember(&self, found: Checked, took: Duration) {
        self.known.send_replace(Some(Known { found, ended: Instant::now(), took }));
    }

    fn is_fresh(&self) -> bool {
        let pause = |known: &Known| AGE_MIN.max(known.took.saturating_mul(PAUSE_FACTOR));
        self.known.borrow().as_ref().is_some_and(|known| known.ended.elapsed() < pause(known))
    }
}

/// What the latest verification found. One begins when the latest is some time ago, and goes on when it takes
/// longer than a page can wait; the older finding is returned then.
pub async fn latest(history: &Arc<History>) -> Option<Checked> {
    let standing = &history.standing;
    if !standing.is_fresh() {
        let mut news = standing.known.subscribe();
        if let Ok(alone) = Arc::clone(&standing.verifying).try_lock_owned() {
            let history = Arc::clone(history);
            tokio::spawn(async move {
                let _alone = alone;
                // What is wrong is remembered, and said on the page.
                let _ = verified(&history).await;
            });
        }
        let _ = tokio::time::timeout(PATIENCE, news.changed()).await;
    }
    standing.known.borrow().as_ref().map(|known| known.found.clone())
}

/// Verifies all of it now, and remembers what was found.
///
/// # Errors
/// [`CheckError`].
pub async fn verified(history: &Arc<History>) -> Result<ledger::verify::Proof, CheckError> {
    let began = Instant::now();
    let outcome = check::whole(history).await;
    let (size, fault) = match &outcome {
        Ok(proof) => (proof.checkpoint.size, None),
        Err(bad) if bad.is_finding() => {
            tracing::error!(error = %bad, "the stored ledger is not intact");
            (0, Some(format!("{bad}.")))
        }
        // The store is away, or the look broke off: nothing was found.
        Err(_) => return outcome,
    };
    let found = Checked { at: history.now(), size, fault };
    history.standing.remember(found, began.elapsed());
    outcome
}
