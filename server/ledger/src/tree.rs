//! The RFC 6962 tree over the entries: hashes, root, proofs. `tlog_tiles` computes them; this module supplies the
//! stored hashes that it needs.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use tlog_tiles::tlog;

/// The number of levels of a tree with `u64::MAX` leaves.
const LEVELS: usize = 64;

/// A SHA-256 hash of the tree, displayed in base64 as in a checkpoint.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The root of the empty tree.
    pub const EMPTY: Self = Self(tlog::EMPTY_HASH.0);

    /// Reads base64.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        tlog::Hash::parse_hash(text).ok().map(Self::from)
    }
}

impl From<tlog::Hash> for Hash {
    fn from(hash: tlog::Hash) -> Self {
        Self(hash.0)
    }
}

impl From<Hash> for tlog::Hash {
    fn from(hash: Hash) -> Self {
        Self(hash.0)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        tlog::Hash(self.0).fmt(f)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        tlog::Hash::deserialize(deserializer).map(Self::from)
    }
}

/// The hash of a leaf with these bytes.
#[must_use]
pub fn leaf(bytes: &[u8]) -> Hash {
    tlog::record_hash(bytes).into()
}

/// Stored hashes by position: the order in which the tree's complete subtrees are completed.
#[derive(Debug, Clone, Default)]
pub struct Known(pub std::collections::BTreeMap<u64, Hash>);

impl tlog::HashReader for Known {
    fn read_hashes(&self, positions: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
        let one = |at: &u64| self.0.get(at).map(|hash| (*hash).into());
        positions.iter().map(|at| one(at).ok_or(tlog::Error::IndexesNotInTree)).collect()
    }
}

/// Records the requested positions and returns dummy hashes: a first pass finds out which hashes to fetch.
#[derive(Default)]
struct Wanted(std::cell::RefCell<Vec<u64>>);

impl tlog::HashReader for Wanted {
    fn read_hashes(&self, positions: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
        self.0.borrow_mut().extend_from_slice(positions);
        Ok(vec![tlog::EMPTY_HASH; positions.len()])
    }
}

/// A hash is missing, or a size is impossible.
#[derive(Debug, thiserror::Error)]
#[error("the hashes at hand do not give this proof")]
pub struct NoProof;

/// Something that can be computed from stored hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// The root of the tree of a size.
    Root { size: u64 },
    /// That an entry is in the tree of a size.
    Inclusion { index: u64, size: u64 },
    /// That the tree of a size begins with an older one.
    Consistency {
        /// Entries in the older tree.
        older: u64,
        size: u64,
    },
}

impl Question {
    /// The positions of the O(log n) hashes that the answer needs.
    ///
    /// # Errors
    /// [`NoProof`] when a size is impossible.
    pub fn needs(self) -> Result<Vec<u64>, NoProof> {
        let wanted = Wanted::default();
        self.ask(&wanted)?;
        Ok(wanted.0.into_inner())
    }

    /// The answer: one root, or the hashes of a proof.
    ///
    /// # Errors
    /// [`NoProof`] when a hash is missing or a size is impossible.
    pub fn answer(self, known: &Known) -> Result<Vec<Hash>, NoProof> {
        self.ask(known)
    }

    fn ask(self, reader: &impl tlog::HashReader) -> Result<Vec<Hash>, NoProof> {
        let hashes = match self {
            Self::Root { size } => tlog::tree_hash(size, reader).map(|root| vec![root]),
            Self::Inclusion { index, size } => tlog::prove_record(size, index, reader),
            Self::Consistency { older, size } => tlog::prove_tree(size, older, reader),
        };
        Ok(hashes.map_err(|_| NoProof)?.into_iter().map(Hash::from).collect())
    }
}

/// The number of stored hashes of a tree with `size` entries.
#[must_use]
pub fn stored_hashes(size: u64) -> u64 {
    tlog::stored_hash_count(size)
}

/// Whether `proof` shows that the leaf `hash` is at `index` in the tree of `size` with this `root`.
#[must_use]
pub fn includes(proof: &[Hash], size: u64, root: Hash, index: u64, hash: Hash) -> bool {
    let proof = proof.iter().map(|hash| (*hash).into()).collect();
    tlog::check_record(&proof, size, root.into(), index, hash.into()).is_ok()
}

/// Whether `proof` shows that the tree of `size` begins with the older one.
#[must_use]
pub fn extends(proof: &[Hash], size: u64, root: Hash, older: u64, older_root: Hash) -> bool {
    let proof = proof.iter().map(|hash| (*hash).into()).collect();
    tlog::check_tree(&proof, size, root.into(), older, older_root.into()).is_ok()
}

