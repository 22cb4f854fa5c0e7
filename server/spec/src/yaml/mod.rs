//! Parses YAML to a tree in which every node has its place.
//!
//! Scalars keep their source text (`0001` stays `0001`) and can be converted as Azure's tools do: these load files
//! with PyYAML, which reads YAML 1.1 (`yes` is true, `0o17` a string, `017` is 15). Everything that PyYAML rejects is
//! refused here, with its line. Deliberately stricter than PyYAML: a duplicate key is refused (PyYAML silently takes
//! the last one), as are sets, binaries, custom tags, and input that would not end (multiplying aliases, unbounded
//! nesting).

mod anchor;
mod build;
mod flow;
mod malformed;
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

/// The maximum size of a text. Each limit has its own error.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub bytes: usize,
    /// Nodes of the tree, with aliases and merges expanded.
    pub nodes: usize,
    pub depth: usize,
}

impl Default for Limits {
    /// Far above what teams write: the largest public sample has 6 kB.
    fn default() -> Self {
        Self { bytes: 1024 * 1024, nodes: 20_000, depth: 64 }
    }
}

/// Parses one document. `file` is the file's name in problems. An empty document is null.
///
/// # Errors
/// The first problem: not UTF-8, too large, malformed, a tab outside quotes, a duplicate key, several documents, an
/// alias without an anchor or within itself, too many or too deep nodes.
pub fn parse(file: &str, bytes: &[u8], limits: Limits) -> Result<Node, Problem> {
    let file: Arc<str> = file.into();
    let text = source::decode(&file, bytes, limits.bytes)?;
    build::tree(&file, &text, limits)
}
