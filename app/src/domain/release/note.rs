//! What a person should know of a release that can be used all the same.

use serde::{Deserialize, Serialize};

/// How much weight a note has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// GitHub or the templates would not do what the file says, or nobody knows whether they would.
    Warning,
    /// Something is read otherwise than it looks.
    Note,
}

/// One remark about an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// How much weight it has.
    pub weight: Weight,
    /// The input's key, or `uses`.
    pub key: String,
    /// Its line in the workflow file, from 1.
    pub line: Option<u32>,
    /// What it is about and what follows from it.
    pub message: String,
}
