//! A person's answers to a release's inputs, as sent in a form or a URL query: `in.deploy=true`.

use serde::{Deserialize, Serialize};

/// An input whose value a person gave in place of the file's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    pub key: String,
    /// The value in the file, if the file has one.
    pub file: Option<String>,
    pub answer: String,
}

/// The prefix of form fields that carry inputs.
pub const PREFIX: &str = "in.";

/// The answers in a query, as pairs of input key and value.
#[must_use]
pub fn of_query(query: &[(String, String)]) -> Vec<(String, String)> {
    let answer = |(name, value): &(String, String)| {
        Some((name.strip_prefix(PREFIX)?.to_owned(), value.clone()))
    };
    query.iter().filter_map(answer).collect()
}
