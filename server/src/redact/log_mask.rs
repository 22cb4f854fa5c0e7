//! Redacts secrets in a log that arrives in pieces, such as that of a build.
//!
//! Pieces end anywhere, also within a secret. Lines are therefore kept until they end, and redacted as a whole; the
//! output is the same for every division into pieces. A carriage return also ends a line, because programs redraw their
//! progress with it.
//!
//! Besides what [`super::scope`] redacts, a log may contain
//! - assignments to variables with the name of a secret (`PIP_TOKEN=…`), as `env` and build arguments show them,
//! - private keys over many lines,
//! - secrets with escape sequences inside, as programs write that highlight text. They would be readable once a viewer
//!   interprets the sequences.
//!
//! A secret that a program divides over several lines, other than a private key, is not found.

use super::values::BYTES_MIN;
use super::{HIDDEN, Values, is_secret_name, scope};
use domain::job_log::plain;
use regex::{Captures, Regex};
use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

/// Longest line that is kept, in bytes. Of a longer one only the beginning is written, with the number of bytes that
/// were left out.
pub const LINE_BYTES_MAX: usize = 256 * 1024;
/// How much is removed before the place where a line is cut, at least, in bytes: the beginning of a secret there could
/// be too short to be recognised by its format.
const MARGIN_BYTES_MIN: usize = 1024;
/// How many lines of a private key are hidden if its end does not follow. A key of 16384 bits has about 200 lines.
const KEY_LINES_MAX: usize = 250;

const KEY_BEGIN: &str = "-----BEGIN ";
const KEY_END: &str = "-----END ";

/// An assignment to a variable in capitals. A test checks that the expression compiles.
static ASSIGNMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let look = r#"(?P<name>(?-u:\b)[A-Z][A-Z0-9_]{2,})=(?P<value>"[^"]*"?|'[^']*'?|[^\s"']+)"#;
    Regex::new(look).ok()
});

/// Redacts one log.
pub struct LogMask {
    values: Values,
    line_bytes_max: usize,
    /// The current line, at most `line_bytes_max` bytes.
    line: Vec<u8>,
    /// How many bytes of the current line were left out; `None` if it fits so far.
    left_out: Option<usize>,
    /// How many of the next lines may belong to a private key.
    key_lines: usize,
}

impl fmt::Debug for LogMask {
    /// Does not show the line, which is not redacted yet.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.line.len();
        f.debug_struct("LogMask").field("values", &self.values).field("bytes", &bytes).finish()
    }
}

impl LogMask {
    /// Redacts these values, and those that [`scope::text`] knows where the log is read.
    #[must_use]
    pub fn new(values: Values) -> Self {
        Self::with_limit(values, LINE_BYTES_MAX)
    }

    /// Continues a log of which [`Self::key_lines`] lines may belong to a private key.
    #[must_use]
    pub fn within_key(self, key_lines: usize) -> Self {
        Self { key_lines: key_lines.min(KEY_LINES_MAX), ..self }
    }

    /// How many of the next lines may belong to a private key that has begun.
    #[must_use]
    pub fn key_lines(&self) -> usize {
        self.key_lines
    }

    pub(super) fn with_limit(values: Values, line_bytes_max: usize) -> Self {
        Self { values, line_bytes_max, line: Vec::new(), left_out: None, key_lines: 0 }
    }

    /// Reads the next piece. Returns the lines that ended, redacted and in UTF-8.
    #[must_use]
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut masked = Vec::with_capacity(bytes.len());
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        for piece in bytes.split_inclusive(is_end) {
            match piece.split_last() {
                Some((end, content)) if is_end(end) => {
                    self.keep(content, &mut masked);
                    self.end_line(&mut masked);
                    masked.push(*end);
                }
                _ => self.keep(piece, &mut masked),
            }
        }
        masked
    }

    /// Ends the log. Returns the last line if no line end followed it, redacted.
    #[must_use]
    pub fn flush(&mut self) -> Vec<u8> {
        let mut masked = Vec::new();
        self.end_line(&mut masked);
        self.key_lines = 0;
        masked
    }

    fn keep(&mut self, content: &[u8], masked: &mut Vec<u8>) {
        if let Some(left_out) = &mut self.left_out {
            *left_out += content.len();
            return;
        }
        let free = self.line_bytes_max - self.line.len();
        let (kept, rest) = content.split_at(content.len().min(free));
        self.line.extend_from_slice(kept);
        if !rest.is_empty() {
            let margin = self.values.spelling_bytes_max().max(scope::spelling_bytes_max());
            let text = self.take_masked();
            let wanted = text.len().saturating_sub(margin.max(MARGIN_BYTES_MIN));
            let end = (0..=wanted).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            masked.extend_from_slice(text.as_bytes().get(..end).unwrap_or_default());
            self.left_out = Some(text.len() - end + rest.len());
        }
    }

    fn end_line(&mut self, masked: &mut Vec<u8>) {
        match self.left_out.take() {
            Some(bytes) => {
                masked.extend_from_slice(format!("… ({bytes} bytes left out)").as_bytes());
            }
            None => {
                let text = self.take_masked();
                masked.extend_from_slice(text.as_bytes());
            }
        }
    }

    /// Empties the current line, and returns its text without secrets.
    fn take_masked(&mut self) -> String {
        let line = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line);
        let shown = plain(&text);
        if self.key_lines > 0 && !shown.trim().is_empty() {
            let is_last = shown.contains(KEY_END);
            self.key_lines = if is_last { 0 } else { self.key_lines - 1 };
            return HIDDEN.to_owned();
        }
        if begins_key(&shown) {
            self.key_lines = KEY_LINES_MAX;
        }
        let masked = self.hide(&shown);
        match masked == shown {
            // Without escape sequences it is the same text.
            true if shown == text => masked,
            true => self.hide(&text),
            false => masked,
        }
    }

    fn hide(&self, text: &str) -> String {
        scope::text(&assignments(&self.values.hide(text)))
    }
}

/// Whether a private key begins in a line and does not end in it.
fn begins_key(shown: &str) -> bool {
    let key = shown.rfind(KEY_BEGIN).and_then(|at| shown.get(at..));
    key.is_some_and(|key| key.contains("PRIVATE KEY") && !key.contains(KEY_END))
}

/// Redacts the values of variables with the name of a secret. A reference such as `$TOKEN` is not a value.
fn assignments(text: &str) -> Cow<'_, str> {
    let Some(look) = ASSIGNMENT.as_ref().filter(|_| text.contains('=')) else {
        return Cow::Borrowed(text);
    };
    look.replace_all(text, |found: &Captures<'_>| {
        let part = |name| found.name(name).map_or("", |part| part.as_str());
        let (name, value) = (part("name"), part("value"));
        let bare = value.trim_matches(['"', '\'']);
        let is_value = bare.len() >= BYTES_MIN && !bare.starts_with(['$', '%']) && bare != HIDDEN;
        match is_value && is_secret_name(name) {
            true => format!("{name}={HIDDEN}"),
            false => format!("{name}={value}"),
        }
    })
}

/// Whether the expression for assignments compiles.
#[cfg(test)]
pub(super) fn is_complete() -> bool {
    ASSIGNMENT.is_some()
}
