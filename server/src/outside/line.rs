//! Texts of others on one line: a log, a terminal or a message takes no line breaks, no escape sequences and no
//! endless text from outside.

use app::domain::text::shortened;
use std::borrow::Cow;
use std::fmt::Write as _;

/// Longest value of one field of a log line, in bytes.
pub const FIELD_BYTES_MAX: usize = 8 * 1024;
/// Longest text of others inside a sentence of ours, in characters.
const PART_CHARS_MAX: usize = 400;

/// A text with its control characters written out (`\n`, `\u{1b}`), so that it stays on its line and can steer no
/// terminal.
#[must_use]
pub fn shown(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_control) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_control(c) { plain.extend(c.escape_default()) } else { plain.push(c) }
    }
    Cow::Owned(plain)
}

/// Line and paragraph separators end lines for some readers of logs.
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// A value of a log line: [`shown`], and cut when it is too long, with the number of bytes that are left out.
#[must_use]
pub fn field(text: &str) -> Cow<'_, str> {
    if text.len() <= FIELD_BYTES_MAX {
        return shown(text);
    }
    let end = (0..=FIELD_BYTES_MAX).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let (kept, left_out) = text.split_at(end);
    let mut cut = shown(kept).into_owned();
    // Writing to a text does not fail.
    let _ = write!(cut, "… ({} more bytes)", left_out.len());
    Cow::Owned(cut)
}

/// What somebody else said, as a part of a sentence of ours: on one line, and not too long.
#[must_use]
pub fn part(text: &str) -> String {
    shortened(&field(text), PART_CHARS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_written_out() {
        for (text, expected) in [
            ("plain, ümlaut and 中", "plain, ümlaut and 中"),
            ("two\r\nlines", "two\\r\\nlines"),
            ("\u{1b}[31mred\u{7}", "\\u{1b}[31mred\\u{7}"),
            ("a\u{9b}31m\u{2028}b\tc\0", "a\\u{9b}31m\\u{2028}b\\tc\\u{0}"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn a_long_text_is_cut_and_says_how_much_is_left_out() {
        let long = "ä".repeat(FIELD_BYTES_MAX);
        let cut = field(&long);
        assert!(cut.len() < FIELD_BYTES_MAX + 40 && cut.ends_with("(8192 more bytes)"), "{cut}");
        assert_eq!(part(&long).chars().count(), PART_CHARS_MAX);
        assert_eq!(part("short\n"), "short\\n");
    }
}
