//! Exports the ledger page by page, so that only one page is in memory.

use super::{History, SealError};
use crate::store::ledger::LedgerError;
use ledger::tree::leaf;
use ledger::{canonical, export, table};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Maximum number of pages buffered for a slow reader.
const WAITING_MAX: usize = 2;

/// The format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One entry per line, then the signed checkpoint, as “understudy ledger verify” reads it.
    Lines,
    /// CSV, for spreadsheets.
    Table,
}

/// One piece of an export; an error ends it.
pub type Piece = Result<Vec<u8>, SealError>;

/// Exports the first `size` entries. The same size and key give the same bytes.
#[must_use]
pub fn write(history: &Arc<History>, size: u64, form: Form) -> mpsc::Receiver<Piece> {
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    let history = Arc::clone(history);
    tokio::spawn(async move {
        let written = write_all(&history, size, form, &sender).await;
        if let Err(error) = written {
            tracing::error!(%error, "an export failed");
            // The reader may have disconnected.
            let _ = sender.send(Err(error)).await;
        }
    });
    receiver
}

async fn write_all(
    history: &History,
    size: u64,
    form: Form,
    to: &mpsc::Sender<Piece>,
) -> Result<(), SealError> {
    if form == Form::Table && to.send(Ok(table::head())).await.is_err() {
        return Ok(());
    }
    let mut index = 0;
    while index < size {
        let lines = history.table.lines(index, size).await?;
        if lines.is_empty() {
            return Err(LedgerError::Broken(format!("entry {index} is missing")).into());
        }
        let mut piece = Vec::new();
        for line in &lines {
            match form {
                Form::Lines => piece.extend(line.bytes().chain([b'\n'])),
                Form::Table => piece.extend(row(line)?),
            }
        }
        index += u64::try_from(lines.len()).unwrap_or(u64::MAX);
        if to.send(Ok(piece)).await.is_err() {
            return Ok(());
        }
    }
    if form == Form::Lines {
        let end = export::end(&history.checkpoint(size).await?, history.signer())?;
        // The reader may have disconnected.
        let _ = to.send(Ok(end)).await;
    }
    Ok(())
}

fn row(line: &str) -> Result<Vec<u8>, LedgerError> {
    let entry = canonical::entry(line.as_bytes())?;
    Ok(table::entry(&entry, leaf(line.as_bytes())))
}
