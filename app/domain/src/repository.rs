//! A team's repository at a revision: the releases that its workflows define, the files that they name, and all
//! problems.

use super::infra::Infra;
use super::name::{DeploymentName, StageName};
use super::release::note::Weight;
use super::release::{Release, Template};
use super::release_drift::ReleaseDrift;
use super::route::Route;
use super::stage::Freshness;
use super::timestamp::Timestamp;
use crate::checked_text::checked_text;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

mod finding;

pub use finding::{FileNote, FileProblem};

/// Maximum size of a file, in bytes: far more than teams write by hand.
pub const FILE_BYTES_MAX: usize = 256 * 1024;
/// Maximum length of a branch or tag, in bytes (GitHub: 255 bytes for a reference with its prefix).
pub const REFERENCE_BYTES_MAX: usize = 244;

/// A branch, a tag or a commit's hash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);

/// The text is not a valid reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}” cannot be a branch, a tag or a commit: git allows no spaces, no “..”, none of ~ ^ : ? * [ \\, and no \
     slash or dot at an end"
)]
pub struct ReferenceError(String);

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

checked_text!(Reference);

/// Identifies a release by repository, workflow file and job.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct ReleaseId {
    /// The repository's name in the configuration.
    pub repository: String,
    /// The workflow file's name in `.github/workflows`.
    pub workflow: String,
    pub job: String,
}

/// The role of a file in a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileRole {
    Workflow,
    Infra,
    Endpoint,
    Deployment,
    /// The load test's configuration.
    LoadTest,
    /// The load test's plan: the locustfile.
    TestPlan,
    /// The Dockerfile of the image.
    Dockerfile,
}

impl FileRole {
    /// The role's name on screens.
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
    pub role: FileRole,
    /// The path from the repository's root.
    pub path: String,
    /// The content; `None` if unreadable, which a problem explains.
    pub text: Option<String>,
}

/// A release with its files and findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defined {
    pub id: ReleaseId,
    pub release: Release,
    /// The stage of the release's GitHub environment.
    pub stage: Option<StageName>,
    /// The infra configuration, if valid.
    pub infra: Option<Infra>,
    /// The files that the release names, the workflow first.
    pub files: Vec<RepoFile>,
    /// All problems with the release and its files.
    pub problems: Vec<FileProblem>,
    /// All notes about the release and its files.
    #[serde(default)]
    pub notes: Vec<FileNote>,
}

impl Defined {
    /// Whether GitHub rejects the file or the call, so that the workflow does not run.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.notes.iter().any(|note| note.weight == Weight::Refused)
    }
}

/// The exact revision that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// The requested branch, tag or hash; `None` for a folder.
    pub reference: Option<Reference>,
    /// The commit that the reference resolved to; `None` for a folder.
    pub commit: Option<String>,
    /// The first line of the commit's message.
    pub title: String,
    pub author: String,
    pub at: Option<Timestamp>,
}

/// A release as an entry of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub id: ReleaseId,
    pub template: Template,
    /// The line of the release's job.
    pub line: Option<u32>,
    /// The GitHub environment in the workflow.
    pub environment: String,
    pub stage: Option<StageName>,
    /// The endpoint or image that the workflow names.
    pub target: String,
    pub deployments: Vec<DeploymentName>,
    pub problems: u32,
    /// Whether GitHub rejects the file or the call.
    #[serde(default)]
    pub refused: bool,
    /// The number of warnings, including the reasons why GitHub rejects it.
    #[serde(default)]
    pub warnings: u32,
    /// The inputs that a person must answer.
    pub questions: Vec<String>,
    /// The comparison of the release with Azure.
    pub standing: ReleaseDrift,
    /// The endpoint's current route, if the endpoint exists.
    pub running: Option<Route>,
}

/// A repository at a revision, without its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repository {
    /// The repository's name in the configuration.
    pub name: String,
    /// The location (`github.com/anet/ml-azua`, or a folder).
    pub place: String,
    pub freshness: Freshness,
    /// Why the repository does not have the requested branch, tag or commit; `None` if it has it, or if that is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_such: Option<String>,
    /// The revision that was read, if any yet.
    pub revision: Option<Revision>,
    /// The number of workflow files.
    pub workflows: u32,
    /// The releases, by file and line; empty on a release's own page.
    pub releases: Vec<Summary>,
    /// Problems with whole files, not with a particular release.
    pub problems: Vec<FileProblem>,
    /// Notes about whole files, and about jobs that are not releases.
    #[serde(default)]
    pub notes: Vec<FileNote>,
}

impl Repository {
    /// Whether the requested reference was ever read. Otherwise, an empty list of releases means nothing.
    #[must_use]
    pub fn was_read(&self) -> bool {
        match &self.freshness {
            Freshness::Fresh { .. } => true,
            Freshness::Stale { since, .. } => since.is_some(),
            Freshness::Waiting => false,
        }
    }
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
