//! Verifies the stored ledger, as if somebody had written into the database behind the console's back: its lines
//! against the tree that they make, both against the checkpoints that were signed when it was shorter, and all
//! that stands beside the lines against the lines.

mod continued;
mod index;

use super::export::{Form, Piece, write};
use super::{History, SealError};
use crate::store::ledger::LedgerError;
use ledger::checkpoint::Checkpoint;
use ledger::key::VerifierKey;
use ledger::tree::leaf;
use ledger::verify::{Fault, Proof, VerifyError, verify};
use std::io::{BufReader, Error, Read};
use std::sync::Arc;
use tokio::sync::mpsc;

pub use continued::{NotContinued, continues};

/// Kept checkpoints that narrow down where a fault is, the newest ones.
const CHECKPOINTS_MAX: u32 = 1_000;
/// A ledger with up to so many entries is verified whole before the console starts, in about a second; of a larger
/// one only the end, and the whole when somebody opens *History*.
const WHOLE_AT_START_MAX: u64 = 50_000;
/// Entries at the end of a larger one that are looked at when the console starts.
const TAIL: u64 = 1_000;

/// Why the stored ledger was not verified.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// It is bad.
    #[error(transparent)]
    Fault(Fault),
    /// What stands beside the lines is not what they say.
    #[error("{0}")]
    Altered(String),
    /// It does not continue the checkpoint that is kept beside the key.
    #[error(transparent)]
    NotContinued(#[from] NotContinued),
    /// It cannot be read, or contradicts itself so that it cannot be written out.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The reading thread is gone.
    #[error("the verification did not end")]
    Gone,
}

impl From<LedgerError> for CheckError {
    fn from(error: LedgerError) -> Self {
        Self::Seal(error.into())
    }
}

impl CheckError {
    /// Whether it says something of the ledger, and not only of the look at it.
    #[must_use]
    pub fn is_finding(&self) -> bool {
        match self {
            Self::Gone
            | Self::Seal(SealError::Ledger(LedgerError::Store(_)) | SealError::Anchor(_)) => false,
            Self::Fault(_) | Self::Altered(_) | Self::NotContinued(_) | Self::Seal(_) => true,
        }
    }
}

/// Verifies all of it.
///
/// # Errors
/// [`CheckError`].
pub async fn whole(history: &Arc<History>) -> Result<Proof, CheckError> {
    let proof = stored(history).await?;
    continues(history).await?;
    Ok(proof)
}

/// Verifies what is stored against itself.
async fn stored(history: &Arc<History>) -> Result<Proof, CheckError> {
    let key = history.signer().verifier().clone();
    // Before the size: the ledger grows meanwhile, and no checkpoint may be ahead of what is read.
    let anchors = anchors(history, &key).await?;
    let size = history.table.size().await?;
    let pieces = Pieces { from: write(history, size, Form::Lines), piece: Vec::new(), at: 0 };
    let verified = tokio::task::spawn_blocking(move || {
        let mut reader = BufReader::new(pieces);
        verify(&mut reader, &[key], &anchors)
    });
    let proof = match verified.await.map_err(|_| CheckError::Gone)? {
        Ok(proof) => proof,
        Err(VerifyError::Fault(fault)) => return Err(CheckError::Fault(*fault)),
        Err(VerifyError::Io(error)) => return Err(broken_off(error)),
    };
    index::agrees(history, size).await?;
    Ok(proof)
}

/// Why an export broke off, as it was before it went through a reader.
fn broken_off(error: Error) -> CheckError {
    match error.downcast::<SealError>() {
        Ok(error) => CheckError::Seal(error),
        Err(error) => LedgerError::Broken(error.to_string()).into(),
    }
}

/// The kept checkpoints that this key has signed.
async fn anchors(history: &History, key: &VerifierKey) -> Result<Vec<Checkpoint>, CheckError> {
    let notes = history.table.checkpoints(CHECKPOINTS_MAX).await.map_err(SealError::from)?;
    let keys = std::slice::from_ref(key);
    let opened = notes.iter().filter_map(|note| Checkpoint::open(note, keys).ok());
    Ok(opened.map(|(checkpoint, _)| checkpoint).collect())
}

/// What the console looks at before it starts: what is stored, or its end when that is much; and whether it
/// continues the checkpoint beside the key.
///
/// # Errors
/// With the place; then the console must not start.
pub async fn at_start(history: &Arc<History>) -> anyhow::Result<()> {
    if history.table.size().await? > WHOLE_AT_START_MAX {
        tail(history).await?;
    } else {
        match stored(history).await {
            Ok(_) => {}
            Err(bad @ (CheckError::Fault(_) | CheckError::Altered(_))) => {
                return Err(LedgerError::Broken(bad.to_string()).into());
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(continues(history).await?)
}

/// The end of the ledger, and the newest checkpoint.
async fn tail(history: &History) -> Result<(), LedgerError> {
    let broken = |text: String| Err(LedgerError::Broken(text));
    let table = &history.table;
    let notes = table.checkpoints(1).await?;
    let size = table.size().await?;
    let first = size.saturating_sub(TAIL);
    let mut previous = None;
    let lines = table.lines(first, size).await?;
    for (index, line) in (first..).zip(&lines) {
        let entry = match ledger::canonical::entry(line.as_bytes()) {
            Ok(entry) => entry,
            Err(error) => return broken(format!("entry {index} was altered: {error}")),
        };
        let follows = previous.is_none_or(|hash| entry.previous == hash);
        if entry.index != index || !follows {
            return broken(format!("entry {index} does not follow the one before it"));
        }
        previous = Some(leaf(line.as_bytes()));
    }
    if let (Some(last), Some(index)) = (previous, size.checked_sub(1)) {
        let root = table.root(size).await?;
        let question = ledger::tree::Question::Inclusion { index, size };
        let proof = table.ask(question).await?;
        if !ledger::tree::includes(&proof, size, root, index, last) {
            return broken(format!("entry {index} is not the one in the tree"));
        }
    }
    let keys = [history.signer().verifier().clone()];
    if let Some((kept, _)) = notes.first().and_then(|note| Checkpoint::open(note, &keys).ok()) {
        if kept.size > size {
            return broken(format!("entries from {size} on are gone; {} were signed", kept.size));
        }
        if table.root(kept.size).await? != kept.root {
            return broken(format!(
                "the first {} entries are not those that were signed",
                kept.size
            ));
        }
    }
    Ok(())
}

/// An export as a reader, for a thread that may wait.
struct Pieces {
    from: mpsc::Receiver<Piece>,
    piece: Vec<u8>,
    at: usize,
}

impl Read for Pieces {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        while self.at == self.piece.len() {
            match self.from.blocking_recv() {
                None => return Ok(0),
                Some(piece) => {
                    self.piece = piece.map_err(Error::other)?;
                    self.at = 0;
                }
            }
        }
        let rest = &self.piece[self.at..];
        let count = rest.len().min(to.len());
        to[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}
