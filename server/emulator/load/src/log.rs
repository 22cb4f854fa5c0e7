//! The output of programs, by lines and without secrets.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Receives the output of a test, line by line, with line breaks.
pub type LogSink<'a> = &'a (dyn Fn(&[u8]) + Send + Sync);

/// Replaces secrets in a text. It sees whole lines without line breaks, so it must know each line of a secret that has
/// several.
pub type Mask = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// The length of a line; the rest is dropped, because a secret could be cut in two.
const LINE_BYTES_MAX: usize = 16 << 10;
/// How many lines are kept to find out why a program failed.
const TAIL_LINES_MAX: usize = 200;

/// Splits an output into lines, masks them, and passes them on.
pub(crate) struct LineLog<'a> {
    log: LogSink<'a>,
    mask: Mask,
    /// Begins each line.
    prefix: String,
    line: Vec<u8>,
    tail: VecDeque<String>,
}

impl<'a> LineLog<'a> {
    pub(crate) fn new(log: LogSink<'a>, mask: Mask, prefix: &str) -> Self {
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}: ") };
        Self { log, mask, prefix, line: Vec::new(), tail: VecDeque::new() }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, is_end) = match piece.split_last() {
                Some((b'\n', text)) => (text, true),
                _ => (piece, false),
            };
            // One byte more than allowed says that the line was too long.
            let room = (LINE_BYTES_MAX + 1).saturating_sub(self.line.len());
            self.line.extend_from_slice(&text[..text.len().min(room)]);
            if is_end {
                self.end_line();
            }
        }
    }

    fn end_line(&mut self) {
        let is_cut = self.line.len() > LINE_BYTES_MAX;
        let line = std::mem::take(&mut self.line);
        let text = match is_cut {
            true => "(a line of more than 16 KiB was left out)".to_owned(),
            false => (self.mask)(String::from_utf8_lossy(&line).trim_end_matches('\r')),
        };
        (self.log)(format!("{}{text}\n", self.prefix).as_bytes());
        if self.tail.len() == TAIL_LINES_MAX {
            self.tail.pop_front();
        }
        self.tail.push_back(text);
    }

    /// Ends the last line, and returns the last lines.
    pub(crate) fn finish(mut self) -> Vec<String> {
        if !self.line.is_empty() {
            self.end_line();
        }
        self.tail.into()
    }
}

/// A mask that remembers what it masked, because names and URLs repeat.
pub(crate) struct Memo {
    mask: Mask,
    known: HashMap<String, String>,
}

/// How many texts a [`Memo`] remembers before it forgets all of them.
const KNOWN_MAX: usize = 2_000;

impl Memo {
    pub(crate) fn new(mask: Mask) -> Self {
        Self { mask, known: HashMap::new() }
    }

    pub(crate) fn mask(&mut self, text: &str) -> &str {
        if !self.known.contains_key(text) {
            if self.known.len() >= KNOWN_MAX {
                self.known.clear();
            }
            self.known.insert(text.to_owned(), (self.mask)(text));
        }
        self.known.get(text).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    fn written(pieces: &[&[u8]]) -> (String, Vec<String>) {
        let seen = Mutex::new(String::new());
        let sink =
            |bytes: &[u8]| seen.lock().unwrap().push_str(std::str::from_utf8(bytes).unwrap());
        let mut log =
            LineLog::new(&sink, Arc::new(|text| text.replace("hunter2", "***")), "engine 1");
        pieces.iter().for_each(|piece| log.write(piece));
        let tail = log.finish();
        (seen.into_inner().unwrap(), tail)
    }

    #[test]
    fn a_secret_that_arrives_in_pieces_is_masked() {
        let (text, tail) = written(&[b"key=hun", b"ter2\r\nnext ", b"hunter2"]);
        assert_eq!(text, "engine 1: key=***\nengine 1: next ***\n");
        assert_eq!(tail, ["key=***", "next ***"]);
    }

    #[test]
    fn a_line_without_end_is_left_out() {
        let long = vec![b'a'; LINE_BYTES_MAX - 3];
        let (text, _) = written(&[&long, b"hunter2", &long, b"\nshort\n", &[0xff, b'\n']]);
        assert!(!text.contains("hun") && !text.contains("aaa"), "{}", text.len());
        assert!(
            text.contains("left out") && text.ends_with("engine 1: short\nengine 1: \u{fffd}\n")
        );
    }
}
