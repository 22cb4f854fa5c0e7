//! Faults of an export and their places.

/// The first bad entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} (line {line}): {why}", place(*.index))]
pub struct Fault {
    pub why: Why,
    /// Counted from 0; `None` when the checkpoint is faulty.
    pub index: Option<u64>,
    /// Counted from 1.
    pub line: u64,
}

fn place(index: Option<u64>) -> String {
    index.map_or_else(|| "the checkpoint".to_owned(), |index| format!("entry {index}"))
}

/// The kind of a fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    #[error("altered: it is not the entry that was recorded")]
    Altered,
    /// The entry is missing; the line has a later one.
    #[error("missing: entry {next} is in its place")]
    Missing {
        /// The entry in its place.
        next: u64,
    },
    /// The entry is further down.
    #[error("reordered: it is on line {found}")]
    Reordered {
        /// The line on which it was found.
        found: u64,
    },
    /// The line is not part of the ledger.
    #[error("added: {}", added(*.again))]
    Added {
        /// The entry that the line repeats, according to its index.
        again: Option<u64>,
    },
    /// The export ends before the entry.
    #[error("truncated: the export ends before it, but {size} entries were signed")]
    Truncated {
        /// The number of entries in the signed tree.
        size: u64,
    },
    /// The export ends in the middle of the entry.
    #[error("truncated: the export ends in the middle of it")]
    CutOff,
    /// The export ends without a complete checkpoint: this entry and later ones may be missing.
    #[error(
        "truncated: the export ends without its checkpoint; this entry and later ones may be missing"
    )]
    NoCheckpoint,
    /// There is data after the checkpoint.
    #[error("added: there is data after the checkpoint")]
    AfterTheEnd,
    /// The line is not an entry in canonical form.
    #[error("altered: {0}")]
    Unreadable(String),
    /// The last entry is not the signed one, or all entries from some place on were rewritten.
    #[error(
        "altered: it is not what was signed, or all entries from some place after the first {agreed} were \
         rewritten; an older checkpoint (--checkpoint) narrows the place down"
    )]
    Last {
        /// The number of entries confirmed by a checkpoint that was kept elsewhere.
        agreed: u64,
    },
    /// The entries are not those of a checkpoint that was kept elsewhere.
    #[error(
        "rewritten: the first {size} entries are not those that were signed; the first {agreed} match a \
         checkpoint"
    )]
    Rewritten {
        /// The number of entries confirmed by an older checkpoint.
        agreed: u64,
        /// The number of entries of the checkpoint that does not match.
        size: u64,
    },
    /// The checkpoint that was kept elsewhere belongs to another ledger.
    #[error("the given checkpoint belongs to another ledger, “{origin}”")]
    Elsewhere { origin: String },
    /// The checkpoint at the end cannot be read, or its signature is wrong.
    #[error("{0}")]
    Checkpoint(String),
    /// An unexpected key signed the checkpoint at the end.
    #[error("it is signed by {found}, but {expected} was expected")]
    Stranger { found: String, expected: String },
}

fn added(again: Option<u64>) -> String {
    let repeated = again.map(|index| format!("the line repeats entry {index}"));
    repeated.unwrap_or_else(|| "the signed ledger has no such entry".to_owned())
}
