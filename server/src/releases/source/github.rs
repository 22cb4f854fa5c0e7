//! A repository on GitHub, at a branch, a tag or a commit.

use super::{Error, Found, Head, Source};
use crate::github::contents::{Content, Repository};
use crate::github::{self};
use crate::source::{self, Context, Limits, PackError, Packed};
use async_trait::async_trait;
use domain::release::path::RepoPath;
use domain::repository::{Reference, Revision};
use std::path::Path;

/// Reads a repository on GitHub.
#[derive(Debug)]
pub struct OnGitHub {
    repository: Repository,
    place: String,
    reference: Option<Reference>,
}

impl OnGitHub {
    /// `place` is the repository's location as people read it; `reference` replaces the default branch.
    #[must_use]
    pub fn new(repository: Repository, place: String, reference: Option<Reference>) -> Self {
        Self { repository, place, reference }
    }

    /// The repository's new name. Sends a request only if it has one.
    async fn moved_to(&self, is_moved: bool) -> Result<Option<String>, Error> {
        if !is_moved {
            return Ok(None);
        }
        self.repository.moved_to().await.map_err(|error| self.error(&error))
    }

    fn error(&self, error: &github::Error) -> Error {
        tracing::warn!(place = self.place, %error, "github");
        Error::Unreadable(format!("{}: {error}.", self.place))
    }
}

#[async_trait]
impl Source for OnGitHub {
    fn place(&self) -> String {
        self.place.clone()
    }

    async fn head(&self, reference: Option<&Reference>) -> Result<Head, Error> {
        let reference = match reference.or(self.reference.as_ref()) {
            Some(reference) => reference.clone(),
            None => {
                let branch = self.repository.default_branch().await;
                let branch = branch.map_err(|error| self.error(&error))?;
                branch.parse().map_err(|error| Error::Unreadable(format!("{error}")))?
            }
        };
        let commit = match self.repository.commit(reference.as_str()).await {
            Err(github::Error::NotFound(_)) => {
                return Err(Error::NoSuch(format!(
                    "{} has no branch, tag or commit {reference}, or the console's token may not see the \
                     repository. Check the name and the token.",
                    self.place
                )));
            }
            commit => commit.map_err(|error| self.error(&error))?,
        };
        let revision = Revision {
            reference: Some(reference),
            commit: Some(commit.sha.clone()),
            title: commit.title,
            author: commit.author,
            at: commit.at,
        };
        let moved_to = self.moved_to(commit.is_moved).await?;
        Ok(Head { key: commit.sha, revision, moved_to })
    }

    async fn list(&self, head: &Head, folder: &RepoPath) -> Result<Vec<String>, Error> {
        match self.repository.folder(folder.as_str(), &head.key).await {
            Ok(entries) => {
                let files = entries.into_iter().filter(|entry| entry.kind != "dir");
                Ok(files.map(|entry| entry.name).collect())
            }
            Err(github::Error::NotFound(_)) => Ok(Vec::new()),
            Err(error) => Err(self.error(&error)),
        }
    }

    async fn elsewhere(&self, repository: &str, path: &RepoPath, at: &str, max: usize) -> Found {
        let Some(other) = self.repository.beside(repository) else { return Found::Nothing };
        match other.file(path.as_str(), at, max).await {
            Ok(Content::File(bytes)) => Found::File(bytes),
            Ok(Content::Other) => Found::Other,
            Err(github::Error::TooLarge { .. }) => Found::TooLarge,
            Err(error) => {
                tracing::info!(repository, at, %error, "a called workflow was not read");
                Found::Nothing
            }
        }
    }

    async fn pack(
        &self,
        commit: &str,
        context: &Context,
        to: &Path,
    ) -> Result<Result<Packed, PackError>, Error> {
        let tarball = self.repository.tarball(commit).await.map_err(|error| self.error(&error))?;
        let pieces = futures::stream::try_unfold(tarball, |mut tarball| async move {
            Ok::<_, github::Error>(tarball.next().await?.map(|piece| (piece, tarball)))
        });
        Ok(source::pack(Box::pin(pieces), context, to, Limits::default()).await)
    }

    fn on_github(&self) -> Option<&Repository> {
        Some(&self.repository)
    }

    async fn read(&self, head: &Head, path: &RepoPath, bytes_max: usize) -> Result<Found, Error> {
        match self.repository.file(path.as_str(), &head.key, bytes_max).await {
            Ok(Content::File(bytes)) => Ok(Found::File(bytes)),
            Ok(Content::Other) => Ok(Found::Other),
            Err(github::Error::NotFound(_)) => Ok(Found::Nothing),
            Err(github::Error::TooLarge { .. }) => Ok(Found::TooLarge),
            Err(error) => Err(self.error(&error)),
        }
    }
}
