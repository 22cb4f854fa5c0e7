//! Decodes a file, and checks the characters that YAML 1.1 allows: UTF-8, printable characters, no tabs outside
//! quotes, block scalars and comments.

use crate::problem::{Mark, Problem};
use std::sync::Arc;

/// Decodes a file like Python: one byte-order mark is dropped, CRLF and CR become LF.
pub(super) fn decode(file: &Arc<str>, bytes: &[u8], bytes_max: usize) -> Result<String, Problem> {
    if bytes.len() > bytes_max {
        return Err(Mark::start(file).problem(
            "",
            format!("the file is larger than {bytes_max} bytes, which is the limit. Shorten it"),
        ));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        at_end_of(file, &good).problem("", "this is not UTF-8 text. Save the file as UTF-8")
    })?;
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if let Some((index, odd)) = text.char_indices().find(|(_, c)| !is_printable(*c)) {
        let message = format!(
            "YAML does not allow the character U+{:04X}. Remove it, or write it as an escape in double quotes",
            u32::from(odd)
        );
        return Err(at_end_of(file, &text[..index]).problem("", message));
    }
    Ok(text)
}

/// The place after a text.
fn at_end_of(file: &Arc<str>, before: &str) -> Mark {
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    Mark { file: file.clone(), line: number(line), column: number(column) }
}

/// YAML 1.1, 4.1.1. A byte-order mark inside the text is not allowed.
fn is_printable(c: char) -> bool {
    matches!(c, '\t' | '\n' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}'
        | '\u{10000}'..)
}

/// The range of a scalar that may contain tabs, in characters from the start of the text.
pub(super) type Quoted = std::ops::Range<usize>;

/// Finds the first tab outside quoted and block scalars (`quoted`, in order) and comments. PyYAML allows no others,
/// and a tab in place of indentation is an invisible mistake.
pub(super) fn find_tab(file: &Arc<str>, text: &str, quoted: &[Quoted]) -> Option<Problem> {
    let (mut line, mut column) = (1, 0);
    let (mut comment, mut before) = (false, '\n');
    let mut quoted = quoted.iter().peekable();
    for (index, c) in text.chars().enumerate() {
        column += 1;
        while quoted.next_if(|range| range.end <= index).is_some() {}
        let inside = quoted.peek().is_some_and(|range| range.contains(&index));
        match c {
            '\n' => (line, column, comment) = (line + 1, 0, false),
            '#' if !inside && matches!(before, '\n' | ' ') => comment = true,
            '\t' if !inside && !comment => {
                let at = Mark { file: file.clone(), line, column };
                return Some(
                    at.problem("", "YAML does not allow a tab here. Replace it with spaces"),
                );
            }
            _ => {}
        }
        before = c;
    }
    None
}
