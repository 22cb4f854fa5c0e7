//! Names and Azure's rules for them.

use super::checked_text::checked_text;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// Why a text is not a valid name. `Display` is shown to people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Shorter than the minimum or longer than the maximum.
    #[error("“{text}” has {length} characters; {kind} names have {min} to {max}")]
    Length {
        kind: &'static str,
        /// The refused text, shortened for display.
        text: String,
        length: usize,
        min: usize,
        max: usize,
    },
    /// An invalid character, or an invalid first or last character.
    #[error(
        "“{text}” is not a valid {kind} name: use letters, digits and hyphens, start with a letter, \
         end with a letter or a digit"
    )]
    Characters {
        kind: &'static str,
        /// The refused text, shortened for display.
        text: String,
    },
}

/// Minimum length of an endpoint or deployment name, in characters (Azure docs: how-to-manage-quotas).
pub const NAME_MIN: usize = 3;
/// Maximum length of an endpoint or deployment name, in characters (Azure docs: how-to-manage-quotas).
pub const NAME_MAX: usize = 32;

/// `^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$`, from the official SDK's `constants/_endpoint.py`.
fn check(kind: &'static str, text: &str, min: usize, max: usize) -> Result<(), NameError> {
    let length = text.chars().count();
    let shown = super::text::shortened(text, 40);
    if length < min || length > max {
        return Err(NameError::Length { kind, text: shown, length, min, max });
    }
    let bytes = text.as_bytes();
    let legal = bytes.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
        && bytes.first().is_some_and(u8::is_ascii_alphabetic)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric);
    if legal { Ok(()) } else { Err(NameError::Characters { kind, text: shown }) }
}

/// Declares a type of name. Comparisons ignore case, as in Azure; `Display` keeps the original case.
macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $kind:literal, $min:expr, $max:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl FromStr for $type {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                check($kind, text, $min, $max).map(|()| Self(text.to_owned()))
            }
        }
        checked_text!($type);
        impl PartialEq for $type {
            fn eq(&self, other: &Self) -> bool {
                self.0.eq_ignore_ascii_case(&other.0)
            }
        }
        impl Eq for $type {}
        impl Hash for $type {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.to_ascii_lowercase().hash(state);
            }
        }
        impl PartialOrd for $type {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }
        impl Ord for $type {
            fn cmp(&self, other: &Self) -> Ordering {
                let lower = |text: &str| text.to_ascii_lowercase();
                lower(&self.0).cmp(&lower(&other.0))
            }
        }
    };
}

name!(
    /// The name of an online endpoint. Unique per region, because the name is a DNS label.
    EndpointName, "endpoint", NAME_MIN, NAME_MAX
);
name!(
    /// The name of a deployment of an endpoint.
    DeploymentName, "deployment", NAME_MIN, NAME_MAX
);
name!(
    /// The name of a stage in the configuration (`anet-prod`).
    StageName, "stage", 1, 64
);

impl DeploymentName {
    /// Whether the name ends in “shadow”. New deployments must not have such a name, because a shadow keeps its name as
    /// the primary (run book, step 3).
    #[must_use]
    pub fn says_shadow(&self) -> bool {
        self.0.to_ascii_lowercase().ends_with("shadow")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, part: &str) {
        let error = text.parse::<DeploymentName>().expect_err(text);
        assert!(error.to_string().contains(part), "{error}");
    }

    #[test]
    fn valid_names_parse() {
        for text in ["abc", "anet-eedi", "A1-b2", "a".repeat(32).as_str(), "a--b"] {
            assert!(text.parse::<DeploymentName>().is_ok(), "{text}");
        }
    }

    #[test]
    fn invalid_names_are_rejected_with_the_rule() {
        refused("", "has 0 characters");
        refused("ab", "has 2 characters; deployment names have 3 to 32");
        refused(&"a".repeat(33), "has 33 characters");
        refused("1ab", "start with a letter");
        refused("ab-", "end with a letter or a digit");
        refused("a_shadow", "letters, digits and hyphens");
        refused("grün", "letters, digits and hyphens");
        refused("a/../b", "letters, digits and hyphens");
    }

    #[test]
    fn comparisons_of_names_ignore_case() {
        let (a, b): (DeploymentName, DeploymentName) =
            ("Blue".parse().expect("name"), "blue".parse().expect("name"));
        assert_eq!(a, b);
        assert_eq!(a.as_str(), "Blue");
        assert_eq!(std::collections::BTreeSet::from([a, b]).len(), 1);
    }

    #[test]
    fn names_that_end_in_shadow_are_recognized() {
        assert!("anet-Shadow".parse::<DeploymentName>().expect("name").says_shadow());
        assert!(!"shadow-free".parse::<DeploymentName>().expect("name").says_shadow());
    }
}
