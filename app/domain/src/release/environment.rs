//! Names of GitHub environments, which identify where a workflow deploys.

use crate::checked_text::checked_text;
use crate::name::StageName;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Maximum length of an environment's name, in characters (GitHub docs: managing environments for deployment).
pub const ENVIRONMENT_MAX: usize = 255;

/// The name of a GitHub environment. Spaces, slashes and underscores are allowed; GitHub compares names
/// case-insensitively.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EnvironmentName(String);

/// Why a text is not a valid environment name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvironmentError {
    #[error("the name has {0} characters; GitHub allows {ENVIRONMENT_MAX}. Use a shorter name")]
    Long(usize),
    #[error("the name contains a control character. Remove it")]
    Characters,
}

impl EnvironmentName {
    /// The name as a stage name, if it is a valid one.
    #[must_use]
    pub fn stage(&self) -> Option<StageName> {
        self.0.parse().ok()
    }

    /// Compares names as GitHub does: case-insensitively.
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

checked_text!(EnvironmentName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_github_environment_may_have_spaces_slashes_and_underscores() {
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
