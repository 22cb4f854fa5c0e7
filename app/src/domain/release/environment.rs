//! GitHub environments: the names that teams give to what they deploy to.

use crate::domain::name::StageName;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Longest name of an environment, in characters (GitHub: managing environments for deployment).
pub const ENVIRONMENT_MAX: usize = 255;

/// The name of a GitHub environment. It may hold blanks, slashes and underscores; GitHub compares names
/// without case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EnvironmentName(String);

/// Why a text names no environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvironmentError {
    /// Too long.
    #[error("the name has {0} characters; GitHub allows {ENVIRONMENT_MAX}. Shorten it")]
    Long(usize),
    /// It holds something that nobody can see.
    #[error("the name holds a control character. Write it without")]
    Characters,
}

impl EnvironmentName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The stage of the same name, when a stage can be named so.
    #[must_use]
    pub fn stage(&self) -> Option<StageName> {
        self.0.parse().ok()
    }

    /// Whether it is this environment.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.0.to_lowercase() == name.trim().to_lowercase()
    }
}

impl FromStr for EnvironmentName {
    type Err = EnvironmentError;
    fn from_str(text: &str) -> Result<Self, EnvironmentError> {
        let text = text.trim();
        let length = text.chars().count();
        if length > ENVIRONMENT_MAX {
            Err(EnvironmentError::Long(length))
        } else if text.chars().any(char::is_control) {
            Err(EnvironmentError::Characters)
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

impl TryFrom<String> for EnvironmentName {
    type Error = EnvironmentError;
    fn try_from(text: String) -> Result<Self, EnvironmentError> {
        text.parse()
    }
}

impl From<EnvironmentName> for String {
    fn from(name: EnvironmentName) -> Self {
        name.0
    }
}

impl fmt::Display for EnvironmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_github_environment_may_have_blanks_slashes_and_underscores() {
        for (text, stage) in [
            ("anet-dev", Some("anet-dev")),
            ("prod_eu", None),
            ("Prod / Europe", None),
            ("grün", None),
        ] {
            let name: EnvironmentName = text.parse().expect(text);
            assert_eq!(name.stage().map(|stage| stage.to_string()).as_deref(), stage, "{text}");
            assert!(name.is(&text.to_uppercase()), "{text}");
        }
        assert!("a\nb".parse::<EnvironmentName>().is_err());
        assert!("a".repeat(256).parse::<EnvironmentName>().is_err());
    }
}
