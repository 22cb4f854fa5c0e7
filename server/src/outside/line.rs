//! Makes external texts safe for logs, terminals and messages: one line, no escape sequences, bounded length.

use domain::text::shortened;
use std::borrow::Cow;
use std::fmt::Write as _;

/// Longest value of one field of a log line, in bytes.
pub const FIELD_BYTES_MAX: usize = 8 * 1024;
/// Longest external text within one of the console's sentences, in characters.
const PART_CHARS_MAX: usize = 400;

/// Escapes control characters (`\n`, `\u{1b}`), so that the text stays on one line and cannot control a terminal.
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

/// Includes line and paragraph separators, because some log viewers break lines at them.
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Escapes a value as [`shown`] does and cuts it at [`FIELD_BYTES_MAX`], with the number of omitted bytes.
#[must_use]
pub fn field(text: &str) -> Cow<'_, str> {
    if text.len() <= FIELD_BYTES_MAX {
        return shown(text);
    }
    let end = (0..=FIELD_BYTES_MAX).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let (kept, left_out) = text.split_at(end);
    let mut cut = shown(kept).into_owned();
    // Writing to a string cannot fail.
    let _ = write!(cut, "… ({} more bytes)", left_out.len());
    Cow::Owned(cut)
}

/// Escapes and shortens an external text for use within a sentence.
#[must_use]
pub fn part(text: &str) -> String {
    shortened(&field(text), PART_CHARS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
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
    fn a_long_text_is_cut_and_states_the_omitted_bytes() {
        let long = "ä".repeat(FIELD_BYTES_MAX);
        let cut = field(&long);
        assert!(cut.len() < FIELD_BYTES_MAX + 40 && cut.ends_with("(8192 more bytes)"), "{cut}");
        assert_eq!(part(&long).chars().count(), PART_CHARS_MAX);
        assert_eq!(part("short\n"), "short\\n");
    }
}
