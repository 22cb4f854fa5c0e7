//! YAML text to a tree whose every node knows its place.
//!
//! Scalars keep their source text (`0001` stays `0001`) and can be asked what Azure's tools make of
//! them: those load files with PyYAML, which reads YAML 1.1 (`yes` is true, `0o17` a text, `017` is 15).
//! What PyYAML refuses is refused here, with its line. Stricter than PyYAML on purpose: a key given twice
//! is refused, where PyYAML silently takes the last; so are sets, binaries and custom tags, and whatever
//! would not end (aliases that multiply, nesting without bound).

mod anchor;
mod build;
mod flow;
mod merge;
mod node;
mod plain;
mod scalar;
mod source;
mod surrogate;
mod tag;

pub use node::{Entry, Map, Merge, Node, Value};
pub(crate) use scalar::short;
pub use scalar::{Scalar, Style, Timestamp, Typed};

use crate::problem::Problem;
use std::sync::Arc;

/// What a text may have at most; each is an error of its own.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of the text.
    pub bytes: usize,
    /// Nodes of the tree, aliases and merges written out.
    pub nodes: usize,
    /// Collections within collections.
    pub depth: usize,
}

impl Default for Limits {
    /// Far above what teams write: the largest public sample has 6 kB.
    fn default() -> Self {
        Self { bytes: 1024 * 1024, nodes: 20_000, depth: 64 }
    }
}

/// Reads one document. `file` is the name that problems carry. A document without content is a null.
///
/// # Errors
/// The first problem: not UTF-8, too large, malformed, a tab where YAML has none, a key twice, several
/// documents, an alias without anchor or within itself, too many or too deep nodes.
pub fn parse(file: &str, bytes: &[u8], limits: Limits) -> Result<Node, Problem> {
    let file: Arc<str> = file.into();
    let text = source::decode(&file, bytes, limits.bytes)?;
    build::tree(&file, &text, limits)
}
