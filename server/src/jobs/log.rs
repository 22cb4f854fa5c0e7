//! Copies a job's log from where it is written into the store, in pieces of whole lines.
//!
//! A source is a growing text, such as the log of a registry's run or of one of a workflow's jobs. Each piece is stored
//! together with the position up to which its source was read, so a restart continues exactly there. An incomplete last
//! line is left in the source until the rest of it is there.

use super::Jobs;
use crate::redact::Values;
use crate::redact::log_mask::LogMask;
use crate::store::jobs::AppendError;
use crate::store::jobs::logs::LogState;
use crate::store::leases::Grip;
use domain::job::JobId;
use domain::job::explain::Explainer;
use domain::job_log::fold::Sections;
use domain::job_log::line::Line;
use serde::{Deserialize, Serialize};

/// Maximum size of a stored line, in bytes. A longer line is split.
const LINE_BYTES_MAX: usize = 64 * 1024;
/// Maximum size of a log, in bytes: our own limit. What follows is read and dropped, and the log says so.
pub const LOG_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Maximum number of bytes to read at once.
pub const PIECE_BYTES_MAX: usize = 1024 * 1024;

/// How many bytes are stored at once, unless a single line is longer: a piece needs several times its size while secrets are
/// hidden in it.
const PART_BYTES_MAX: usize = 128 * 1024;

/// What was found in the lines of a log so far.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Digest {
    pub sections: Sections,
    pub explainer: Explainer,
    /// How many of the next lines may belong to a private key, which is several lines long.
    key_lines: usize,
}

/// Copies one job's log.
pub struct Copier<'a> {
    jobs: &'a Jobs,
    grip: &'a Grip,
    id: &'a JobId,
    state: LogState<Digest>,
}

impl<'a> Copier<'a> {
    /// Continues where the log ends.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open(jobs: &'a Jobs, grip: &'a Grip, id: &'a JobId) -> Result<Self, AppendError> {
        Ok(Self { jobs, grip, id, state: jobs.table.log(id).await? })
    }

    /// The position from which to read a source, in bytes.
    #[must_use]
    pub fn at(&self, source: &str) -> u64 {
        self.state.read.get(source).copied().unwrap_or(0)
    }

    /// What was found so far.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.state.digest
    }

    /// Stores the next bytes of a source. `ended`: no more bytes will follow. Returns how many bytes were stored; the rest
    /// is an incomplete line, which must be given again.
    ///
    /// # Errors
    /// [`AppendError::Stale`] when another replica has the job; otherwise when the store fails.
    pub async fn push(
        &mut self,
        source: &str,
        bytes: &[u8],
        ended: bool,
    ) -> Result<usize, AppendError> {
        self.push_with_title(source, "", bytes, ended).await
    }

    /// As [`Self::push`]; the first piece of the source gets a line with a title before it.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub async fn push_with_title(
        &mut self,
        source: &str,
        title: &str,
        bytes: &[u8],
        ended: bool,
    ) -> Result<usize, AppendError> {
        let whole = whole_lines(bytes, ended);
        if !title.is_empty() && !self.state.read.contains_key(source) {
            self.store(source, format!("{title}\n").as_bytes(), 0).await?;
        }
        let mut rest = &bytes[..whole];
        while !rest.is_empty() {
            let (part, after) = rest.split_at(part_of(rest));
            self.store(source, part, part.len()).await?;
            rest = after;
        }
        Ok(whole)
    }

    /// Stores lines, of which this many bytes are from the source.
    async fn store(
        &mut self,
        source: &str,
        lines: &[u8],
        from_source: usize,
    ) -> Result<(), AppendError> {
        let mut read = self.state.read.clone();
        let at = self.at(source).saturating_add(u64::try_from(from_source).unwrap_or_default());
        read.insert(source.to_owned(), at);
        let mut digest = self.state.digest.clone();
        let text = self.text(lines, &mut digest);
        self.write(&text, read, digest).await
    }

    /// Whether a source was read to its end ([`Self::finish`]).
    #[must_use]
    pub fn is_finished(&self, source: &str) -> bool {
        self.state.read.contains_key(&end_of(source))
    }

    /// Notes that a source was read to its end.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub async fn finish(&mut self, source: &str) -> Result<(), AppendError> {
        let mut read = self.state.read.clone();
        read.insert(end_of(source), self.at(source));
        let digest = self.state.digest.clone();
        self.write("", read, digest).await
    }

    async fn write(
        &mut self,
        text: &str,
        read: std::collections::BTreeMap<String, u64>,
        digest: Digest,
    ) -> Result<(), AppendError> {
        let append =
            self.jobs.table.append_log(self.grip, self.id, self.state.size, (text, read, digest));
        self.state = append.await?;
        self.jobs.announce();
        Ok(())
    }

    /// Lines as they are stored: without secrets, and each with a line end.
    fn text(&self, bytes: &[u8], digest: &mut Digest) -> String {
        let before = self.state.size;
        if before.bytes >= LOG_BYTES_MAX {
            return String::new();
        }
        let masked = masked(bytes, &mut digest.key_lines);
        // PostgreSQL stores no NUL.
        let raw = String::from_utf8_lossy(&masked).replace('\0', "\u{fffd}");
        let mut text = String::with_capacity(raw.len() + 1);
        for line in raw.split_terminator('\n') {
            for part in parts(line.trim_end_matches('\r')) {
                text.push_str(part);
                text.push('\n');
            }
        }
        let size = u64::try_from(text.len()).unwrap_or(u64::MAX);
        if before.bytes.saturating_add(size) >= LOG_BYTES_MAX {
            text.push_str("The log is longer than 1 GiB. The console does not store the rest.\n");
        }
        for (number, line) in (before.lines + 1..).zip(text.split_terminator('\n')) {
            digest.sections.push(number, &Line::parse(line));
            digest.explainer.push(number, line);
        }
        text
    }
}

