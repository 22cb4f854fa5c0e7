//! What somebody looks for among many endpoints.

use super::name::EndpointName;
use serde::{Deserialize, Serialize};

/// Most endpoints of a stage that are shown at once; the others are found by name.
pub const SHOWN_MAX: usize = 60;
/// Longest text to look for: no endpoint's name is longer (Azure: 32).
const CHARS_MAX: usize = 32;

/// A part of an endpoint's name, in lower case; empty finds all.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Find(String);

impl Find {
    /// Takes what was typed; what occurs in no name is left out.
    #[must_use]
    pub fn new(typed: &str) -> Self {
        let can_occur = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
        let kept = typed.chars().filter(can_occur).map(|c| c.to_ascii_lowercase());
        Self(kept.take(CHARS_MAX).collect())
    }

    /// As a person reads it; safe in a URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it finds everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a name is what is looked for. Names have no upper and lower case of their own in Azure.
    #[must_use]
    pub fn finds(&self, name: &EndpointName) -> bool {
        self.is_empty() || name.as_str().to_ascii_lowercase().contains(&self.0)
    }
}

impl From<String> for Find {
    fn from(typed: String) -> Self {
        Self::new(&typed)
    }
}

impl From<Find> for String {
    fn from(find: Find) -> Self {
        find.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_of_a_name_finds_it_whatever_the_case() {
        let name: EndpointName = "Anet-Ep-Prod".parse().expect("a name");
        for (typed, found) in [
            ("", true),
            ("ep-p", true),
            (" EP-P ", true),
            ("anet-ep-prod", true),
            ("ep-d", false),
            ("<script>", false),
        ] {
            assert_eq!(Find::new(typed).finds(&name), found, "{typed}");
        }
    }

    #[test]
    fn what_is_typed_stays_small_and_harmless() {
        let find = Find::new(&"a&b=ü/".repeat(1_000));
        assert_eq!(find.as_str(), "ab".repeat(CHARS_MAX / 2));
    }
}
