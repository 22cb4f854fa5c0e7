//! Verification: reads an export once, line by line, and says either what it proves or which entry is
//! the first bad one.
//!
//! Memory is bounded by a line and by the tree's edge. What is checked, line by line: the canonical form,
//! the index, the hash of the entry before; at the end: the signature, the size and the root; and for
//! each checkpoint that was kept elsewhere: that the export begins with exactly those entries.

mod apart;
mod blame;
mod fault;
mod lines;

pub use fault::{Fault, Why};

use crate::canonical::{self, NotCanonical, Reader};
use crate::checkpoint::Checkpoint;
use crate::entry::{Entry, Instant};
use crate::export::{END, End};
use crate::key::VerifierKey;
use crate::tree::{Edge, Hash, leaf};
use blame::Blame;
use lines::{Line, Lines};
use std::io::BufRead;

/// What an intact export proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The checkpoint that stands at its end: the ledger's name, the number of entries, the root.
    pub checkpoint: Checkpoint,
    /// The key that signed it.
    pub key: VerifierKey,
    /// Whether that key was among those that the caller believes.
    pub is_believed: bool,
    /// When the first and the last entry were written; `None` without entries.
    pub span: Option<(Instant, Instant)>,
}

/// Why nothing can be said.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The export is bad.
    #[error(transparent)]
    Fault(#[from] Box<Fault>),
    /// It cannot be read to its end.
    #[error("the export cannot be read")]
    Io(#[from] std::io::Error),
}

/// Verifies an export. `keys` are those that the caller believes; without any, the key that stands in the
/// export is taken, which proves that nothing was changed since it was signed, not by whom. `anchors` are
/// checkpoints that were kept elsewhere, already opened.
///
/// # Errors
/// [`VerifyError`].
pub fn verify(
    export: impl BufRead,
    keys: &[VerifierKey],
    anchors: &[Checkpoint],
) -> Result<Proof, VerifyError> {
    let mut lines = Lines::new(export);
    let mut walk = Walk::new(anchors);
    let end = loop {
        let number = lines.number() + 1;
        match lines.next()? {
            Line::End => return Err(walk.fault(Why::NoCheckpoint, number).into()),
            Line::Text(text) if text.starts_with(END) => break text.to_vec(),
            Line::Text(text) => {
                if let Err(fault) = walk.step(text, number) {
                    let hash = leaf(text);
                    return Err(apart::told_apart(fault, &walk, hash, &mut lines)?.into());
                }
            }
            Line::Unended(text) => {
                let why = if text.starts_with(END) { Why::NoCheckpoint } else { Why::CutOff };
                return Err(walk.fault(why, number).into());
            }
            Line::TooLong => {
                let why = Why::Unreadable(NotCanonical::TooLong.to_string());
                return Err(walk.fault(why, number).into());
            }
        }
    };
    let number = lines.number();
    if !matches!(lines.next()?, Line::End) {
        return Err(walk.fault(Why::AfterTheEnd, number + 1).into());
    }
    Ok(walk.end(&end, number, keys)?)
}

/// The entries read so far.
struct Walk<'a> {
    reader: Reader,
    /// All leaves but the last, which waits until the entry after it has confirmed it.
    edge: Edge,
    last: Option<Hash>,
    span: Option<(Instant, Instant)>,
    anchors: &'a [Checkpoint],
    agreed: u64,
    blame: Option<Blame>,
}

impl<'a> Walk<'a> {
    fn new(anchors: &'a [Checkpoint]) -> Self {
        Self {
            reader: Reader::default(),
            edge: Edge::default(),
            last: None,
            span: None,
            anchors,
            agreed: 0,
            blame: None,
        }
    }

    /// Entries so far.
    fn size(&self) -> u64 {
        self.edge.size() + u64::from(self.last.is_some())
    }

    fn fault(&self, why: Why, line: u64) -> Box<Fault> {
        match &self.blame {
            // What came first counts, however the export goes on.
            Some(blame) => Box::new(blame.verdict(None)),
            None => Box::new(Fault { why, index: Some(self.size()), line }),
        }
    }

    fn step(&mut self, text: &[u8], line: u64) -> Result<(), Box<Fault>> {
        let entry = match self.reader.entry(text) {
            Ok(entry) => entry,
            Err(error) => return Err(self.fault(Why::Unreadable(error.to_string()), line)),
        };
        let (index, size) = (entry.index, self.size());
        if index > size {
            return Err(self.fault(Why::Missing { next: index }, line));
        }
        if index < size {
            if let Some(blame) = &mut self.blame {
                blame.again(index, entry.previous);
            }
            return Err(self.fault(Why::Added { again: Some(index) }, line));
        }
        self.follow(&entry, leaf(text), line)
    }

