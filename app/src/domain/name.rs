//! Names, as Azure limits them.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// Why a text is not a name. Its `Display` is the sentence that a person reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Shorter than the minimum or longer than the maximum.
    #[error("“{text}” has {length} characters; {kind} names have {min} to {max}")]
    Length {
        /// What was being named.
        kind: &'static str,
        /// The refused text, shortened for display.
        text: String,
        /// Its length in characters.
        length: usize,
        /// Fewest characters allowed.
        min: usize,
        /// Most characters allowed.
        max: usize,
    },
    /// A character that is not allowed, or a letter or digit missing at an end.
    #[error(
        "“{text}” is no {kind} name: use letters, digits and hyphens, start with a letter, \
         end with a letter or a digit"
    )]
    Characters {
        /// What was being named.
        kind: &'static str,
        /// The refused text, shortened for display.
        text: String,
    },
}

/// Fewest characters of an endpoint or deployment name (Azure: how-to-manage-quotas).
pub const NAME_MIN: usize = 3;
/// Most characters of an endpoint or deployment name (Azure: how-to-manage-quotas).
pub const NAME_MAX: usize = 32;

/// `^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$`, as the official SDK has it in `constants/_endpoint.py`.
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

/// Declares one kind of name. Azure compares names without regard to case, and so do these; the case
/// that was given is kept for display.
macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $kind:literal, $min:expr, $max:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            /// The name as it was written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $type {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                check($kind, text, $min, $max).map(|()| Self(text.to_owned()))
            }
        }
        impl TryFrom<String> for $type {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }
        impl From<$type> for String {
            fn from(name: $type) -> Self {
                name.0
            }
        }
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
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
    /// The name of an online endpoint; unique per region, because it is a DNS label.
    EndpointName, "endpoint", NAME_MIN, NAME_MAX
);
name!(
    /// The name of a deployment of an endpoint.
    DeploymentName, "deployment", NAME_MIN, NAME_MAX
);
name!(
    /// The name of a stage, as the configuration gives it (`anet-prod`).
    StageName, "stage", 1, 64
);

impl DeploymentName {
    /// Whether the name says "shadow" at its end. Such a name is refused for new deployments: after
    /// the promotion it would be the name of the primary (run book, step 3).
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
    fn names_within_azures_rules_parse() {
        for text in ["abc", "anet-eedi", "A1-b2", "a".repeat(32).as_str(), "a--b"] {
            assert!(text.parse::<DeploymentName>().is_ok(), "{text}");
        }
    }

    #[test]
    fn names_outside_azures_rules_are_refused_with_the_rule() {
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
    fn names_are_compared_without_case() {
        let (a, b): (DeploymentName, DeploymentName) =
            ("Blue".parse().expect("name"), "blue".parse().expect("name"));
        assert_eq!(a, b);
        assert_eq!(a.as_str(), "Blue");
        assert_eq!(std::collections::BTreeSet::from([a, b]).len(), 1);
    }

    #[test]
    fn a_name_that_says_shadow_is_known() {
        assert!("anet-Shadow".parse::<DeploymentName>().expect("name").says_shadow());
        assert!(!"shadow-free".parse::<DeploymentName>().expect("name").says_shadow());
    }
}
