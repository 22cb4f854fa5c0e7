//! Verifies the stored ledger, in case somebody has written to the database behind the console's back: the lines
//! against their tree, both against the checkpoints that were signed earlier, and the index columns and stored hashes
//! against the lines.

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

/// Maximum number of checkpoints, the newest first, that narrow down the place of a fault.
const CHECKPOINTS_MAX: u32 = 1_000;
/// A ledger of up to this many entries is verified completely before the console starts, in about a second. Of a
/// larger one only the last [`TAIL`] entries are; it is verified completely when somebody opens *History*.
const WHOLE_AT_START_MAX: u64 = 50_000;
/// Number of entries of a larger ledger that are verified at the start.
const TAIL: u64 = 1_000;

/// Why the stored ledger was not verified.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    #[error(transparent)]
    Fault(Fault),
    /// The index columns, hashes or checkpoints do not match the lines.
    #[error("{0}")]
    Altered(String),
    #[error(transparent)]
    NotContinued(#[from] NotContinued),
    /// The ledger cannot be read, or is too inconsistent to export.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The verifying thread panicked.
    #[error("the verification failed unexpectedly")]
    Gone,
}

impl From<LedgerError> for CheckError {
    fn from(error: LedgerError) -> Self {
        Self::Seal(error.into())
    }
}

impl CheckError {
    /// Whether the error is about the ledger itself rather than about reading it.
    #[must_use]
    pub fn is_finding(&self) -> bool {
        match self {
            Self::Gone
            | Self::Seal(SealError::Ledger(LedgerError::Store(_)) | SealError::Anchor(_)) => false,
            Self::Fault(_) | Self::Altered(_) | Self::NotContinued(_) | Self::Seal(_) => true,
        }
    }
}

/// Verifies the whole ledger.
pub async fn whole(history: &Arc<History>) -> Result<Proof, CheckError> {
    let proof = stored(history).await?;
    continues(history).await?;
    Ok(proof)
}

/// Verifies that the stored ledger is consistent in itself.
async fn stored(history: &Arc<History>) -> Result<Proof, CheckError> {
    let key = history.signer().verifier().clone();
    // Read before the size, because the ledger may grow: no checkpoint may be ahead of the lines read.
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

/// Recovers the error that ended an export from the `io::Error` that wraps it.
fn broken_off(error: Error) -> CheckError {
    match error.downcast::<SealError>() {
        Ok(error) => CheckError::Seal(error),
        Err(error) => LedgerError::Broken(error.to_string()).into(),
    }
}

/// The stored checkpoints that this key has signed.
async fn anchors(history: &History, key: &VerifierKey) -> Result<Vec<Checkpoint>, CheckError> {
    let notes = history.table.checkpoints(CHECKPOINTS_MAX).await.map_err(SealError::from)?;
    let keys = std::slice::from_ref(key);
    let opened = notes.iter().filter_map(|note| Checkpoint::open(note, keys).ok());
    Ok(opened.map(|(checkpoint, _)| checkpoint).collect())
}

/// Verifies the ledger, or only the end of a large one, before the console starts; and that it continues the checkpoint
/// beside the key.
///
/// # Errors
/// Names the place of the fault. The console must then not start.
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

/// Verifies the last [`TAIL`] entries and the newest checkpoint.
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

/// An export as a blocking reader.
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