    /// Takes an entry at its right place. One that does not follow the one before it is remembered, and
    /// reading goes on: the checkpoint at the end tells which of the two was changed.
    fn follow(&mut self, entry: &Entry, hash: Hash, line: u64) -> Result<(), Box<Fault>> {
        let before = self.last.unwrap_or(Hash::EMPTY);
        if let Some(blame) = &mut self.blame {
            blame.follow(entry.previous, hash);
        } else if entry.previous != before {
            if self.last.is_none() {
                // There is nothing before the first entry that could have been changed.
                return Err(self.fault(Why::Altered, line));
            }
            self.blame = Some(Blame::new(
                self.edge.clone(),
                before,
                entry.previous,
                hash,
                entry.index,
                line,
            ));
        }
        if let Some(last) = self.last.replace(hash) {
            self.push(last, line)?;
        }
        let first = self.span.map_or(entry.at, |(first, _)| first);
        self.span = Some((first, entry.at));
        Ok(())
    }

    fn push(&mut self, hash: Hash, line: u64) -> Result<(), Box<Fault>> {
        // An edge that began empty is never short of hashes.
        let _ = self.edge.push(hash);
        if self.blame.is_some() {
            return Ok(());
        }
        let size = self.edge.size();
        for anchor in self.anchors.iter().filter(|anchor| anchor.size == size) {
            if self.edge.root().ok() != Some(anchor.root) {
                let why = Why::Rewritten { agreed: self.agreed, size };
                return Err(Box::new(Fault { why, index: Some(self.agreed), line }));
            }
            self.agreed = size;
        }
        Ok(())
    }

    /// The last line: signature, size, root, then the checkpoints that were kept elsewhere.
    fn end(mut self, text: &[u8], line: u64, keys: &[VerifierKey]) -> Result<Proof, Box<Fault>> {
        let signed = opened(text, keys);
        if let Some(blame) = &self.blame {
            let size = self.size();
            let root = signed.as_ref().ok().map(|(checkpoint, ..)| checkpoint);
            let root = root.filter(|checkpoint| checkpoint.size == size);
            return Err(Box::new(blame.verdict(root.map(|checkpoint| checkpoint.root))));
        }
        if let Some(last) = self.last.take() {
            self.push(last, line)?;
        }
        let at = |why, index| Box::new(Fault { why, index, line });
        let (checkpoint, key, is_believed) = signed.map_err(|why| at(why, None))?;
        let size = self.edge.size();
        if size < checkpoint.size {
            return Err(at(Why::Truncated { size: checkpoint.size }, Some(size)));
        }
        if size > checkpoint.size {
            return Err(at(Why::Added { again: None }, Some(checkpoint.size)));
        }
        if self.edge.root().ok() != Some(checkpoint.root) {
            // The chain holds, so either the last entry was changed, which nothing follows, or all
            // entries from some place on were written anew.
            let last = size.checked_sub(1);
            let line = line.saturating_sub(1);
            return Err(Box::new(Fault {
                why: Why::Last { agreed: self.agreed },
                index: last,
                line,
            }));
        }
        for anchor in self.anchors {
            if anchor.origin != checkpoint.origin {
                let origin = anchor.origin.clone();
                return Err(at(Why::Elsewhere { origin }, None));
            }
            if anchor.size > size {
                return Err(at(Why::Truncated { size: anchor.size }, Some(size)));
            }
            if anchor.size == 0 && anchor.root != Hash::EMPTY {
                return Err(at(Why::Rewritten { agreed: 0, size: 0 }, None));
            }
        }
        Ok(Proof { checkpoint, key, is_believed, span: self.span })
    }
}

/// The checkpoint of the last line, if its signature holds.
fn opened(text: &[u8], keys: &[VerifierKey]) -> Result<(Checkpoint, VerifierKey, bool), Why> {
    let unsigned = |words: &dyn std::fmt::Display| Why::Checkpoint(words.to_string());
    let end: End = canonical::read(text, &mut Vec::new()).map_err(|error| unsigned(&error))?;
    let own = VerifierKey::parse(&end.key).map_err(|error| unsigned(&error))?;
    // The export's own key must fit too: every byte of it counts.
    let (checkpoint, key) = Checkpoint::open(&end.checkpoint, std::slice::from_ref(&own))
        .map_err(|error| unsigned(&error))?;
    if end.checkpoint.matches("\n— ").count() != 1 {
        return Err(unsigned(&"it has more than one signature"));
    }
    if keys.is_empty() {
        return Ok((checkpoint, key, false));
    }
    if keys.contains(&own) {
        return Ok((checkpoint, key, true));
    }
    let expected: Vec<_> = keys.iter().map(VerifierKey::short).collect();
    let (found, expected) = (own.short().to_owned(), expected.join(" or "));
    Err(Why::Stranger { found, expected })
}
