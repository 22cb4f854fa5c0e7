//! Paths inside a repository.

use crate::checked_text::checked_text;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Maximum length of a path, in bytes: our own limit (git and Linux allow 4096).
pub const PATH_BYTES_MAX: usize = 1024;

/// Why a text is not a path inside the repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    #[error("the path is empty. Give the path of a file in the repository")]
    Empty,
    #[error("the path has {length} bytes; the limit is {PATH_BYTES_MAX}. Use a shorter path")]
    Long { length: usize },
    #[error(
        "“{path}” leads out of the repository. Use a path from the repository's root, like ./mlops/deployment.yml"
    )]
    Outside { path: String },
    #[error("“{path}” contains a backslash or a control character. Separate folders with /")]
    Characters {
        /// The path, with control characters replaced.
        path: String,
    },
}

/// The path of a file in a repository, from the root and without `./`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepoPath(String);

impl RepoPath {
    /// The file's folder; empty for a file at the root.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

impl FromStr for RepoPath {
    type Err = PathError;
    fn from_str(text: &str) -> Result<Self, PathError> {
        let text = text.trim();
        if text.len() > PATH_BYTES_MAX {
            return Err(PathError::Long { length: text.len() });
        }
        let shown =
            || text.chars().take(80).map(|c| if c.is_control() { '�' } else { c }).collect();
        if text.contains('\\') || text.chars().any(char::is_control) {
            return Err(PathError::Characters { path: shown() });
        }
        if text.starts_with('/') {
            return Err(PathError::Outside { path: shown() });
        }
        let mut parts: Vec<&str> = Vec::new();
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    if parts.pop().is_none() {
                        return Err(PathError::Outside { path: shown() });
                    }
                }
                part => parts.push(part),
            }
        }
        if parts.is_empty() { Err(PathError::Empty) } else { Ok(Self(parts.join("/"))) }
    }
}

checked_text!(RepoPath);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_inside_the_repository_are_normalized() {
        for (text, plain) in [
            ("./mlops/azureml/deployment.yml", "mlops/azureml/deployment.yml"),
            ("config.yml", "config.yml"),
            ("a//b/./c/../d.yml", "a/b/d.yml"),
            (" a b/ö.yml ", "a b/ö.yml"),
        ] {
            assert_eq!(text.parse::<RepoPath>().expect(text).as_str(), plain);
        }
        assert_eq!("a/b/c.yml".parse::<RepoPath>().expect("path").folder(), "a/b");
        assert_eq!("c.yml".parse::<RepoPath>().expect("path").folder(), "");
    }

    #[test]
    fn paths_outside_the_repository_are_rejected() {
        for text in ["", ".", "./", "a/..", "/etc/passwd", "../x", "a/../../x", "a\\b", "a\nb"] {
            assert!(text.parse::<RepoPath>().is_err(), "{text}");
        }
        assert!("a/".repeat(600).parse::<RepoPath>().is_err());
    }
}
