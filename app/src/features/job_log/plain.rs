//! Log lines without what only a terminal understands.

use domain::text::visible;

const ESCAPE: char = '\u{1b}';
const BELL: char = '\u{7}';

/// A line as plain text: without ANSI escape sequences (ECMA-48) and control characters. Of a line that was
/// overwritten with carriage returns, as progress bars do, the last state.
#[must_use]
pub fn plain(line: &str) -> String {
    let line = line.trim_end_matches('\r');
    let line = line.rsplit_once('\r').map_or(line, |(_, last)| last);
    let mut kept = String::with_capacity(line.len());
    let mut signs = line.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            ESCAPE => skip(&mut signs),
            '\t' => kept.push('\t'),
            sign if sign.is_control() => {}
            sign => kept.push(sign),
        }
    }
    visible(&kept)
}

/// Skips the rest of an escape sequence.
fn skip(signs: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match signs.peek() {
        // A control sequence ends with its first letter or sign from @ to ~.
        Some('[') => {
            signs.next();
            signs.find(|sign| ('@'..='~').contains(sign));
        }
        // An operating system command, such as a link, ends with a bell or with another escape.
        Some(']') => {
            while let Some(sign) = signs.next() {
                if sign == BELL {
                    break;
                }
                if sign == ESCAPE {
                    signs.next_if_eq(&'\\');
                    break;
                }
            }
        }
        _ => _ = signs.next(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_only_its_text() {
        for (line, expected) in [
            ("plain", "plain"),
            ("\u{1b}[1;31mERROR\u{1b}[0m no such layer", "ERROR no such layer"),
            ("\u{1b}]8;;https://x.example\u{1b}\\link\u{1b}]8;;\u{7} end", "link end"),
            ("10%\r50%\r100% done\r", "100% done"),
            ("a\u{0}b\tc\u{7}", "ab\tc"),
            ("cut\u{1b}[3", "cut"),
            ("cut\u{1b}", "cut"),
            ("Dana\u{202e}ttocS", "Dana⟨U+202E⟩ttocS"),
        ] {
            assert_eq!(plain(line), expected, "{line:?}");
        }
    }
}
