//! The log of a run: an append blob that readers follow while it is written. Lines end with CR LF, for which
//! azure-cli looks. Secrets are masked, wherever a tool's output is cut.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use parking_lot::Mutex;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::blob::Blobs;

/// How long a line without an end may become before its beginning is written, in bytes.
const LINE_BYTES_MAX: usize = 64 * 1024;
const MASK: &[u8] = b"***";
/// The time in the lines of ACR itself.
const TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[year]/[month]/[day] [hour]:[minute]:[second]");

/// A log that is being written.
#[derive(Debug)]
pub struct RunLog {
    path: PathBuf,
    /// What must not be shown, longest first.
    secrets: Vec<Vec<u8>>,
    out: Mutex<Out>,
}

#[derive(Debug)]
struct Out {
    file: File,
    /// The line that has no end yet.
    pending: Vec<u8>,
    last: u8,
    is_broken: bool,
}

impl RunLog {
    /// Opens a log at its end.
    ///
    /// # Errors
    /// If the blob cannot be created.
    pub fn open<'s>(
        blobs: &Blobs,
        path: PathBuf,
        secrets: impl Iterator<Item = &'s str>,
    ) -> std::io::Result<Self> {
        // A secret of several lines is masked line by line, because output is written line by line.
        let lines = secrets.flat_map(str::lines).filter(|line| !line.trim().is_empty());
        let mut secrets: Vec<Vec<u8>> = lines.map(|line| line.as_bytes().to_vec()).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        let file = blobs.append(&path)?;
        let out = Out { file, pending: Vec::new(), last: b'\n', is_broken: false };
        Ok(Self { path, secrets, out: Mutex::new(out) })
    }

    /// A line of ACR itself, with the time.
    pub fn say(&self, now: OffsetDateTime, text: &str) {
        let time = now.format(TIME).unwrap_or_default();
        self.line(&format!("{time} {text}"));
    }

    /// A line without a time, on a line of its own.
    pub fn line(&self, text: &str) {
        let mut out = self.out.lock();
        self.end_line(&mut out);
        self.take(&mut out, format!("{text}\n").as_bytes());
    }

    /// Output of a tool, in pieces of any size.
    pub fn write(&self, bytes: &[u8]) {
        self.take(&mut self.out.lock(), bytes);
    }

    fn take(&self, out: &mut Out, bytes: &[u8]) {
        out.pending.extend_from_slice(bytes);
        // Progress bars end their lines with a carriage return only.
        if let Some(end) = out.pending.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')) {
            let whole: Vec<u8> = out.pending.drain(..=end).collect();
            out.put(&masked(&whole, &self.secrets));
        }
        if out.pending.len() > LINE_BYTES_MAX {
            let cut = cut(&out.pending, &self.secrets);
            let part: Vec<u8> = out.pending.drain(..cut).collect();
            out.put(&masked(&part, &self.secrets));
        }
    }

    fn end_line(&self, out: &mut Out) {
        if !out.pending.is_empty() {
            self.take(out, b"\n");
        }
    }

    /// Ends the log: its metadata says so, in a word for the outcome.
    pub fn complete(&self, blobs: &Blobs, word: &str) {
        self.end_line(&mut self.out.lock());
        let metadata = [("complete".to_owned(), word.to_owned())].into();
        if let Err(error) = blobs.set_metadata(&self.path, &metadata) {
            tracing::error!(%error, "cannot mark a log as complete");
        }
    }
}

impl Out {
    /// Writes bytes with CR LF for each LF.
    fn put(&mut self, bytes: &[u8]) {
        let mut lines = Vec::with_capacity(bytes.len() + bytes.len() / 16);
        for &byte in bytes {
            if byte == b'\n' && self.last != b'\r' {
                lines.push(b'\r');
            }
            lines.push(byte);
            self.last = byte;
        }
        let written = self.file.write_all(&lines);
        if let Err(error) = written
            && !std::mem::replace(&mut self.is_broken, true)
        {
            tracing::error!(%error, "cannot write a build's log");
        }
    }
}

fn at(text: &[u8], part: &[u8], from: usize) -> Option<usize> {
    text.get(from..)?.windows(part.len()).position(|window| window == part).map(|at| at + from)
}

fn masked(text: &[u8], secrets: &[Vec<u8>]) -> Vec<u8> {
    let mut text = text.to_vec();
    for secret in secrets {
        let mut from = 0;
        while let Some(found) = at(&text, secret, from) {
            text.splice(found..found + secret.len(), MASK.iter().copied());
            from = found + MASK.len();
        }
    }
    text
}

/// How much of a long line can be written: not the end, in which a secret may begin, and no part of a secret.
fn cut(text: &[u8], secrets: &[Vec<u8>]) -> usize {
    let longest = secrets.first().map_or(1, Vec::len);
    let mut cut = text.len().saturating_sub(longest - 1);
    loop {
        let before = cut;
        for secret in secrets {
            let from = cut.saturating_sub(secret.len() - 1);
            if let Some(found) = at(text, secret, from).filter(|found| *found < cut) {
                cut = found;
            }
        }
        if cut == before {
            return cut;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(secrets: &[&str], pieces: &[&[u8]]) -> String {
        let dir = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::new(dir.path().to_owned());
        let path = blobs.path("logs", "cb1/rawtext.log").expect("a path");
        let log = RunLog::open(&blobs, path.clone(), secrets.iter().copied()).expect("a log");
        for piece in pieces {
            log.write(piece);
        }
        log.complete(&blobs, "successful");
        assert_eq!(blobs.about(&path).expect("a blob").metadata["complete"], "successful");
        String::from_utf8(std::fs::read(&path).expect("a file")).expect("text")
    }

    #[test]
    fn lines_end_with_carriage_return_and_line_feed() {
        assert_eq!(written(&[], &[b"one\ntwo\r\nthree"]), "one\r\ntwo\r\nthree\r\n");
        assert_eq!(written(&[], &[b"10%\r", b"20%\r", b"\n"]), "10%\r20%\r\n");
    }

    #[test]
    fn a_secret_is_masked_wherever_the_output_is_cut() {
        let secret = "hunter2-canary";
        for at in 0..secret.len() {
            let (one, two) = secret.as_bytes().split_at(at);
            let text = written(&[secret], &[b"token=", one, two, b"!\n"]);
            assert_eq!(text, "token=***!\r\n");
        }
        let secrets = ["hunter2", secret, "of\ntwo lines"];
        let text = written(&secrets, &[b"hunter2-canary hunter2 of two lines\n"]);
        assert_eq!(text, "*** *** *** ***\r\n");
    }

    #[test]
    fn a_secret_in_a_line_without_end_is_masked() {
        let secret = "hunter2-canary";
        for shift in 0..secret.len() {
            let filler = vec![b'.'; LINE_BYTES_MAX - shift];
            let pieces = [filler.as_slice(), &secret.as_bytes()[..5], &secret.as_bytes()[5..]];
            let text = written(&[secret], &pieces);
            assert!(text.ends_with(".***\r\n"), "{shift}");
            assert_eq!(text.len(), filler.len() + MASK.len() + 2);
        }
    }
}
