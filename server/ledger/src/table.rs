//! The ledger as CSV (RFC 4180), for spreadsheets. It is for reading: only the JSON lines are verified,
//! and the last column says which of them a row is.

use crate::entry::{Entry, Facts};
use crate::tree::Hash;

/// The columns.
const HEAD: [&str; 19] = [
    "index",
    "at",
    "by",
    "by_id",
    "roles",
    "kind",
    "what",
    "stage",
    "endpoint",
    "deployment",
    "change",
    "operation",
    "before",
    "after",
    "reason",
    "request",
    "outcome",
    "message",
    "leaf_hash",
];

/// The first row, with its end.
#[must_use]
pub fn head() -> Vec<u8> {
    row(HEAD.map(str::to_owned))
}

/// An entry's row, with its end.
#[must_use]
pub fn entry(entry: &Entry, hash: Hash) -> Vec<u8> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let (about, by) = (&entry.about, &entry.by);
    row([
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
        facts(&entry.before),
        facts(&entry.after),
        text(&entry.reason),
        text(&entry.request),
        entry.result.outcome.word().to_owned(),
        text(&entry.result.message),
        hash.to_string(),
    ])
}

fn facts(facts: &Facts) -> String {
    let pairs: Vec<_> = facts.iter().map(|(field, value)| format!("{field}: {value}")).collect();
    pairs.join("; ")
}

fn row(cells: [String; HEAD.len()]) -> Vec<u8> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // Into memory, and rows of one length: neither call can fail.
    let _ = writer.write_record(cells.map(harmless));
    writer.into_inner().unwrap_or_default()
}

/// A spreadsheet takes a cell that begins like this for a formula, and a name or a reason is anybody's
/// text: an apostrophe in front keeps it a text.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}
