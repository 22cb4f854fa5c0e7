//! Verifies an export: reads it once, line by line, and returns either what it proves or the first bad entry.
//!
//! Memory is bounded by one line and the tree's edge. Checked on each line: the canonical form, the index and the hash
//! of the preceding entry. Checked at the end: the signature, the size and the root. Checked for each checkpoint that
//! was kept elsewhere: that the export begins with exactly its entries.

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
    /// The checkpoint at the end of the export.
    pub checkpoint: Checkpoint,
    /// The key that signed it.
    pub key: VerifierKey,
    /// Whether the caller trusts that key.
    pub is_believed: bool,
    /// The times of the first and the last entry; `None` without entries.
    pub span: Option<(Instant, Instant)>,
}

/// Why an export was not verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error(transparent)]
    Fault(#[from] Box<Fault>),
    #[error("the export cannot be read")]
    Io(#[from] std::io::Error),
}

/// Verifies an export. `keys` are the keys that the caller trusts. Without any, the key in the export is used, which
/// proves that nothing has changed since the export was signed, but not who signed it. `anchors` are opened checkpoints
/// that were kept elsewhere.
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

/// The state after the entries read so far.
struct Walk<'a> {
    reader: Reader,
    /// All leaves except the last, which is added when the next entry has confirmed it.
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

    /// The number of entries read.
    fn size(&self) -> u64 {
        self.edge.size() + u64::from(self.last.is_some())
    }

    fn fault(&self, why: Why, line: u64) -> Box<Fault> {
        match &self.blame {
            // The first fault counts.
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

    /// Adds an entry with the right index. If its `previous` hash is wrong, reading continues, because the
    /// checkpoint at the end shows which of the two entries was changed.
    fn follow(&mut self, entry: &Entry, hash: Hash, line: u64) -> Result<(), Box<Fault>> {
        let before = self.last.unwrap_or(Hash::EMPTY);
        if let Some(blame) = &mut self.blame {
            blame.follow(entry.previous, hash);
        } else if entry.previous != before {
            if self.last.is_none() {
                // The first entry has no predecessor that could have been changed.
                return Err(self.fault(Why::Altered, line));
            }
            let (edge, claim) = (self.edge.clone(), entry.previous);
            self.blame = Some(Blame::new(edge, before, claim, hash, entry.index, line));
        }
        if let Some(last) = self.last.replace(hash) {
            self.push(last, line)?;
        }
        let first = self.span.map_or(entry.at, |(first, _)| first);
        self.span = Some((first, entry.at));
        Ok(())
    }

    fn push(&mut self, hash: Hash, line: u64) -> Result<(), Box<Fault>> {
        // Cannot fail, because the edge began empty.
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

    /// Checks the last line: signature, size, root, then the checkpoints that were kept elsewhere.
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
            // The chain is intact, so either the last entry was changed, or all entries from some place on
            // were rewritten.
            let (index, line) = (size.checked_sub(1), line.saturating_sub(1));
            let why = Why::Last { agreed: self.agreed };
            return Err(Box::new(Fault { why, index, line }));
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

/// The checkpoint of the last line, if its signature is valid.
fn opened(text: &[u8], keys: &[VerifierKey]) -> Result<(Checkpoint, VerifierKey, bool), Why> {
    let unsigned = |words: &dyn std::fmt::Display| Why::Checkpoint(words.to_string());
    let end: End = canonical::read(text, &mut Vec::new()).map_err(|error| unsigned(&error))?;
    let own = VerifierKey::parse(&end.key).map_err(|error| unsigned(&error))?;
    // The export's own key must match, too, so that no byte of the export can be changed.
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
