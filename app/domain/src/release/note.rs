//! Remarks about a release that do not prevent its use.

use serde::{Deserialize, Serialize};

/// The severity of a [`Note`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// GitHub rejects the file or the call, so its workflow does not run.
    Refused,
    /// GitHub or the templates will not, or may not, do what the file says.
    Warning,
    /// A value has a meaning that its spelling does not suggest.
    Note,
}

/// One remark about an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub weight: Weight,
    /// The input's key, or `uses`.
    pub key: String,
    /// Its line in the workflow file, from 1.
    pub line: Option<u32>,
    /// The finding and its consequence.
    pub message: String,
}
