//! Records what happens in the ledger, signs it and verifies it.
//!
//! [`facts`] drafts entries. Code that causes an event writes its entry in the same transaction; events without a
//! row of their own (signing in, being denied) are recorded here before they take effect. [`drift`] records
//! changes made outside the console. [`key`] manages the signing key, [`export`] exports the ledger, [`check`]
//! verifies the stored one, [`verification`] caches the result, and [`anchor`] keeps the newest checkpoint beside the
//! key.

pub mod anchor;
pub mod check;
pub mod drift;
pub mod export;
pub mod key;
mod limit;
pub mod verification;

use crate::clock::Clock;
use crate::entries;
use crate::store::ledger::{Ledger, LedgerError};
use ledger::checkpoint::Checkpoint;
use ledger::entry::{Draft, Kind};
use ledger::key::Signer;
use std::sync::Arc;
use std::time::Duration;

/// Interval of signing the tree when it has grown.
const CHECKPOINT_INTERVAL: Duration = Duration::from_secs(60);
/// How long shutting down waits for the last signature.
const LAST_SEAL_MAX: Duration = Duration::from_secs(2);

/// The ledger with its key, clock and checkpoint file.
#[derive(Debug)]
pub struct History {
    pub table: Ledger,
    signer: Signer,
    clock: Clock,
    refusals: limit::Refusals,
    anchor: Option<anchor::Anchor>,
    standing: verification::Verification,
}

/// Why a checkpoint could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Checkpoint(#[from] ledger::checkpoint::CheckpointError),
    /// The checkpoint was signed but could not be written beside the key.
    #[error("{0:#}")]
    Anchor(anyhow::Error),
}

impl From<sqlx::Error> for SealError {
    fn from(error: sqlx::Error) -> Self {
        Self::Ledger(error.into())
    }
}

impl History {
    /// Without a checkpoint file; see [`Self::anchored`].
    #[must_use]
    pub fn new(table: Ledger, signer: Signer, clock: Clock) -> Self {
        let (refusals, standing) =
            (limit::Refusals::default(), verification::Verification::default());
        Self { table, signer, clock, refusals, anchor: None, standing }
    }

    /// Adds the file for the newest checkpoint.
    #[must_use]
    pub fn anchored(self, anchor: anchor::Anchor) -> Self {
        Self { anchor: Some(anchor), ..self }
    }

    /// The file for the newest checkpoint.
    #[must_use]
    pub fn anchor(&self) -> Option<&anchor::Anchor> {
        self.anchor.as_ref()
    }

    /// Records the key and the configuration at the start, if they have changed.
    ///
    /// # Errors
    /// [`LedgerError`]. The console must then not start.
    pub async fn started(&self, configuration: ledger::entry::Facts) -> Result<(), LedgerError> {
        let now = self.clock.now();
        let key = [("key".to_owned(), self.signer.verifier().to_string())].into();
        let (new_key, new_settings) = (
            entries::changed(
                Kind::KeyChanged,
                "Checkpoints are signed with this key from here on",
                key,
                now,
            ),
            entries::changed(
                Kind::Configured,
                "Started with a new configuration",
                configuration,
                now,
            ),
        );
        self.table.record_change(Kind::KeyChanged, new_key).await?;
        self.table.record_change(Kind::Configured, new_settings).await
    }

    /// Records an event that has no row of its own. If this fails, the event must not take effect.
    pub async fn record(&self, draft: Draft) -> Result<(), LedgerError> {
        self.table.record(draft).await.map(|_| ())
    }

    /// Records a refusal. The same refusal within a minute, and more than a few refusals of one person and
    /// kind, are only counted, so that nobody can fill the ledger or hide behind somebody else's refusals. The
    /// number of refusals left out is recorded after the minute.
    pub async fn refused(&self, draft: Draft) {
        let (is_recorded, left_out) = self.refusals.admit(&draft, self.clock.now());
        if !is_recorded {
            tracing::warn!(what = draft.what, "refused again; only counted in the ledger");
        }
        self.record_refusals(left_out.into_iter().chain(is_recorded.then_some(draft))).await;
    }

    /// Records the numbers of refusals left out whose minute has passed, or all of them at shutdown.
    pub async fn tell_left_out(&self, is_the_end: bool) {
        let now = self.clock.now();
        let left_out = if is_the_end { self.refusals.all(now) } else { self.refusals.overdue(now) };
        self.record_refusals(left_out).await;
    }

    async fn record_refusals(&self, drafts: impl IntoIterator<Item = Draft>) {
        for draft in drafts {
            if let Err(error) = self.record(draft).await {
                // The refusal itself has taken effect; only its entry is missing.
                tracing::error!(%error, "a refusal could not be recorded");
            }
        }
    }

    /// The current time.
    #[must_use]
    pub fn now(&self) -> domain::timestamp::Timestamp {
        self.clock.now()
    }

    /// The signing key.
    #[must_use]
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// The unsigned checkpoint of the first `size` entries.
    pub async fn checkpoint(&self, size: u64) -> Result<Checkpoint, LedgerError> {
        let origin = self.signer.verifier().name().to_owned();
        Ok(Checkpoint { origin, size, root: self.table.root(size).await? })
    }

    /// Signs the current tree and stores the checkpoint in the database; returns the number of entries that it
    /// covers, and the note.
    ///
    /// # Errors
    /// [`SealError`].
    pub async fn sign(&self) -> Result<(u64, String), SealError> {
        let size = self.table.size().await?;
        let note = self.checkpoint(size).await?.sign(&self.signer)?;
        self.table.keep_checkpoint(size, &note).await?;
        Ok((size, note))
    }

    /// Signs the current tree and stores the checkpoint in the database and beside the key; returns the number of
    /// entries that it covers.
    pub async fn seal(self: &Arc<Self>) -> Result<u64, SealError> {
        let (size, note) = self.sign().await?;
        let history = Arc::clone(self);
        let kept = tokio::task::spawn_blocking(move || match &history.anchor {
            Some(anchor) => anchor.write(size, &note),
            None => Ok(()),
        });
        let kept = kept.await.unwrap_or_else(|_| Err(anyhow::anyhow!("the writing did not end")));
        kept.map(|()| size).map_err(SealError::Anchor)
    }
}

/// Signs once more at shutdown, so that alterations before the next start are noticed.
pub async fn seal_last(history: &Arc<History>) {
    match tokio::time::timeout(LAST_SEAL_MAX, history.seal()).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::error!(%error, "the ledger could not be signed at shutdown"),
        Err(_) => {
            tracing::error!("the ledger could not be signed at shutdown: the store is too slow");
        }
    }
}

/// Signs the tree when it has grown. Never returns; abort the task.
pub async fn run(history: Arc<History>) {
    let mut sealed = None;
    loop {
        history.tell_left_out(false).await;
        let size = history.table.size().await.ok();
        if size.is_none() || size != sealed {
            match history.seal().await {
                Ok(size) => sealed = Some(size),
                Err(error) => tracing::error!(%error, "the ledger could not be signed"),
            }
        }
        tokio::time::sleep(CHECKPOINT_INTERVAL).await;
    }
}
