//! Checks that everything stored beside the ledger's lines matches the lines: the search columns, the hashes of the
//! tree, and the checkpoints.

use super::CheckError;
use crate::history::History;
use crate::store::ledger::{Index, Row};
use ledger::checkpoint::Checkpoint;
use ledger::entry::{Entry, Kind};
use ledger::key::VerifierKey;
use ledger::tree::{Edge, Hash, leaf, stored_hashes};
use std::collections::VecDeque;

/// Stored values are cut to this many characters in messages.
const SHOWN_MAX: usize = 100;

/// Checks everything about the first `size` entries.
///
/// # Errors
/// [`CheckError::Altered`] with the first difference.
pub(super) async fn agrees(history: &History, size: u64) -> Result<(), CheckError> {
    extent(history).await?;
    let mut walk = Walk::new(history);
    let mut index = 0;
    while index < size {
        let rows = history.table.rows(index, size).await?;
        if rows.is_empty() {
            return Err(altered(format!("entry {index} is missing")));
        }
        let first = walk.hashes;
        let mut made = Vec::with_capacity(rows.len() * 2);
        for row in &rows {
            walk.checkpoints().await?;
            made.extend(walk.step(index, row)?);
            index += 1;
        }
        walk.hashes = first + u64::try_from(made.len()).unwrap_or(u64::MAX);
        compare(&made, &history.table.hashes(first, walk.hashes).await?)?;
        tokio::task::yield_now().await;
    }
    walk.checkpoints().await?;
    walk.rest().await
}

fn altered(what: String) -> CheckError {
    CheckError::Altered(what)
}

/// Checks that the tables have exactly the rows of the entries and hashes.
async fn extent(history: &History) -> Result<(), CheckError> {
    let there = history.table.extent().await?;
    let size = u64::try_from(there.last + 1).unwrap_or_default();
    let whole = |what: &str, rows: i64, first: i64, last: i64| match first == 0 && rows == last + 1
    {
        true => Ok(()),
        false => Err(altered(format!(
            "the {what} are not numbered from 0 without gaps: {rows} rows, from {first} to {last}"
        ))),
    };
    whole("entries", there.rows, there.first, there.last)?;
    whole("hashes of the tree", there.hash_rows, there.first_hash, there.last_hash)?;
    let wanted = stored_hashes(size);
    match u64::try_from(there.hash_rows) {
        Ok(hashes) if hashes == wanted => Ok(()),
        _ => Err(altered(format!(
            "{size} entries make {wanted} hashes, but the database has {}",
            there.hash_rows
        ))),
    }
}

/// The state after the entries walked so far.
struct Walk<'a> {
    history: &'a History,
    edge: Edge,
    hashes: u64,
    /// The current key and the keys that the ledger has named.
    keys: Vec<VerifierKey>,
    /// Checkpoints of more entries than were walked.
    waiting: VecDeque<(i64, String)>,
    taken: u64,
    is_drained: bool,
}

impl<'a> Walk<'a> {
    fn new(history: &'a History) -> Self {
        let keys = vec![history.signer().verifier().clone()];
        let (edge, waiting) = (Edge::default(), VecDeque::new());
        Self { history, edge, hashes: 0, keys, waiting, taken: 0, is_drained: false }
    }

    /// Adds one entry; returns the hashes that it completes.
    fn step(&mut self, index: u64, row: &Row) -> Result<Vec<(u64, Hash)>, CheckError> {
        let entry = ledger::canonical::entry(row.line.as_bytes());
        let entry =
            entry.map_err(|error| altered(format!("entry {index} was altered: {error}")))?;
        if entry.index != index || i64::try_from(index) != Ok(row.position) {
            return Err(altered(format!("entry {} is at position {}", entry.index, row.position)));
        }
        if let Some((column, found)) = Index::of(&entry).differs(&row.index) {
            let found: String = found.chars().take(SHOWN_MAX).collect();
            return Err(altered(format!(
                "entry {index}: altered: the database has {column} “{found}”, which is not what was recorded"
            )));
        }
        // Without duplicates, because a signed note refuses to open with two equal keys.
        if let Some(key) = named_key(&entry).filter(|key| !self.keys.contains(key)) {
            self.keys.push(key);
        }
        let hash = leaf(row.line.as_bytes());
        // Cannot fail, because the edge began empty.
        self.edge.push(hash).map_err(|error| altered(error.to_string()))
    }

    /// Checks the checkpoints of exactly the entries walked so far.
    async fn checkpoints(&mut self) -> Result<(), CheckError> {
        while let Some((size, note)) = self.next(self.edge.size()).await? {
            let opened = Checkpoint::open(&note, &self.keys);
            let (checkpoint, _) = opened.map_err(|error| {
                altered(format!("a checkpoint of {size} entries in the database: {error}"))
            })?;
            if i64::try_from(checkpoint.size) != Ok(size) {
                return Err(altered(format!(
                    "a checkpoint in the database is stored as one of {size} entries, but covers {}",
                    checkpoint.size
                )));
            }
            if self.edge.root().ok() != Some(checkpoint.root) {
                return Err(altered(format!(
                    "the first {size} entries are not those that were signed"
                )));
            }
        }
        Ok(())
    }

    /// The next checkpoint, if it has at most `size` entries.
    async fn next(&mut self, size: u64) -> Result<Option<(i64, String)>, CheckError> {
        if self.waiting.is_empty() && !self.is_drained {
            let more = self.history.table.all_checkpoints(self.taken).await?;
            self.taken += u64::try_from(more.len()).unwrap_or(u64::MAX);
            self.is_drained = more.is_empty();
            self.waiting.extend(more);
        }
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let is_due = self.waiting.front().is_some_and(|(of, _)| *of <= size);
        Ok(if is_due { self.waiting.pop_front() } else { None })
    }

    /// Checks the checkpoints of more entries than were walked: the ledger may have grown in the meantime.
    async fn rest(mut self) -> Result<(), CheckError> {
        while let Some((of, _)) = self.next(u64::MAX).await? {
            let there = self.history.table.size().await?;
            if u64::try_from(of).is_ok_and(|of| of > there) {
                return Err(altered(format!("entries from {there} on are gone; {of} were signed")));
            }
        }
        Ok(())
    }
}

/// The new key, if the entry records a change of the key.
fn named_key(entry: &Entry) -> Option<VerifierKey> {
    let key = entry.after.get("key").filter(|_| entry.kind == Kind::KeyChanged)?;
    VerifierKey::parse(key).ok()
}

fn compare(made: &[(u64, Hash)], stored: &[(u64, Vec<u8>)]) -> Result<(), CheckError> {
    for (at, (position, hash)) in made.iter().enumerate() {
        let found = stored.get(at).filter(|(found, _)| found == position);
        if found.is_none_or(|(_, bytes)| bytes != &hash.0) {
            return Err(altered(format!(
                "hash {position} of the tree was altered: it is not the one that the entries make"
            )));
        }
    }
    Ok(())
}
