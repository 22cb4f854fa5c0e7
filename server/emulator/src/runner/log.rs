//! A job's log: a text file in which each line begins with its time.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use dataplane::Clock;
use parking_lot::Mutex;

use super::stamp;

/// The largest log. GitHub documents no limit; this one protects the disk.
const LOG_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// The longest part of a line that waits for its end.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// Appends to a job's log. Clones of the sink may write at the same time.
#[derive(Debug)]
pub struct JobLog {
    out: Mutex<Out>,
    clock: Clock,
}

#[derive(Debug)]
struct Out {
    /// `None` after an error: the job goes on without its log.
    file: Option<File>,
    bytes: u64,
    /// The beginning of a line whose end has not arrived.
    open: Vec<u8>,
}

impl JobLog {
    /// Continues the file, or creates it.
    pub fn open(path: &Path, clock: Clock) -> Self {
        let opened = File::options().create(true).append(true).open(path).and_then(|mut file| {
            let end = file.seek(SeekFrom::End(0))?;
            Ok((file, end))
        });
        if let Err(error) = &opened {
            tracing::error!(%error, path = %path.display(), "cannot write a job's log");
        }
        let (file, bytes) = opened.map_or((None, 0), |(file, end)| (Some(file), end));
        Self { out: Mutex::new(Out { file, bytes, open: Vec::new() }), clock }
    }

    /// Writes whole lines.
    pub fn say(&self, text: &str) {
        let mut out = self.out.lock();
        out.finish(&self.clock);
        for line in text.lines() {
            out.line(line.as_bytes(), &self.clock);
        }
    }

    /// A line that GitHub shows as an error.
    pub fn error(&self, text: &str) {
        self.say(&format!("##[error]{text}"));
    }

    /// A group that readers can fold: its title, and what it contains.
    pub fn group(&self, title: &str, lines: &[String]) {
        self.say(&format!("##[group]{title}"));
        lines.iter().for_each(|line| self.say(line));
        self.say("##[endgroup]");
    }

    /// Writes the output of a program, in pieces of any size.
    pub fn output(&self, piece: &[u8]) {
        let mut out = self.out.lock();
        let mut rest = piece;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            out.open.extend_from_slice(&rest[..end]);
            out.finish_line(&self.clock);
            rest = &rest[end + 1..];
        }
        out.open.extend_from_slice(rest);
        if out.open.len() > LINE_BYTES_MAX {
            out.finish_line(&self.clock);
        }
    }

    /// The length so far, which includes an open line.
    pub fn end(&self) -> u64 {
        let mut out = self.out.lock();
        out.finish(&self.clock);
        out.bytes
    }
}

impl Out {
    /// Ends an open line.
    fn finish(&mut self, clock: &Clock) {
        if !self.open.is_empty() {
            self.finish_line(clock);
        }
    }

    fn finish_line(&mut self, clock: &Clock) {
        let line = std::mem::take(&mut self.open);
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        self.line(line, clock);
    }

    fn line(&mut self, line: &[u8], clock: &Clock) {
        let mut whole = format!("{} ", stamp(clock.now())).into_bytes();
        whole.extend_from_slice(line);
        whole.push(b'\n');
        if self.bytes + whole.len() as u64 > LOG_BYTES_MAX {
            return;
        }
        let Some(file) = &mut self.file else { return };
        match file.write_all(&whole) {
            Ok(()) => self.bytes += whole.len() as u64,
            Err(error) => {
                tracing::error!(%error, "cannot write a job's log; the job goes on without it");
                self.file = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn every_line_begins_with_its_time() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("1.log");
        let clock = Clock::explicit(datetime!(2026-11-30 12:00 UTC));
        let log = JobLog::open(&path, clock.clone());
        log.output(b"one\r\ntw");
        log.output(b"o\nthree");
        log.group("Run it", &["with: x".to_owned()]);
        let end = log.end();
        log.error("It failed");
        drop(log);
        JobLog::open(&path, clock).say("later");
        let text = std::fs::read_to_string(&path).expect("a log");
        let at = "2026-11-30T12:00:00.0000000Z ";
        let lines: Vec<_> = text.lines().map(|line| line.strip_prefix(at).expect(line)).collect();
        let expected = [
            "one",
            "two",
            "three",
            "##[group]Run it",
            "with: x",
            "##[endgroup]",
            "##[error]It failed",
            "later",
        ];
        assert_eq!(lines, expected);
        let rest = &text[usize::try_from(end).expect("small")..];
        assert!(rest.starts_with(&format!("{at}##[error]")), "{rest}");
    }

    #[test]
    fn a_line_without_an_end_does_not_grow_in_memory() {
        let dir = tempfile::tempdir().expect("a folder");
        let log = JobLog::open(&dir.path().join("1.log"), Clock::auto());
        for _ in 0..100 {
            log.output(&[b'x'; 10_000]);
            assert!(log.out.lock().open.len() <= LINE_BYTES_MAX);
        }
        assert!(log.end() > 1_000_000);
    }
}
