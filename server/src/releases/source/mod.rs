//! Where a repository is read from: GitHub at a reference, or a folder on this machine.

mod folder;
mod github;

use app::domain::release::path::RepoPath;
use app::domain::repository::{Reference, Revision};
use async_trait::async_trait;
use std::fmt::Debug;
use std::sync::Arc;

pub use folder::Folder;
pub use github::OnGitHub;

/// A state of the repository that does not change any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Two states with the same key hold the same files.
    pub key: String,
    /// The state in a person's words.
    pub revision: Revision,
    /// The name that the repository has now, when it is not the configured one.
    pub moved_to: Option<String>,
}

/// What lies at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A file.
    File(Arc<[u8]>),
    /// Nothing.
    Nothing,
    /// Something that is no file of the repository: a folder, or a link that leads out of it.
    Other,
    /// A file that is too large.
    TooLarge,
}

/// Why a source yields nothing. Its `Display` is the sentence that a person reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such repository, branch, tag or commit.
    #[error("{0}")]
    NoSuch(String),
    /// It cannot be read now.
    #[error("{0}")]
    Unreadable(String),
}

/// Where a repository is read from.
#[async_trait]
pub trait Source: Debug + Send + Sync {
    /// Where it is, for people.
    fn place(&self) -> String;

    /// The state that a reference stands for now; the configured one when none is given.
    async fn head(&self, reference: Option<&Reference>) -> Result<Head, Error>;

    /// The names of a folder's files in a state; empty when there is no such folder.
    async fn list(&self, head: &Head, folder: &RepoPath) -> Result<Vec<String>, Error>;

    /// What lies at a path of another repository of the same place, at a branch, tag or commit. Nothing where
    /// there is no way to it.
    async fn elsewhere(
        &self,
        _repository: &str,
        _path: &RepoPath,
        _at: &str,
        _max: usize,
    ) -> Found {
        Found::Nothing
    }

    /// What lies at a path in a state, up to so many bytes.
    async fn read(&self, head: &Head, path: &RepoPath, bytes_max: usize) -> Result<Found, Error>;
}
