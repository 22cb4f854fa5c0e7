//! The sources of a repository: GitHub at a reference, or a folder on this machine.

mod folder;
mod github;

use crate::github::contents::Repository;
use crate::source::{Context, PackError, Packed};
use async_trait::async_trait;
use domain::release::path::RepoPath;
use domain::repository::{Reference, Revision};
use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

pub use folder::Folder;
pub use github::OnGitHub;

/// An immutable state of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// States with equal keys have equal files.
    pub key: String,
    /// The state as people read it.
    pub revision: Revision,
    /// The repository's current name, when it is not the configured one.
    pub moved_to: Option<String>,
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    File(Arc<[u8]>),
    Nothing,
    /// A folder, or a link that leads out of the repository.
    Other,
    TooLarge,
}

/// Why a source cannot be read. Its `Display` is shown to people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such repository, branch, tag or commit.
    #[error("{0}")]
    NoSuch(String),
    /// The source cannot be read now.
    #[error("{0}")]
    Unreadable(String),
}

/// A source of a repository.
#[async_trait]
pub trait Source: Debug + Send + Sync {
    /// The location, as people read it.
    fn place(&self) -> String;

    /// The current state of `reference`, or of the configured reference.
    async fn head(&self, reference: Option<&Reference>) -> Result<Head, Error>;

    /// The names of a folder's files; empty when there is no such folder.
    async fn list(&self, head: &Head, folder: &RepoPath) -> Result<Vec<String>, Error>;

    /// A file of another repository on the same host, at a branch, tag or commit; [`Found::Nothing`] when it
    /// cannot be read.
    async fn elsewhere(
        &self,
        _repository: &str,
        _path: &RepoPath,
        _at: &str,
        _max: usize,
    ) -> Found {
        Found::Nothing
    }

    /// Packs a folder at a commit for a builder, into a .tar.gz at `to`. The inner result says why these files cannot be
    /// built.
    async fn pack(
        &self,
        commit: &str,
        context: &Context,
        to: &Path,
    ) -> Result<Result<Packed, PackError>, Error>;

    /// The repository on GitHub; `None` for a folder.
    fn on_github(&self) -> Option<&Repository> {
        None
    }

    /// The file at a path, of at most `bytes_max` bytes.
    async fn read(&self, head: &Head, path: &RepoPath, bytes_max: usize) -> Result<Found, Error>;
}