/// The right edge of a growing tree: the last hash of each level, from which leaves are appended and the root is
/// computed. Needs O(log n) memory.
#[derive(Debug, Clone)]
pub struct Edge {
    size: u64,
    last: [Option<(u64, Hash)>; LEVELS],
}

impl Default for Edge {
    fn default() -> Self {
        Self { size: 0, last: [None; LEVELS] }
    }
}

impl tlog::HashReader for Edge {
    fn read_hashes(&self, positions: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
        let one = |position: &u64| {
            let (level, _) = tlog::split_stored_hash_index(*position);
            let kept = self.last.get(usize::from(level)).copied().flatten();
            kept.filter(|(at, _)| at == position).map(|(_, hash)| hash.into())
        };
        positions.iter().map(|at| one(at).ok_or(tlog::Error::IndexesNotInTree)).collect()
    }
}

impl Edge {
    /// The edge of a stored tree of `size`, from the hashes that [`Question::Root`] needs.
    ///
    /// # Errors
    /// [`NoProof`] when one is missing.
    pub fn resume(size: u64, known: &Known) -> Result<Self, NoProof> {
        let mut edge = Self { size, ..Self::default() };
        for position in (Question::Root { size }).needs()? {
            let hash = *known.0.get(&position).ok_or(NoProof)?;
            let (level, _) = tlog::split_stored_hash_index(position);
            *edge.last.get_mut(usize::from(level)).ok_or(NoProof)? = Some((position, hash));
        }
        Ok(edge)
    }

    /// The number of entries.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf; returns the hashes that it completes, with their positions.
    ///
    /// # Errors
    /// [`NoProof`] when the edge was resumed from too few hashes.
    pub fn push(&mut self, leaf: Hash) -> Result<Vec<(u64, Hash)>, NoProof> {
        let made = tlog::stored_hashes_for_record_hash(self.size, leaf.into(), self);
        let made = made.map_err(|_| NoProof)?;
        let first = tlog::stored_hash_index(0, self.size);
        let made: Vec<_> = (first..).zip(made.into_iter().map(Hash::from)).collect();
        for (last, new) in self.last.iter_mut().zip(&made) {
            *last = Some(*new);
        }
        self.size += 1;
        Ok(made)
    }

    /// The root of the tree.
    ///
    /// # Errors
    /// As [`Edge::push`].
    pub fn root(&self) -> Result<Hash, NoProof> {
        tlog::tree_hash(self.size, self).map(Hash::from).map_err(|_| NoProof)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roots_are_those_of_rfc_6962() {
        // The leaves and roots of the reference implementation of Certificate Transparency.
        let leaves: [&[u8]; 3] = [b"", b"\x00", b"\x10"];
        let hex = |hash: Hash| hash.0.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        ];
        let mut edge = Edge::default();
        assert_eq!(edge.root().expect("a root"), Hash::EMPTY);
        for (bytes, root) in leaves.into_iter().zip(roots) {
            edge.push(leaf(bytes)).expect("it grows");
            assert_eq!(hex(edge.root().expect("a root")), root);
        }
    }

    #[test]
    fn only_the_right_proofs_are_valid() {
        let mut edge = Edge::default();
        let mut known = Known::default();
        let mut roots = vec![Hash::EMPTY];
        let leaves: Vec<_> = (0..70_u64).map(|i| leaf(&i.to_be_bytes())).collect();
        for hash in &leaves {
            known.0.extend(edge.push(*hash).expect("it grows"));
            let kept = u64::try_from(known.0.len()).expect("small");
            assert_eq!(stored_hashes(edge.size()), kept);
            roots.push(edge.root().expect("a root"));
            let again = Edge::resume(edge.size(), &known).expect("it is kept");
            assert_eq!(again.root().expect("a root"), edge.root().expect("a root"));
        }
        let (size, root) = (edge.size(), roots[roots.len() - 1]);
        for index in 0..size {
            let at = usize::try_from(index).expect("small");
            let proof = Question::Inclusion { index, size }.answer(&known).expect("a proof");
            assert!(includes(&proof, size, root, index, leaves[at]));
            assert!(!includes(&proof, size, root, (index + 1) % size, leaves[at]));
            assert!(!includes(&proof, size, roots[at], index, leaves[at]));
            let older = index + 1;
            let proof = Question::Consistency { older, size }.answer(&known).expect("a proof");
            assert!(extends(&proof, size, root, older, roots[at + 1]));
            assert!(!extends(&proof, size, root, older, roots[at]));
        }
        assert!(Question::Inclusion { index: size, size }.needs().is_err());
    }
}
