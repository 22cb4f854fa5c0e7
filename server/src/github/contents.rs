//! A repository's commits, folders and files.

use super::client::Client;
use super::error::Error;
use super::etag_cache::Body;
use crate::outside::answer;
use crate::outside::caps::{GITHUB_BYTES_MAX, GITHUB_ENTRIES_MAX};
use crate::outside::line;
use domain::repository::Reference;
use domain::text::shortened;
use domain::timestamp::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Instant;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::Url;

const JSON: &str = "application/vnd.github+json";
const RAW: &str = "application/vnd.github.raw+json";
/// Longest name in a folder, in bytes. Source: file systems.
const ENTRY_BYTES_MAX: usize = 255;
/// Longest shown name of a repository with its owner, or of an author, in characters.
const NAME_CHARS_MAX: usize = 200;

/// A repository on GitHub.
#[derive(Debug, Clone)]
pub struct Repository {
    pub(super) client: Client,
    owner: String,
    name: String,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    pub sha: String,
    /// The first line of its message.
    pub title: String,
    pub author: String,
    pub at: Option<Timestamp>,
    /// Whether GitHub redirected the request to a new name of the repository.
    pub is_moved: bool,
}

/// One entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Entry {
    pub name: String,
    /// `file`, `dir`, `symlink` or `submodule`.
    #[serde(rename = "type")]
    pub kind: String,
}

impl Entry {
    /// Whether the name is a single path segment, so that it cannot lead out of the folder.
    fn is_plain(&self) -> bool {
        let name = self.name.as_str();
        let is_dots = name.chars().all(|c| c == '.');
        !is_dots && name.len() <= ENTRY_BYTES_MAX && !name.contains(['/', '\0'])
    }
}

/// The content at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    File(Arc<[u8]>),
    /// Not a file.
    Other,
}

#[derive(Deserialize)]
struct WireCommit {
    sha: String,
    commit: WireDetails,
}

#[derive(Deserialize)]
struct WireDetails {
    message: String,
    author: Option<WirePerson>,
    committer: Option<WirePerson>,
}

#[derive(Deserialize)]
struct WirePerson {
    name: Option<String>,
    date: Option<String>,
}

impl Repository {
    /// The repository `owner/name`.
    #[must_use]
    pub fn new(client: Client, owner: String, name: String) -> Self {
        Self { client, owner, name }
    }

    /// A repository that starts no write after a moment.
    #[must_use]
    pub fn until(&self, until: Instant) -> Self {
        Self { client: self.client.until(until), ..self.clone() }
    }

