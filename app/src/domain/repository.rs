//! A team's repository as the console reads it: at a revision, with the releases that its workflows define,
//! the files that those name, and what is wrong with any of them.

use super::infra::Infra;
use super::name::{DeploymentName, StageName};
use super::release::{Release, Template};
use super::route::Route;
use super::stage::Freshness;
use super::standing::Standing;
use super::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

mod finding;

pub use finding::{FileNote, FileProblem};

/// Largest file that is read, in bytes: far above what teams write by hand.
pub const FILE_BYTES_MAX: usize = 256 * 1024;
/// Longest name of a branch or tag, in bytes (GitHub: 255 bytes for a reference).
pub const REFERENCE_BYTES_MAX: usize = 244;

/// A branch, a tag or a commit's hash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);

/// Why a text is no reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}” cannot be a branch, a tag or a commit: git allows no spaces, no “..”, none of ~ ^ : ? * [ \\, and no \
     slash or dot at an end"
)]
pub struct ReferenceError(String);

impl Reference {
    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;
    /// The rules of `git check-ref-format`.
    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let text = text.trim();
        let part = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && !part.ends_with('.')
                && !part.ends_with(".lock")
        };
        let legal = !text.is_empty()
            && text.len() <= REFERENCE_BYTES_MAX
            && text != "@"
            && !text.starts_with('-')
            && !text.contains("..")
            && !text.contains("@{")
            && !text.chars().any(|c| c.is_control() || c == ' ' || "~^:?*[\\".contains(c))
            && text.split('/').all(part);
        if legal {
            Ok(Self(text.to_owned()))
        } else {
            Err(ReferenceError(text.chars().filter(|c| !c.is_control()).take(60).collect()))
        }
    }
}

impl TryFrom<String> for Reference {
    type Error = ReferenceError;
    fn try_from(text: String) -> Result<Self, ReferenceError> {
        text.parse()
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.0
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A release's address: its repository, its workflow file and its job.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReleaseId {
    /// The repository's name in the configuration.
    pub repository: String,
    /// The workflow file's name in `.github/workflows`.
    pub workflow: String,
    /// The job's key.
    pub job: String,
}

/// What a file is to a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileRole {
    /// The workflow itself.
    Workflow,
    /// The infra configuration.
    Infra,
    /// The endpoint's YAML.
    Endpoint,
    /// A deployment's YAML.
    Deployment,
    /// The load test's configuration.
    LoadTest,
    /// The load test's plan: the locustfile.
    TestPlan,
    /// What the image is built from.
    Dockerfile,
}

impl FileRole {
    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Workflow => "Workflow",
            Self::Infra => "Infra configuration",
            Self::Endpoint => "Endpoint",
            Self::Deployment => "Deployment",
            Self::LoadTest => "Load test",
            Self::TestPlan => "Test plan",
            Self::Dockerfile => "Dockerfile",
        }
    }
}

/// A file that a release names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepoFile {
    /// What it is to the release.
    pub role: FileRole,
    /// Its path from the root of the repository.
    pub path: String,
    /// Its text; `None` when it cannot be read, and a problem says why.
    pub text: Option<String>,
}

/// A release with all that it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defined {
    /// Its address.
    pub id: ReleaseId,
    /// What the workflow says.
    pub release: Release,
    /// The stage that its GitHub environment stands for.
    pub stage: Option<StageName>,
    /// What its infra configuration says.
    pub infra: Option<Infra>,
    /// The files that it names, the workflow first.
    pub files: Vec<RepoFile>,
    /// Everything wrong with it and with its files.
    pub problems: Vec<FileProblem>,
    /// What else is to be said of it and its files.
    #[serde(default)]
    pub notes: Vec<FileNote>,
}

/// What was read, exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// The branch, tag or hash that was asked for; none for a folder.
    pub reference: Option<Reference>,
    /// The commit that it stood for; none for a folder.
    pub commit: Option<String>,
    /// The first line of the commit's message.
    pub title: String,
    /// Who wrote the commit.
    pub author: String,
    /// When it was committed.
    pub at: Option<Timestamp>,
}

/// A release in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Its address.
    pub id: ReleaseId,
    /// Which template it calls.
    pub template: Template,
    /// The line of its job.
    pub line: Option<u32>,
    /// The GitHub environment, as the workflow names it.
    pub environment: String,
    /// The stage that it stands for.
    pub stage: Option<StageName>,
    /// What it is for: the endpoint or the image, as the workflow names it.
    pub target: String,
    /// The deployments that it names.
    pub deployments: Vec<DeploymentName>,
    /// How many things are wrong with it.
    pub problems: u32,
    /// How many warnings there are.
    #[serde(default)]
    pub warnings: u32,
    /// The inputs that must be answered.
    pub questions: Vec<String>,
    /// What it defines against what runs.
    pub standing: Standing,
    /// What runs now: the endpoint's route, when there is the endpoint.
    pub running: Option<Route>,
}

/// A repository at a revision, without its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repository {
    /// Its name in the configuration.
    pub name: String,
    /// Where it is (`github.com/anet/ml-azua`, or a folder).
    pub place: String,
    /// How current this is.
    pub freshness: Freshness,
    /// What was read; `None` until something was.
    pub revision: Option<Revision>,
    /// How many workflow files there are.
    pub workflows: u32,
    /// The releases, by file and line; empty in a release's own page.
    pub releases: Vec<Summary>,
    /// What is wrong with whole files, and so with no release in particular.
    pub problems: Vec<FileProblem>,
    /// What else is to be said of whole files, and of jobs that are no releases.
    #[serde(default)]
    pub notes: Vec<FileNote>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_those_that_git_allows() {
        for text in ["main", "feature/nbq-2", "v1.0.0", "0a1b2c3", "refs/heads/x", "grün"] {
            assert!(text.parse::<Reference>().is_ok(), "{text}");
        }
        let long = "a".repeat(REFERENCE_BYTES_MAX + 1);
        for text in [
            "",
            "a b",
            "../x",
            "a..b",
            "/a",
            "a/",
            "a//b",
            "-x",
            "a~1",
            "a^",
            "a:b",
            "a?",
            "a*",
            "a[",
            "a\\b",
            "@",
            "a@{1}",
            "x.lock",
            ".x",
            "x.",
            "a/.b",
            "a\nb",
            long.as_str(),
        ] {
            assert!(text.parse::<Reference>().is_err(), "{text:?}");
        }
    }
}
