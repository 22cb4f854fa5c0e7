//! Checks that the stored ledger continues the checkpoint that is kept beside the key.

use super::CheckError;
use crate::history::History;
use std::path::PathBuf;

/// The end of every message.
const WHAT_TO_DO: &str = "Put the right database in place. If this is the right one, for example a restored backup, \
                          stop the console and begin again with a reason, which the ledger records: understudy \
                          ledger begin --by NAME --reason TEXT";

/// Why the console refuses to start.
#[derive(Debug, thiserror::Error)]
pub enum NotContinued {
    /// There is a key, but nothing that it signed.
    #[error(
        "the ledger is empty, but its key is older: the entries that this key signed are not in this database, or \
         were never written. {WHAT_TO_DO}"
    )]
    Empty,
    #[error(
        "the ledger has {size} entries, but the checkpoint in {file} covers {kept}: the database is an older copy, or \
         entries were removed. {WHAT_TO_DO}"
    )]
    Behind { size: u64, kept: u64, file: PathBuf },
    #[error(
        "the first {kept} entries are not those of the checkpoint in {file}: the ledger was rewritten, or the database \
         belongs to another console. {WHAT_TO_DO}"
    )]
    Rewritten { kept: u64, file: PathBuf },
    /// The database has lost the checkpoint.
    #[error(
        "the checkpoint in {file}, of {kept} entries, is no longer in the database: checkpoints were \
         removed. {WHAT_TO_DO}"
    )]
    Removed { kept: u64, file: PathBuf },
    /// The file cannot be read or is not a checkpoint.
    #[error("{0}. {WHAT_TO_DO}")]
    Unreadable(String),
}

/// Checks that the ledger continues the checkpoint beside the key.
///
/// # Errors
/// [`CheckError::NotContinued`] when it does not; another [`CheckError`] when the ledger cannot be read.
pub async fn continues(history: &History) -> Result<(), CheckError> {
    let Some(anchor) = history.anchor() else { return Ok(()) };
    let file = anchor.file().to_owned();
    // Read before the size: a growing ledger is then never behind the file.
    let kept = anchor.read(history.signer().verifier());
    let kept = kept.map_err(|error| NotContinued::Unreadable(format!("{error:#}")))?;
    let size = history.table.size().await?;
    let Some(kept) = kept else {
        // Earlier versions kept no such file.
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
    // The database has no checkpoint of an empty ledger.
    if kept > 0 && !history.table.keeps_checkpoint(kept, &note).await? {
        return Err(NotContinued::Removed { kept, file }.into());
    }
    Ok(())
}
