//! What is wrong with an export, and where.

use std::fmt;

/// The first bad entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub why: Why,
    /// The entry, counted from 0; `None` when it is the checkpoint that is wrong.
    pub index: Option<u64>,
    /// The line of the file, counted from 1.
    pub line: u64,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It is not the entry that was recorded.
    Altered,
    /// It is not there; the line has a later one.
    Missing {
        /// The entry that stands in its place.
        next: u64,
    },
    /// It stands further down.
    Reordered {
        /// The line on which it was found.
        found: u64,
    },
    /// The line is one too many.
    Added {
        /// The entry that it repeats, if its index says so.
        again: Option<u64>,
    },
    /// The export ends before it.
    Truncated {
        /// Entries in the signed tree.
        size: u64,
    },
    /// The export breaks off in the middle of it.
    CutOff,
    /// The export ends without a whole checkpoint: entries from here on may be missing.
    NoCheckpoint,
    /// There is something behind the checkpoint.
    AfterTheEnd,
    /// The line is no entry as the ledger writes them.
    Unreadable(String),
    /// The last entry is not the one that was signed, or a whole end was written anew.
    Last {
        /// Entries up to which a checkpoint that was kept elsewhere agrees.
        agreed: u64,
    },
    /// The entries are not those of a checkpoint that was kept elsewhere.
    Rewritten {
        /// Entries up to which an older checkpoint agrees.
        agreed: u64,
        /// Entries of the checkpoint that does not.
        size: u64,
    },
    /// The checkpoint that was kept elsewhere is of another ledger.
    Elsewhere {
        /// Its origin.
        origin: String,
    },
    /// The checkpoint at the end cannot be read, or its signature is wrong.
    Checkpoint(String),
    /// The checkpoint at the end is signed by somebody else.
    Stranger {
        /// By whom.
        found: String,
        /// By whom it should be.
        expected: String,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            Some(index) => write!(f, "entry {index} (line {}): ", self.line)?,
            None => write!(f, "the checkpoint (line {}): ", self.line)?,
        }
        self.why.fmt(f)
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Altered => f.write_str("altered: it is not the entry that was recorded"),
            Self::Missing { next } => write!(f, "missing: entry {next} stands in its place"),
            Self::Reordered { found } => write!(f, "reordered: it stands on line {found}"),
            Self::Added { again: Some(index) } => {
                write!(f, "added: the line repeats entry {index}")
            }
            Self::Added { again: None } => {
                f.write_str("added: the signed ledger has no such entry")
            }
            Self::Truncated { size } => {
                write!(f, "truncated: the export ends before it, and {size} entries were signed")
            }
            Self::CutOff => f.write_str("truncated: the export breaks off in the middle of it"),
            Self::NoCheckpoint => f.write_str(
                "truncated: the export ends without its checkpoint; this entry and later ones may be missing",
            ),
            Self::AfterTheEnd => f.write_str("added: there is something behind the checkpoint"),
            Self::Unreadable(why) => write!(f, "altered: {why}"),
            Self::Last { agreed } => write!(
                f,
                "altered: it is not what was signed, or all entries from some place after entry count \
                 {agreed} were written anew; an older checkpoint (--checkpoint) narrows it down"
            ),
            Self::Rewritten { agreed, size } => write!(
                f,
                "rewritten: the first {size} entries are not those that were signed; up to {agreed} they \
                 agree with a checkpoint"
            ),
            Self::Elsewhere { origin } => {
                write!(f, "the checkpoint that was given is of another ledger, “{origin}”")
            }
            Self::Checkpoint(why) => f.write_str(why),
            Self::Stranger { found, expected } => {
                write!(f, "it is signed by {found}, and {expected} was expected")
            }
        }
    }
}

impl std::error::Error for Fault {}
