//! What is found in the files of a repository: what is wrong, and what else is to be said.

use crate::domain::release::note::Weight;
use serde::{Deserialize, Serialize};

/// One thing wrong with a file of the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileProblem {
    /// The file, from the root of the repository.
    pub file: String,
    /// The line, from 1, when it can be told.
    pub line: Option<u32>,
    /// The column in characters, from 1, when it can be told.
    #[serde(default)]
    pub column: Option<u32>,
    /// The key, when it is about one.
    pub field: Option<String>,
    /// What is wrong, which rule, what to do.
    pub message: String,
}

impl FileProblem {
    /// `file:line:column`, as far as that is known.
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

/// Something that hinders nothing, and that a person should know all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileNote {
    /// How much weight it has.
    pub weight: Weight,
    /// Where, and what.
    pub about: FileProblem,
}
