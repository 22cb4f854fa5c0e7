//! The ledger as CSV (RFC 4180), for spreadsheets. Only the JSON lines can be verified; the last column has the hash of
//! a row's line.

use crate::entry::{Entry, Facts};
use crate::tree::Hash;

/// A byte order mark, without which spreadsheets do not recognize UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The content of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    /// The console's own, such as a number, a time, a hash or a word: written unchanged.
    Exact,
    /// Written by people, such as a name or a reason: must not become a formula.
    Text,
}

const COLUMNS: [(&str, Cell); 20] = [
    ("index", Cell::Exact),
    ("at", Cell::Exact),
    ("by", Cell::Text),
    ("by_id", Cell::Text),
    ("roles", Cell::Exact),
    ("kind", Cell::Exact),
    ("what", Cell::Text),
    ("stage", Cell::Text),
    ("endpoint", Cell::Text),
    ("deployment", Cell::Text),
    ("change", Cell::Exact),
    ("operation", Cell::Exact),
    ("job", Cell::Exact),
    ("before", Cell::Text),
    ("after", Cell::Text),
    ("reason", Cell::Text),
    ("request", Cell::Text),
    ("outcome", Cell::Exact),
    ("message", Cell::Text),
    ("leaf_hash", Cell::Exact),
];

/// The byte order mark and the header row, with the line end.
#[must_use]
pub fn head() -> Vec<u8> {
    let row = row(COLUMNS.map(|(name, _)| name.to_owned()));
    [BYTE_ORDER_MARK.as_bytes(), &row].concat()
}

/// An entry's row, with the line end.
#[must_use]
pub fn entry(entry: &Entry, hash: Hash) -> Vec<u8> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let (about, by) = (&entry.about, &entry.by);
    let cells = [
        entry.index.to_string(),
        entry.at.to_string(),
        by.name.clone(),
        text(&by.id),
        by.roles.join(" "),
        entry.kind.word().to_owned(),
        entry.what.clone(),
        text(&about.stage),
        text(&about.endpoint),
        text(&about.deployment),
        text(&about.change),
        text(&about.operation),
        text(&about.job),
        facts(&entry.before),
        facts(&entry.after),
        text(&entry.reason),
        text(&entry.request),
        entry.result.outcome.word().to_owned(),
        text(&entry.result.message),
        hash.to_string(),
    ];
    let mut kinds = COLUMNS.iter().map(|(_, cell)| *cell);
    row(cells.map(|cell| match kinds.next() {
        Some(Cell::Exact) => cell,
        _ => harmless(&cell),
    }))
}

fn facts(facts: &Facts) -> String {
    let pairs: Vec<_> = facts.iter().map(|(field, value)| format!("{field}: {value}")).collect();
    pairs.join("; ")
}

/// One row. All cells are quoted, because they may contain commas, quotes and line ends.
fn row(cells: [String; COLUMNS.len()]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .quote_style(csv::QuoteStyle::Always)
        .from_writer(Vec::new());
    // Neither call can fail: the rows have equal lengths and go to memory.
    let _ = writer.write_record(cells);
    writer.into_inner().unwrap_or_default()
}

/// Puts an apostrophe before everything that a spreadsheet would take for the beginning of a formula. A formula may
/// also begin inside a text, because some locales split cells at semicolons, tabs or line ends.
fn harmless(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 1);
    let mut begins = true;
    for (at, character) in text.char_indices() {
        let is_odd = at == 0 && matches!(character, '\t' | '\r' | '\n');
        if begins && (is_odd || starts_formula(&text[at..])) {
            safe.push('\'');
            begins = false;
        }
        if divides(character) {
            begins = true;
        } else if !is_skipped(character) {
            begins = false;
        }
        safe.push(character);
    }
    safe
}

/// Whether a spreadsheet would take a cell that begins here for a formula. The first visible character decides, because
/// spreadsheets skip invisible ones.
fn starts_formula(rest: &str) -> bool {
    let mut signs = rest.chars().skip_while(|sign| is_skipped(*sign) && !divides(*sign));
    signs.next().is_some_and(|sign| FORMULA.contains(&sign))
}

/// The first characters of formulas, including the full-width forms of East Asian keyboards and the small forms.
const FORMULA: [char; 12] = [
    '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\u{fe66}', '\u{fe62}',
    '\u{fe63}', '\u{fe6b}',
];

/// Whether some spreadsheet splits cells or rows at this character.
fn divides(sign: char) -> bool {
    matches!(sign, ';' | '\t' | '\r' | '\n')
}

/// Whether a character is invisible: white space, control characters and formatting characters.
fn is_skipped(sign: char) -> bool {
    let steers = matches!(sign,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}');
    sign.is_whitespace() || sign.is_control() || steers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_never_a_formula() {
        let table = [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("\u{ff0b}1", "'\u{ff0b}1"),
            ("\u{ff0d}1", "'\u{ff0d}1"),
            ("\u{ff20}a", "'\u{ff20}a"),
            ("  =1", "'  =1"),
            ("\u{a0}\u{200b}\u{feff}=1", "'\u{a0}\u{200b}\u{feff}=1"),
            ("\u{0}=1", "'\u{0}=1"),
            ("\t=1", "'\t'=1"),
            ("\ttext", "'\ttext"),
            ("\rtext", "'\rtext"),
            ("good;=1", "good;'=1"),
            ("good; \u{ff1d}1", "good;' \u{ff1d}1"),
            ("two\n=1", "two\n'=1"),
            ("two\r\n-1", "two\r\n'-1"),
            ("two\n\n=1", "two\n\n'=1"),
            ("two\n =1", "two\n' =1"),
        ];
        for (text, safe) in table {
            assert_eq!(harmless(text), safe, "{text:?}");
        }
    }

    #[test]
    fn a_text_without_a_formula_is_unchanged() {
        let texts = [
            "",
            " ",
            "Dana Scott",
            "Müller",
            "a=b",
            "3 - 2",
            "dana@example.org",
            "'=1",
            "blue=90,green=10;mirror=red:20",
            "route: blue=100; mirror: none",
            "one\ntwo",
            "one\r\ntwo",
            "a, \"b\"",
        ];
        for text in texts {
            assert_eq!(harmless(text), text);
        }
    }
}
