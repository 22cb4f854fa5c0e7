//! The logs of jobs, in chunks of whole lines. Secrets are hidden before a text comes here.

use super::{AppendError, Jobs};
use crate::store::leases::{self, Grip};
use crate::store::statement::{
    execute, fetch_all, fetch_optional, from_json, json, signed, unsigned,
};
use domain::job::JobId;
use domain::job::view::LogSize;
use domain::timestamp::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// Maximum size of a chunk, in bytes, unless a single line is longer. Small enough that reading a few lines is cheap, large
/// enough that 200 MB are a few thousand rows.
pub const CHUNK_BYTES_MAX: usize = 64 * 1024;

/// How far each source of a log has been read, in bytes.
pub type ReadUpTo = BTreeMap<String, u64>;

/// What is known about a log without its text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogState<D> {
    pub size: LogSize,
    pub read: ReadUpTo,
    /// What was found in the lines so far.
    pub digest: D,
    /// When the text was removed, because the job ended long ago.
    pub removed: Option<Timestamp>,
}

/// A part of a stored log: whole lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// The number of the first line, from 1.
    pub first: u64,
    pub lines: u64,
    /// Each line ends with a line feed.
    pub text: String,
}

impl Chunk {
    /// The lines with their numbers.
    pub fn numbered(&self) -> impl Iterator<Item = (u64, &str)> {
        (self.first..).zip(self.text.split_terminator('\n'))
    }
}

/// The columns of a row of `job_logs`.
type StateRow = (i64, i64, String, String, Option<i64>);

impl Jobs {
    /// What is known about a job's log; an empty state before its first line.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn log<D: Default + DeserializeOwned>(
        &self,
        id: &JobId,
    ) -> sqlx::Result<LogState<D>> {
        let sql = "SELECT lines, bytes, read_up_to, digest, removed FROM job_logs WHERE job = $1";
        let row: Option<StateRow> = fetch_optional!(self.0, sql, &id.0)?;
        let Some((lines, bytes, read, digest, removed)) = row else {
            return Ok(LogState::default());
        };
        Ok(LogState {
            size: LogSize { lines: unsigned(lines), bytes: unsigned(bytes) },
            read: from_json(&read)?,
            digest: from_json(&digest)?,
            removed: removed.map(Timestamp),
        })
    }

    /// Appends whole lines, and notes how far the sources have been read. Both happen once or not at all, under the
    /// engine's token. `state` is the state before; the new one is returned.
    ///
    /// # Errors
    /// [`AppendError::Stale`] when another replica has the job; otherwise when the store fails.
    pub async fn append_log<D: Serialize>(
        &self,
        grip: &Grip,
        id: &JobId,
        before: LogSize,
        (text, read, digest): (&str, ReadUpTo, D),
    ) -> Result<LogState<D>, AppendError> {
        let mut tx = self.0.begin().await?;
        if !leases::holds(&mut tx, grip).await? {
            return Err(AppendError::Stale);
        }
        let mut size = before;
        for piece in pieces(text) {
            let lines = u64::try_from(piece.matches('\n').count()).unwrap_or_default();
            let sql =
                "INSERT INTO job_log_chunks (job, first, lines, text) VALUES ($1, $2, $3, $4)";
            execute!(tx, sql, &id.0, signed(size.lines + 1), signed(lines), piece)?;
            size.lines += lines;
            size.bytes += u64::try_from(piece.len()).unwrap_or_default();
        }
        let sql = "INSERT INTO job_logs (job, lines, bytes, read_up_to, digest) VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (job) DO UPDATE SET lines = $2, bytes = $3, read_up_to = $4, digest = $5";
        let (lines, bytes) = (signed(size.lines), signed(size.bytes));
        execute!(tx, sql, &id.0, lines, bytes, json(&read), json(&digest))?;
        tx.commit().await?;
        Ok(LogState { size, read, digest, removed: None })
    }

    /// The chunks that have lines from `first` on, in order, at most `at_most`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn chunks(&self, id: &JobId, first: u64, at_most: i64) -> sqlx::Result<Vec<Chunk>> {
        let sql =
            "SELECT first, lines, text FROM job_log_chunks WHERE job = $1 AND first >= coalesce(
                   (SELECT max(first) FROM job_log_chunks WHERE job = $1 AND first <= $2), $2)
                   ORDER BY first LIMIT $3";
        let rows: Vec<(i64, i64, String)> = fetch_all!(self.0, sql, &id.0, signed(first), at_most)?;
        let chunk =
            |(first, lines, text)| Chunk { first: unsigned(first), lines: unsigned(lines), text };
        Ok(rows.into_iter().map(chunk).collect())
    }

    /// At most `count` lines from line `first` on.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn lines(&self, id: &JobId, first: u64, count: usize) -> sqlx::Result<Vec<String>> {
        let (mut next, mut found) = (first.max(1), Vec::new());
        while found.len() < count {
            let chunks = self.chunks(id, next, 1).await?;
            let Some(chunk) = chunks.first().filter(|chunk| chunk.first + chunk.lines > next)
            else {
                break;
            };
            let wanted = chunk.numbered().filter(|(number, _)| *number >= next);
            found.extend(wanted.take(count - found.len()).map(|(_, line)| line.to_owned()));
            next = chunk.first + chunk.lines;
        }
        Ok(found)
    }
}

/// Splits whole lines into chunks.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let within = rest.as_bytes().get(..CHUNK_BYTES_MAX).unwrap_or(rest.as_bytes());
        let whole = within.len() == rest.len();
        let end = match within.iter().rposition(|byte| *byte == b'\n') {
            _ if whole => rest.len(),
            Some(at) => at + 1,
            // A single line that is longer than a chunk.
            None => rest.find('\n').map_or(rest.len(), |at| at + 1),
        };
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn chunks_are_whole_lines_and_nothing_is_lost(lengths in prop::collection::vec(0..90_000_usize, 0..12)) {
            let text: String = lengths.iter().map(|length| format!("{}\n", "é".repeat(*length / 2))).collect();
            let all: Vec<_> = pieces(&text).collect();
            prop_assert_eq!(&all.concat(), &text);
            for piece in all {
                prop_assert!(piece.ends_with('\n'));
                prop_assert!(piece.len() <= CHUNK_BYTES_MAX || piece.matches('\n').count() == 1);
            }
        }
    }
}
