//! What the console remembers and proves: the ledger at work.
//!
//! Facts are drafted in [`facts`] and written by whoever causes them, in the transaction of what they
//! record; what has no row of its own (signing in, being denied) is recorded here first and done then.
//! [`drift`] records what others changed. [`key`] is who signs; [`export`] writes the ledger out, and
//! [`check`] verifies the stored one, [`standing`] remembers what that found, and [`anchor`] keeps the newest
//! checkpoint beside the key.

pub mod anchor;
pub mod check;
pub mod drift;
pub mod export;
pub mod facts;
pub mod key;
mod limit;
pub mod standing;

use crate::clock::Clock;
use crate::store::ledger::{Ledger, LedgerError};
use app::domain::run::RunId;
use app::domain::user::User;
use ledger::checkpoint::Checkpoint;
use ledger::entry::{Draft, Kind};
use ledger::key::Signer;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// How often the tree is signed when it has grown.
const CHECKPOINT_INTERVAL: Duration = Duration::from_secs(60);
/// How long the console's end waits for the last signature.
const LAST_SEAL_MAX: Duration = Duration::from_secs(2);

/// Who asks, and in which request.
#[derive(Debug, Clone)]
pub struct Asker {
    /// Who.
    pub user: User,
    /// The request's id, which its log lines carry.
    pub request: String,
}

/// Who asks when nobody does: the id under which the console's own runs are kept.
pub const CONSOLE: &str = "console";

impl Asker {
    /// Directory and object, which name a person for ever.
    #[must_use]
    pub fn id(&self) -> String {
        match self.is_person() {
            true => format!("{}/{}", self.user.tenant, self.user.object),
            false => CONSOLE.to_owned(),
        }
    }

    /// The stage's policy, when it asks for something because of a run.
    #[must_use]
    pub fn policy(run: &RunId) -> Self {
        let none = String::new;
        let name = "The stage’s policy".to_owned();
        let roles = BTreeSet::new();
        let user = User { tenant: none(), object: none(), name, username: none(), roles };
        Self { user, request: format!("bake of {run}") }
    }

    /// Whether it is a person; otherwise it is the console itself.
    #[must_use]
    pub fn is_person(&self) -> bool {
        !self.user.object.is_empty()
    }
}

/// The ledger at work.
#[derive(Debug)]
pub struct History {
    /// Its tables.
    pub table: Ledger,
    signer: Signer,
    clock: Clock,
    refusals: limit::Refusals,
    anchor: Option<anchor::Anchor>,
    standing: standing::Standing,
}

/// A checkpoint could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The stored ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// It cannot be signed.
    #[error(transparent)]
    Checkpoint(#[from] ledger::checkpoint::CheckpointError),
    /// It was signed, and cannot be kept beside the key.
    #[error("{0:#}")]
    Anchor(anyhow::Error),
}

impl From<sqlx::Error> for SealError {
    fn from(error: sqlx::Error) -> Self {
        Self::Ledger(error.into())
    }
}

impl History {
    /// On tables, with a key.
    #[must_use]
    pub fn new(table: Ledger, signer: Signer, clock: Clock) -> Self {
        let (refusals, standing) = (limit::Refusals::default(), standing::Standing::default());
        Self { table, signer, clock, refusals, anchor: None, standing }
    }

    /// The same, with a place for the newest checkpoint.
    #[must_use]
    pub fn anchored(self, anchor: anchor::Anchor) -> Self {
        Self { anchor: Some(anchor), ..self }
    }

    /// The place for the newest checkpoint.
    #[must_use]
    pub fn anchor(&self) -> Option<&anchor::Anchor> {
        self.anchor.as_ref()
    }

    /// Records that the console starts: its key and its configuration, where they are not as before.
    ///
    /// # Errors
    /// [`LedgerError`]; then the console must not start.
    pub async fn started(&self, configuration: ledger::entry::Facts) -> Result<(), LedgerError> {
        let now = self.clock.now();
        let key = [("key".to_owned(), self.signer.verifier().to_string())].into();
        let (new_key, new_settings) = (
            facts::changed(
                Kind::KeyChanged,
                "Checkpoints are signed with this key from here on",
                key,
                now,
            ),
            facts::changed(
                Kind::Configured,
                "Started with a new configuration",
                configuration,
                now,
            ),
        );
        self.table.record_change(Kind::KeyChanged, new_key).await?;
        self.table.record_change(Kind::Configured, new_settings).await
    }

    /// Records something that has no row of its own. Nothing must be done when this fails.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn record(&self, draft: Draft) -> Result<(), LedgerError> {
        self.table.record(draft).await.map(|_| ())
    }

    /// Records that something was refused. The same refusal again within a minute, and more refusals of one
    /// person and kind than a few, are only counted: nobody fills the ledger by trying, or hides behind
    /// somebody who does. How many were left out is recorded when the minute is over.
    pub async fn refused(&self, draft: Draft) {
        let (is_recorded, left_out) = self.refusals.admit(&draft, self.clock.now());
        if !is_recorded {
            tracing::warn!(what = draft.what, "refused again; counted, and not recorded by itself");
        }
        self.record_refusals(left_out.into_iter().chain(is_recorded.then_some(draft))).await;
    }

    /// Records how many refusals were left out whose minute is over; of all of them at the end.
    pub async fn tell_left_out(&self, is_the_end: bool) {
        let now = self.clock.now();
        let left_out = if is_the_end { self.refusals.all(now) } else { self.refusals.overdue(now) };
        self.record_refusals(left_out).await;
    }

    async fn record_refusals(&self, drafts: impl IntoIterator<Item = Draft>) {
        for draft in drafts {
            if let Err(error) = self.record(draft).await {
                // Nothing was done, and nothing is: only the record of it is missing.
                tracing::error!(%error, "a refusal could not be recorded");
            }
        }
    }

    /// The time of day.
    #[must_use]
    pub fn now(&self) -> app::domain::timestamp::Timestamp {
        self.clock.now()
    }

    /// Who signs.
    #[must_use]
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// The tree at a size.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn checkpoint(&self, size: u64) -> Result<Checkpoint, LedgerError> {
        let origin = self.signer.verifier().name().to_owned();
        Ok(Checkpoint { origin, size, root: self.table.root(size).await? })
    }

    /// Signs the tree as it is, and keeps the checkpoint in the database; returns how many entries it covers, and
    /// the note.
    ///
    /// # Errors
    /// [`SealError`].
    pub async fn sign(&self) -> Result<(u64, String), SealError> {
        let size = self.table.size().await?;
        let note = self.checkpoint(size).await?.sign(&self.signer)?;
        self.table.keep_checkpoint(size, &note).await?;
        Ok((size, note))
    }

    /// Signs the tree as it is, and keeps the checkpoint in the database, then beside the key; returns how many
    /// entries it covers.
    ///
    /// # Errors
    /// [`SealError`].
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

/// Signs once more when the console ends: until the next start nobody else would notice what was altered.
pub async fn seal_last(history: &Arc<History>) {
    match tokio::time::timeout(LAST_SEAL_MAX, history.seal()).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::error!(%error, "the ledger could not be signed at the end"),
        Err(_) => {
            tracing::error!("the ledger could not be signed at the end: the store is too slow");
        }
    }
}

/// Signs the tree whenever it has grown. Never ends; abort the task.
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
