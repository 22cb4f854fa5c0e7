//! Removes terminal escape sequences (ECMA-48) and control characters from a text. Only changes of style are reported.

use std::borrow::Cow;

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// A character to show.
    Shown(char),
    /// The parameters of a change of style: `1;31`.
    Style(&'a str),
}

/// The parts of a text, in order. Reads each character at most twice, whatever the text contains.
#[derive(Debug, Clone)]
pub(super) struct Pieces<'a> {
    text: &'a str,
    at: usize,
    /// Where the last control string of the text ends, once known.
    strings_end: Option<usize>,
}

const ESC: char = '\u{1b}';
/// Ends a control string.
const BELL: char = '\u{7}';
const STRING_TERMINATOR: char = '\u{9c}';

impl<'a> Pieces<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, strings_end: None }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Reads what follows an escape character.
    fn escape(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        match rest.bytes().next() {
            Some(b'[') => {
                self.at += 1;
                return self.control_sequence();
            }
            Some(b']' | b'P' | b'X' | b'^' | b'_') => {
                self.at += 1;
                self.control_string();
            }
            Some(0x20..=0x2f) => {
                let between = count(rest, 0x20..=0x2f);
                let has_final =
                    rest.as_bytes().get(between).is_some_and(|b| (0x30..=0x7e).contains(b));
                self.at += between + usize::from(has_final);
            }
            Some(0x30..=0x7e) => self.at += 1,
            // Incomplete: only the escape character is removed.
            _ => {}
        }
        None
    }

    /// Reads a control sequence after its introducer. Returns the parameters of a change of style.
    fn control_sequence(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let parameters = count(rest, 0x30..=0x3f);
        let end = parameters + count(&rest[parameters..], 0x20..=0x2f);
        let last = rest.as_bytes().get(end).filter(|byte| (0x40..=0x7e).contains(*byte));
        self.at += end + usize::from(last.is_some());
        (last == Some(&b'm') && end == parameters).then(|| &rest[..parameters])
    }

    /// Skips a control string, such as a link or a window title. One that does not end hides nothing: only its
    /// introducer is removed.
    fn control_string(&mut self) {
        let text = self.text;
        let end = *self.strings_end.get_or_insert_with(|| {
            let short = text.rfind([BELL, STRING_TERMINATOR]);
            short.max(text.rfind("\u{1b}\\")).map_or(0, |at| at + 1)
        });
        if self.at >= end {
            return;
        }
        let rest = self.rest();
        let mut was_escape = false;
        for (at, sign) in rest.char_indices() {
            if matches!(sign, BELL | STRING_TERMINATOR) || was_escape && sign == '\\' {
                self.at += at + sign.len_utf8();
                return;
            }
            was_escape = sign == ESC;
        }
    }
}

/// The number of leading bytes of a text in a range of ASCII.
fn count(text: &str, range: std::ops::RangeInclusive<u8>) -> usize {
    text.bytes().take_while(|byte| range.contains(byte)).count()
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            let sign = self.rest().chars().next()?;
            self.at += sign.len_utf8();
            let style = match sign {
                ESC => self.escape(),
                // The same sequences in one character.
                '\u{9b}' => self.control_sequence(),
                '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => {
                    self.control_string();
                    None
                }
                '\t' => return Some(Piece::Shown(sign)),
                sign if sign.is_control() => None,
                sign => return Some(Piece::Shown(sign)),
            };
            if let Some(parameters) = style {
                return Some(Piece::Style(parameters));
            }
        }
    }
}

/// The text without escape sequences and control characters, tabs excepted.
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|sign| sign.is_control() && sign != '\t') {
        return Cow::Borrowed(text);
    }
    let shown = Pieces::new(text).filter_map(|piece| match piece {
        Piece::Shown(sign) => Some(sign),
        Piece::Style(_) => None,
    });
    Cow::Owned(shown.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sequences_and_control_characters_are_removed_and_text_stays() {
        for (text, shown) in [
            ("plain\ttext", "plain\ttext"),
            ("\u{1b}[1;31mred\u{1b}[0m", "red"),
            ("\u{1b}[2K\u{1b}[1G50 %", "50 %"),
            ("\u{1b}]0;title\u{7}after", "after"),
            ("\u{1b}]8;;https://a/\u{1b}\\link\u{1b}]8;;\u{1b}\\ end", "link end"),
            ("\u{1b}]0;never ends", "0;never ends"),
            ("\u{1b}(Btext\u{1b}=", "text"),
            ("\u{9b}31mred", "red"),
            ("\u{9d}title\u{9c}after", "after"),
            ("a\u{0}b\u{8}c\u{7f}d\u{85}e", "abcde"),
            ("cut \u{1b}", "cut "),
            ("cut \u{1b}[31", "cut "),
            ("\u{1b}[31ü", "ü"),
            ("\u{1b}ü", "ü"),
        ] {
            assert_eq!(plain(text), shown, "{text:?}");
        }
    }

    #[test]
    fn many_strings_that_do_not_end_are_read_in_linear_time() {
        let text = "\u{1b}]".repeat(300_000);
        assert_eq!(plain(&text), "");
        let text = format!("{}\u{7}", "\u{1b}]x".repeat(300_000));
        assert_eq!(plain(&text), "");
    }

    proptest! {
        #[test]
        fn no_control_character_remains(text in "([\u{1b}\u{9b}\u{9d}\u{7}\\[\\]();0-9mK\\\\]|.|\n){0,60}") {
            let shown = plain(&text);
            let is_control = |sign: char| sign.is_control() && sign != '\t';
            prop_assert!(!shown.chars().any(is_control), "{shown:?}");
            prop_assert_eq!(plain(&shown), shown.as_ref());
        }
    }
}
