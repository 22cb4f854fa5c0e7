//! Decides which of two adjacent entries was changed, when the second one's `previous` hash is wrong.
//!
//! Each entry contains the hash of its predecessor, so an export has every leaf hash twice: computed from the bytes,
//! and claimed by the successor. The signed root shows which one is right. If the tree of the claimed hashes has the
//! signed root, the first computed hash that differs belongs to the first bad entry. If only the entry that breaks the
//! chain has a wrong claim, that entry was changed.

use super::fault::{Fault, Why};
use crate::tree::{Edge, Hash};

/// A broken chain, followed to the end of the export.
pub(super) struct Blame {
    /// The entry whose `previous` hash is wrong.
    index: u64,
    line: u64,
    /// The tree of the claimed hashes.
    claimed: Edge,
    /// The tree of the claimed hashes, but with the computed hash of the predecessor.
    computed: Edge,
    /// The computed hash of the predecessor.
    before: Hash,
    /// The last leaf, which no successor has claimed yet.
    last: Hash,
    /// Whether the next entry claims the hash of the entry that broke the chain.
    is_followed: Option<bool>,
}

impl Blame {
    /// `edge` has all leaves before the predecessor. `before` is the computed hash of the predecessor; the entry
    /// at `index`, with the hash `hash`, claims `claim`.
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
        // Cannot fail, because the edges began empty.
        let _ = (blame.claimed.push(claim), blame.computed.push(before));
        blame
    }

    /// Adds the next entry.
    pub(super) fn follow(&mut self, claim: Hash, hash: Hash) {
        self.is_followed.get_or_insert(claim == self.last);
        let _ = (self.claimed.push(claim), self.computed.push(claim));
        self.last = hash;
    }

    /// Adds another line with an index that was read before. If that entry broke the chain, and this line follows
    /// the predecessor, this line is the original.
    pub(super) fn again(&mut self, index: u64, claim: Hash) {
        if index == self.index && claim == self.before {
            self.is_followed = Some(false);
        }
    }

    /// The first bad entry, given the signed root of a tree of this size, if there is a trusted one.
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
            // An entry whose successor confirms it is the original. The last entry has no successor: if it
            // were the original, its claim would be right, and a trusted root would have matched above.
            self.is_followed.unwrap_or(root.is_none())
        };
        let back = u64::from(is_before);
        Fault { why: Why::Altered, index: Some(self.index - back), line: self.line - back }
    }
}
