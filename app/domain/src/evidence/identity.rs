//! Id, hash and kind of evidence.

use crate::checked_text::checked_text;
use crate::uuid::is_uuid;
use crate::vocabulary::vocabulary;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Identifies evidence: a random UUID in lower-case hexadecimal with hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EvidenceId(String);

impl FromStr for EvidenceId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if is_uuid(text) {
            return Ok(Self(text.to_owned()));
        }
        Err("There is no such evidence. The endpoint's evidence page lists all evidence".to_owned())
    }
}

checked_text!(EvidenceId);

/// SHA-256 over the evidence as canonical JSON (RFC 8785), in lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EvidenceHash(pub String);

impl EvidenceHash {
    /// The first characters, for screens.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

/// A kind of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Azure Monitor's measurements of a deployment and of the live ones.
    ShadowComparison,
    /// The answers of two deployments to one request.
    ReplayDiff,
}

vocabulary!(
    Kind:
    /// All kinds.
    ALL,
    /// The key in policies, forms and the store.
    word,
    /// The name on screens, capitalized.
    label,
    ShadowComparison = "shadow_comparison", "Shadow comparison";
    ReplayDiff = "replay_diff", "Replay diff";
);

impl Kind {
    /// The kind with this key.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lower_case_uuids_are_ids() {
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
    fn each_kind_is_found_by_its_key() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_word(kind.word()), Some(kind));
        }
        assert_eq!(Kind::from_word("load_test"), None);
    }
}
