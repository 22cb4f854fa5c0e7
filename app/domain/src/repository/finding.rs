//! Problems and notes about the files of a repository.

use crate::release::note::Weight;
use serde::{Deserialize, Serialize};

/// A problem with a file of the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileProblem {
    /// The path from the repository's root.
    pub file: String,
    /// The line, counted from 1, if known.
    pub line: Option<u32>,
    /// The column in characters, counted from 1, if known.
    pub column: Option<u32>,
    /// The key that the problem concerns, if any.
    pub field: Option<String>,
    /// The finding, the rule and the remedy.
    pub message: String,
}

impl FileProblem {
    /// `file:line:column`, as far as known.
    #[must_use]
    pub fn place(&self) -> String {
        let Self { file, line, column, .. } = self;
        match (line, column) {
            (Some(line), Some(column)) => format!("{file}:{line}:{column}"),
            (Some(line), None) => format!("{file}:{line}"),
            (None, _) => file.clone(),
        }
    }
}

/// A remark that does not prevent the use of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileNote {
    pub weight: Weight,
    pub about: FileProblem,
}
