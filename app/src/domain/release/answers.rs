//! A person's answers to a release's inputs, as a form or a URL's query carries them: `in.deploy=true`.

use serde::{Deserialize, Serialize};

/// An input that a person answered instead of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// Its key.
    pub key: String,
    /// What the file says; `None` when it says nothing.
    pub file: Option<String>,
    /// What the person says.
    pub answer: String,
}

/// The fields that are inputs begin like this.
pub const PREFIX: &str = "in.";

/// The answers among a query's fields, by their keys.
#[must_use]
pub fn of_query(query: &[(String, String)]) -> Vec<(String, String)> {
    let answer = |(name, value): &(String, String)| {
        Some((name.strip_prefix(PREFIX)?.to_owned(), value.clone()))
    };
    query.iter().filter_map(answer).collect()
}