/// The key of the mark that a source was read to its end.
fn end_of(source: &str) -> String {
    format!("{source} end")
}

/// The number of bytes up to the end of the last whole line. A line that is too long counts as whole.
fn whole_lines(bytes: &[u8], ended: bool) -> usize {
    if ended {
        return bytes.len();
    }
    match bytes.iter().rposition(|byte| *byte == b'\n') {
        Some(at) => at + 1,
        None if bytes.len() >= LINE_BYTES_MAX => {
            // Do not split a character.
            let is_inside = |at: &usize| bytes.get(*at).is_some_and(|byte| byte & 0xC0 == 0x80);
            (LINE_BYTES_MAX - 3..=LINE_BYTES_MAX)
                .rev()
                .find(|at| !is_inside(at))
                .unwrap_or(LINE_BYTES_MAX)
        }
        None => 0,
    }
}

/// The length of the first whole lines that are stored at once. The last line may have no end.
fn part_of(lines: &[u8]) -> usize {
    let most = lines.len().min(PART_BYTES_MAX);
    if most == lines.len() {
        return most;
    }
    let end = lines[..most].iter().rposition(|byte| *byte == b'\n');
    let end = end.or_else(|| lines.iter().position(|byte| *byte == b'\n'));
    end.map_or(lines.len(), |at| at + 1)
}

/// A line in parts that are not too long. An empty line is one part.
fn parts(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let now = rest?;
        if now.len() <= LINE_BYTES_MAX {
            rest = None;
            return Some(now);
        }
        let (part, after) = now.split_at(now.floor_char_boundary(LINE_BYTES_MAX));
        rest = Some(after);
        Some(part)
    })
}

/// Hides the secrets of whole lines. A private key may have begun in an earlier piece and end in a later one.
fn masked(bytes: &[u8], key_lines: &mut usize) -> Vec<u8> {
    let mut mask = LogMask::new(Values::default()).within_key(*key_lines);
    let mut masked = mask.push(bytes);
    *key_lines = mask.key_lines();
    masked.extend(mask.flush());
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incomplete_line_is_left_for_later() {
        assert_eq!(whole_lines(b"one\ntwo", false), 4);
        assert_eq!(whole_lines(b"two", false), 0);
        assert_eq!(whole_lines(b"two", true), 3);
        assert_eq!(whole_lines("é".repeat(LINE_BYTES_MAX).as_bytes(), false), LINE_BYTES_MAX);
        let odd = format!("x{}", "é".repeat(LINE_BYTES_MAX));
        assert_eq!(whole_lines(odd.as_bytes(), false), LINE_BYTES_MAX - 1);
    }

    #[test]
    fn parts_are_whole_lines() {
        let short = "x".repeat(99) + "\n";
        let many = short.repeat(5_000);
        let part = part_of(many.as_bytes());
        assert!(part <= PART_BYTES_MAX && part.is_multiple_of(100) && part > PART_BYTES_MAX - 100);
        assert_eq!(part_of(short.as_bytes()), 100);
        assert_eq!(part_of(b"no end"), 6);
        let long = "x".repeat(PART_BYTES_MAX + 1);
        assert_eq!(part_of(long.as_bytes()), long.len());
        assert_eq!(part_of(format!("{long}\n{short}").as_bytes()), long.len() + 1);
    }

    #[test]
    fn a_long_line_is_split_between_characters() {
        let line = format!("x{}", "é".repeat(LINE_BYTES_MAX));
        let all: Vec<_> = parts(&line).collect();
        assert_eq!(all.concat(), line);
        assert_eq!(all.len(), 3);
        assert_eq!(parts("").collect::<Vec<_>>(), [""]);
    }

    #[test]
    fn a_private_key_is_hidden_across_pieces() {
        let all =
            "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\nAAAA\n-----END RSA PRIVATE KEY-----\nb\n";
        let hidden = "a\n(hidden)\n(hidden)\n(hidden)\n(hidden)\nb\n";
        let ends = all.match_indices('\n').map(|(at, _)| at + 1);
        for end in ends {
            let (first, second) = all.split_at(end);
            let mut key_lines = 0;
            let mut shown = masked(first.as_bytes(), &mut key_lines);
            shown.extend(masked(second.as_bytes(), &mut key_lines));
            assert_eq!(String::from_utf8_lossy(&shown), hidden, "{first}");
            assert_eq!(key_lines, 0);
        }
    }
}
