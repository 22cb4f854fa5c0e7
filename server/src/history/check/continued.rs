//! Whether the stored ledger continues the checkpoint that is kept beside the key.

use super::CheckError;
use crate::history::History;
use std::path::PathBuf;

/// What to do, for whoever starts the console.
const WHAT_TO_DO: &str = "Put the right database in place. If this one is right, such as a backup that you restored, \
                          stop the console and begin again with a reason, which the ledger records: understudy \
                          ledger begin --by NAME --reason TEXT";

/// Why a start is refused.
#[derive(Debug, thiserror::Error)]
pub enum NotContinued {
    /// There is a key, and nothing that it signed.
    #[error(
        "the ledger is empty, and its key is older: the record that this key signed is not in this database, or it \
         never began. {WHAT_TO_DO}"
    )]
    Empty,
    /// Entries are gone.
    #[error(
        "the ledger has {size} entries, and the checkpoint in {file} covers {kept}: the database is an older copy, or \
         entries were removed. {WHAT_TO_DO}"
    )]
    Behind {
        /// Entries in the database.
        size: u64,
        /// Entries of the checkpoint.
        kept: u64,
        /// Where that is kept.
        file: PathBuf,
    },
    /// It is another ledger.
    #[error(
        "the first {kept} entries are not those of the checkpoint in {file}: the ledger was rewritten, or the database \
         is of another console. {WHAT_TO_DO}"
    )]
    Rewritten {
        /// Entries of the checkpoint.
        kept: u64,
        /// Where that is kept.
        file: PathBuf,
    },
    /// The database has lost what it was signed with.
    #[error(
        "the checkpoint in {file}, of {kept} entries, is not among those in the database any more: checkpoints were \
         removed. {WHAT_TO_DO}"
    )]
    Removed {
        /// Entries of the checkpoint.
        kept: u64,
        /// Where that is kept.
        file: PathBuf,
    },
    /// The file says nothing.
    #[error("{0}. {WHAT_TO_DO}")]
    Unreadable(String),
}

/// Whether the ledger continues the checkpoint beside the key.
///
/// # Errors
/// [`CheckError::NotContinued`] when it does not; others when that cannot be said.
pub async fn continues(history: &History) -> Result<(), CheckError> {
    let Some(anchor) = history.anchor() else { return Ok(()) };
    let file = anchor.file().to_owned();
    // Before the size: a ledger that grows is never behind what was kept before.
    let kept = anchor.read(history.signer().verifier());
    let kept = kept.map_err(|error| NotContinued::Unreadable(format!("{error:#}")))?;
    let size = history.table.size().await?;
    let Some(kept) = kept else {
        // Versions before kept none.
        return if size == 0 { Err(NotContinued::Empty.into()) } else { Ok(()) };
    };
    let (checkpoint, note) = (kept.checkpoint, kept.note);
    let kept = checkpoint.size;
    if kept > size {
        return Err(NotContinued::Behind { size, kept, file }.into());
    }
    if history.table.root(kept).await? != checkpoint.root {
        return Err(NotContinued::Rewritten { kept, file }.into());
    }
    // Of nothing, there is none in the database.
    if kept > 0 && !history.table.keeps_checkpoint(kept, &note).await? {
        return Err(NotContinued::Removed { kept, file }.into());
    }
    Ok(())
}
