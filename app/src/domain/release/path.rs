//! Paths inside a repository.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Longest path, in bytes (git and Linux allow 4096 for a whole path; no team writes half of that).
pub const PATH_BYTES_MAX: usize = 1024;

/// Why a text is not a path inside the repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Nothing is left of it.
    #[error("the path is empty. Name a file of the repository")]
    Empty,
    /// Too long.
    #[error("the path has {length} bytes; {PATH_BYTES_MAX} at most are read. Shorten it")]
    Long {
        /// Its length in bytes.
        length: usize,
    },
    /// It leads out of the repository.
    #[error(
        "“{path}” leads out of the repository. Write a path from the repository's root, like ./mlops/deployment.yml"
    )]
    Outside {
        /// The path.
        path: String,
    },
    /// It holds something that no file of a repository has in its name.
    #[error("“{path}” holds a backslash or a control character. Write folders with /")]
    Characters {
        /// The path, with such characters replaced.
        path: String,
    },
}

/// A file inside a repository, by its path from the root, without `./`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepoPath(String);

impl RepoPath {
    /// From the root, without `./`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder it is in; empty for a file at the root.
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

impl TryFrom<String> for RepoPath {
    type Error = PathError;
    fn try_from(text: String) -> Result<Self, PathError> {
        text.parse()
    }
}

impl From<RepoPath> for String {
    fn from(path: RepoPath) -> Self {
        path.0
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_inside_the_repository_are_read_and_made_plain() {
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
    fn paths_that_lead_elsewhere_are_refused() {
        for text in ["", ".", "./", "a/..", "/etc/passwd", "../x", "a/../../x", "a\\b", "a\nb"] {
            assert!(text.parse::<RepoPath>().is_err(), "{text}");
        }
        assert!("a/".repeat(600).parse::<RepoPath>().is_err());
    }
}