    /// `owner/name`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// Another repository of the same GitHub, read with the same token; `None` if the name is not `owner/name`.
    #[must_use]
    pub fn beside(&self, repository: &str) -> Option<Self> {
        const NAME_MAX: usize = 100;
        let (owner, name) = repository.split_once('/')?;
        let is_name = |name: &str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            (1..=NAME_MAX).contains(&name.len())
                && name.chars().all(plain)
                && !name.starts_with('.')
        };
        let client = self.client.clone();
        (is_name(owner) && is_name(name))
            .then(|| Self::new(client, owner.to_owned(), name.to_owned()))
    }

    pub(super) fn url(&self, rest: &[&str]) -> Result<Url, Error> {
        let mut segments = vec!["repos", self.owner.as_str(), self.name.as_str()];
        segments.extend(rest);
        self.client.url(&segments)
    }

    pub(super) async fn json<T: DeserializeOwned>(&self, url: &Url) -> Result<T, Error> {
        parsed(&self.client.get(url, JSON, GITHUB_BYTES_MAX).await?)
    }

    /// The repository's default branch.
    pub async fn default_branch(&self) -> Result<String, Error> {
        #[derive(Deserialize)]
        struct Wire {
            default_branch: String,
        }
        let branch = self.json::<Wire>(&self.url(&[])?).await?.default_branch;
        // Validated, because the name becomes part of paths and pages.
        let reference: Result<Reference, _> = branch.parse();
        reference.map_err(|_| Error::garbled("a default branch with an invalid name"))?;
        Ok(branch)
    }

    /// The repository's current name, if it was renamed or transferred. GitHub redirects the old name until somebody
    /// reuses it.
    pub async fn moved_to(&self) -> Result<Option<String>, Error> {
        #[derive(Deserialize)]
        struct Wire {
            full_name: String,
        }
        let body = self.client.get(&self.url(&[])?, JSON, GITHUB_BYTES_MAX).await?;
        if body.moved_to.is_none() {
            return Ok(None);
        }
        let wire: Wire = parsed(&body)?;
        Ok(Some(shortened(&line::field(&wire.full_name), NAME_CHARS_MAX)))
    }

    /// The commit that a branch, tag or hash names.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such commit.
    pub async fn commit(&self, reference: &str) -> Result<Commit, Error> {
        let mut segments = vec!["commits"];
        segments.extend(reference.split('/'));
        let read = self.client.get(&self.url(&segments)?, JSON, GITHUB_BYTES_MAX).await;
        let body = match read {
            // GitHub answers 422 if the name is neither a hash nor a reference.
            Err(Error::Rejected { status: 422, message }) => return Err(Error::NotFound(message)),
            read => read?,
        };
        let WireCommit { sha, commit } = parsed(&body)?;
        let is_hash = sha.len() == 40 && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_hash {
            return Err(Error::Garbled("a commit without a hash".to_owned()));
        }
        let date = commit.committer.and_then(|person| person.date);
        Ok(Commit {
            sha,
            title: commit.message.lines().next().unwrap_or_default().chars().take(200).collect(),
            author: shortened(
                &commit.author.and_then(|person| person.name).unwrap_or_default(),
                NAME_CHARS_MAX,
            ),
            at: date.and_then(|date| moment(&date)),
            is_moved: body.moved_to.is_some(),
        })
    }

    /// The entries of a folder at a commit.
    ///
    /// # Errors
    /// [`Error::NotFound`] if it does not exist; [`Error::Garbled`] if the path is a file.
    pub async fn folder(&self, path: &str, commit: &str) -> Result<Vec<Entry>, Error> {
        let entries: Vec<Entry> = self.json(&self.at(path, commit)?).await?;
        if entries.len() > GITHUB_ENTRIES_MAX {
            let message = format!("a folder with more than {GITHUB_ENTRIES_MAX} entries");
            return Err(Error::garbled(message));
        }
        if !entries.iter().all(Entry::is_plain) {
            return Err(Error::garbled("a folder entry with an invalid name"));
        }
        Ok(entries)
    }

    /// The content at a path at a commit, with at most `bytes_max` bytes.
    ///
    /// # Errors
    /// [`Error::NotFound`] if it does not exist; [`Error::TooLarge`].
    pub async fn file(&self, path: &str, commit: &str, bytes_max: usize) -> Result<Content, Error> {
        let body = self.client.get(&self.at(path, commit)?, RAW, bytes_max).await?;
        // GitHub has no raw form of folders and broken links and describes them as JSON instead.
        let is_raw = body.content_type.contains("raw");
        Ok(if is_raw { Content::File(body.bytes) } else { Content::Other })
    }

    fn at(&self, path: &str, commit: &str) -> Result<Url, Error> {
        let mut segments = vec!["contents"];
        segments.extend(path.split('/'));
        let mut url = self.url(&segments)?;
        url.query_pairs_mut().append_pair("ref", commit);
        Ok(url)
    }
}

fn parsed<T: DeserializeOwned>(body: &Body) -> Result<T, Error> {
    answer::weigh(&body.bytes).map_err(Error::garbled)?;
    serde_json::from_slice(&body.bytes).map_err(Error::garbled)
}

pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Some(Timestamp(at.unix_timestamp() * 1_000))
}
