//! By what evidence is told apart: its id, its hash, its kind.

use crate::domain::uuid::is_uuid;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Identifies evidence: a random UUID, in lower-case hexadecimal with hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EvidenceId(String);

impl FromStr for EvidenceId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if is_uuid(text) {
            return Ok(Self(text.to_owned()));
        }
        Err("There is no such evidence. The endpoint's page of evidence lists what there is"
            .to_owned())
    }
}

impl TryFrom<String> for EvidenceId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<EvidenceId> for String {
    fn from(id: EvidenceId) -> Self {
        id.0
    }
}

impl fmt::Display for EvidenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// SHA-256 over the evidence as canonical JSON (RFC 8785), in lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EvidenceHash(pub String);

impl EvidenceHash {
    /// Its beginning, for people.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

/// What kind of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What Azure Monitor measured of it and of what is live.
    ShadowComparison,
    /// One request sent to both.
    ReplayDiff,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::ShadowComparison, Self::ReplayDiff];

    /// Its word in policies, forms and the store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ShadowComparison => "shadow_comparison",
            Self::ReplayDiff => "replay_diff",
        }
    }

    /// The one with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// For people, at the beginning of a sentence.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::ShadowComparison => "Shadow comparison",
            Self::ReplayDiff => "Replay diff",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_what_the_console_makes_and_nothing_else() {
        assert!("6f2c1b6a-0c1d-4e7f-9a3b-0123456789ab".parse::<EvidenceId>().is_ok());
        for wrong in [
            "",
            "none",
            "6f2c1b6a-0c1d-4e7f-9a3b-0123456789AB",
            "6f2c1b6a00c1d04e7f09a3b00123456789ab",
            "../../../../../../../../../etc/passwd",
            "' OR 1=1 -- ---------------------------",
        ] {
            assert!(wrong.parse::<EvidenceId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn kinds_are_found_by_their_words() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_word(kind.word()), Some(kind));
        }
        assert_eq!(Kind::from_word("load_test"), None);
    }
}
