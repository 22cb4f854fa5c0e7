//! One line of a log, as it is shown.

use super::ansi::{Piece, Pieces};
use super::style::Style;
use super::{marker, stamp};
use crate::text::visible;
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// Maximum length of a shown line, in characters: our own limit. The downloaded log has the whole line.
pub const LINE_CHARS_MAX: usize = 4_000;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Plain,
    /// Begins a group; the text is its name.
    Group,
    EndGroup,
    Error,
    Warning,
    Notice,
    /// A command that the runner starts.
    Command,
    Debug,
}

/// A part of a line in one style.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub text: String,
    pub style: Style,
}

/// A line without its time, its marker, escape sequences and control characters. Styles end with the line, so that each
/// line can be shown without those before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub time: Option<Timestamp>,
    pub kind: Kind,
    pub spans: Vec<Span>,
    /// How many characters at the end are not shown because the line is longer than [`LINE_CHARS_MAX`].
    pub left_out: u64,
}

impl Line {
    /// Parses a line of a log.
    #[must_use]
    pub fn parse(raw: &str) -> Self {
        let (time, rest) = stamp::split(raw);
        let last = after_return(rest);
        let (marked, body) = match marker::split(last) {
            Some((kind, body)) => (Some(kind), body),
            None => (None, last),
        };
        let (spans, left_out) = spans(body);
        let mut line = Self { time, kind: marked.unwrap_or(Kind::Plain), spans, left_out };
        if marked.is_none() {
            line.kind = marker::by_word(&line.head(40));
        }
        line
    }

    /// Parses a line that may be no valid UTF-8: `�` replaces what is not.
    #[must_use]
    pub fn from_bytes(raw: &[u8]) -> Self {
        Self::parse(&String::from_utf8_lossy(raw))
    }

    /// The text that is shown.
    #[must_use]
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }

    /// The first characters of the text.
    pub(super) fn head(&self, chars: usize) -> String {
        self.spans.iter().flat_map(|span| span.text.chars()).take(chars).collect()
    }

    /// What to show at the end of a line that was cut.
    #[must_use]
    pub fn cut_note(&self) -> Option<String> {
        match self.left_out {
            0 => None,
            1 => Some("… (1 more character)".to_owned()),
            count => Some(format!("… ({count} more characters)")),
        }
    }
}

/// What a terminal shows of a line in which carriage returns redraw progress: the text after the last one.
fn after_return(text: &str) -> &str {
    let text = text.trim_end_matches(['\r', '\n']);
    text.rsplit('\r').next().unwrap_or(text)
}

/// The parts of a text, and how many characters were left out.
fn spans(text: &str) -> (Vec<Span>, u64) {
    let (mut style, mut spans) = (Style::default(), Vec::<Span>::new());
    let (mut count, mut left_out) = (0, 0);
    for piece in Pieces::new(text) {
        match piece {
            Piece::Style(parameters) => style.apply(parameters),
            Piece::Shown(_) if count == LINE_CHARS_MAX => left_out += 1,
            Piece::Shown(sign) => {
                count += 1;
                match spans.last_mut() {
                    Some(span) if span.style == style => span.text.push(sign),
                    _ => spans.push(Span { text: sign.to_string(), style }),
                }
            }
        }
    }
    for span in &mut spans {
        span.text = visible(&span.text);
    }
    (spans, left_out)
}
