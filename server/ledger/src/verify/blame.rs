//! Which of two neighbours was changed, when an entry does not follow the one before it.
//!
//! Each entry names the hash of the one before it, so the export holds every leaf hash twice: computed
//! from the bytes, and as the successor claims it. A signed root tells which is true. If the tree of the
//! claimed hashes has the signed root, the first computed hash that differs belongs to the first bad
//! entry. If only the entry that breaks the chain claims wrongly, it was changed itself.

use super::fault::{Fault, Why};
use crate::tree::{Edge, Hash};

/// A broken chain, followed to the end of the export.
pub(super) struct Blame {
    /// The entry that does not follow its predecessor.
    index: u64,
    line: u64,
    /// The tree of the claimed hashes.
    claimed: Edge,
    /// The same, but with the computed hash of the predecessor.
    computed: Edge,
    /// The computed hash of the predecessor.
    before: Hash,
    /// Its last leaf, which no successor has claimed yet.
    last: Hash,
    /// Whether the entry after the broken place follows it.
    is_followed: Option<bool>,
}

impl Blame {
    /// `edge` holds all leaves before the predecessor, whose hash is computed as `before` and claimed
    /// as `claim` by the entry at `index`, which itself hashes to `hash`.
    pub(super) fn new(
        edge: Edge,
        before: Hash,
        claim: Hash,
        hash: Hash,
        index: u64,
        line: u64,
    ) -> Self {
        let mut blame = Self {
            index,
            line,
            claimed: edge.clone(),
            computed: edge,
            before,
            last: hash,
            is_followed: None,
        };
        // Edges that began empty are never short of hashes.
        let _ = (blame.claimed.push(claim), blame.computed.push(before));
        blame
    }

    /// The next entry.
    pub(super) fn follow(&mut self, claim: Hash, hash: Hash) {
        self.is_followed.get_or_insert(claim == self.last);
        let _ = (self.claimed.push(claim), self.computed.push(claim));
        self.last = hash;
    }

    /// Another line for an entry that was read already. If it is the one that broke the chain, and this
    /// line follows the predecessor, this line is the true one.
    pub(super) fn again(&mut self, index: u64, claim: Hash) {
        if index == self.index && claim == self.before {
            self.is_followed = Some(false);
        }
    }

    /// The first bad entry, given the signed root of a tree of this size, if there is one to believe.
    pub(super) fn verdict(&self, root: Option<Hash>) -> Fault {
        let has_root = |edge: &Edge| {
            let mut edge = edge.clone();
            let _ = edge.push(self.last);
            root.is_some() && edge.root().ok() == root
        };
        let is_before = if has_root(&self.claimed) {
            true
        } else if has_root(&self.computed) {
            false
        } else {
            // An entry that its successor confirms is the one to believe. The last one has none: were it
            // true, so would be its claim, and a root to believe would have said so above.
            self.is_followed.unwrap_or(root.is_none())
        };
        let back = u64::from(is_before);
        Fault { why: Why::Altered, index: Some(self.index - back), line: self.line - back }
    }
}
