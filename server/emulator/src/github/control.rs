//! The emulator's own switches for its GitHub: `/emulator/github/…`.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::GitHub;
use super::answer::Refusal;
use super::app::{APP_ID, CLIENT_ID, INSTALLATION_ID};
use super::objects::{Mode, Signature};
use super::path::is_path;
use super::tokens::{Grant, Kind, PERMISSIONS, Permissions};
use super::users;
use crate::entra;

/// The highest number of files of one commit.
const FILES_MAX: usize = 10_000;

/// A commit to make, as its author would push it.
#[derive(Debug, Deserialize)]
pub struct Commit {
    /// Created from the default branch if it does not exist.
    branch: String,
    /// By path.
    files: BTreeMap<String, Option<Change>>,
    #[serde(default = "message")]
    message: String,
}

fn message() -> String {
    "Change it".to_owned()
}

/// A file's new content. `null` removes the file.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Change {
    Text(String),
    /// A symbolic link.
    Link {
        link: String,
    },
    /// Bytes, in Base64.
    Bytes {
        base64: String,
    },
}

/// What a console needs to act as the app.
#[derive(Debug, Serialize)]
pub struct AppFacts {
    app_id: u64,
    client_id: &'static str,
    installation_id: u64,
    private_key: String,
}

/// A token to give out.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    permissions: Permissions,
    /// Whose token it is.
    #[serde(default = "owner")]
    login: String,
    /// In seconds; without it, the token does not expire.
    expires_in: Option<i64>,
}

fn owner() -> String {
    users::OWNER.login.to_owned()
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, message)
}

impl GitHub {
    /// Renames the repository to `owner/name`, as its owner would.
    pub fn rename(&self, to: &str) -> Result<(), Refusal> {
        let is_plain = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        };
        let (owner, name) = to
            .split_once('/')
            .filter(|(owner, name)| is_plain(owner) && is_plain(name))
            .ok_or_else(|| invalid("The name must have the form owner/name."))?;
        self.kept.lock().change(&self.disk, |kept| {
            kept.extra.former.push(format!("{}/{}", kept.repo.owner, kept.repo.name));
            kept.extra.former.retain(|one| !one.eq_ignore_ascii_case(to));
            (kept.repo.owner, kept.repo.name) = (owner.to_owned(), name.to_owned());
            Ok(())
        })
    }

    /// Commits files; returns the commit's id.
    pub fn commit(&self, commit: Commit, now: i64) -> Result<String, Refusal> {
        if commit.files.len() > FILES_MAX || !commit.files.keys().all(|path| is_path(path)) {
            return Err(invalid(
                "There are too many files, or a path leads out of the repository.",
            ));
        }
        if !is_path(&commit.branch) || commit.branch.contains(char::is_whitespace) {
            return Err(invalid("The branch has no valid name."));
        }
        let mut files = Vec::new();
        for (path, change) in commit.files {
            let change = match change {
                None => None,
                Some(Change::Text(text)) => Some((Mode::File, text.into_bytes())),
                Some(Change::Link { link }) => Some((Mode::Link, link.into_bytes())),
                Some(Change::Bytes { base64 }) => Some((Mode::File, decoded(&base64)?)),
            };
            files.push((path, change));
        }
        let changes: Vec<_> = files
            .iter()
            .map(|(path, change)| {
                (path.as_str(), change.as_ref().map(|(mode, bytes)| (*mode, bytes.as_slice())))
            })
            .collect();
        let author = Signature {
            name: "Dana Scott".to_owned(),
            email: "dana.scott@anet.example".to_owned(),
            at: now,
        };
        self.kept.lock().change(&self.disk, |kept| {
            let repo = &mut kept.repo;
            let name = format!("heads/{}", commit.branch);
            if !repo.refs.contains_key(&name)
                && let Some(head) = repo.resolve(&repo.default_branch)
            {
                repo.refs.insert(name, head);
            }
            Ok(repo.commit(&commit.branch, &changes, author, &commit.message))
        })
    }

    /// Gives out a fine-grained token.
    pub fn issue(&self, wanted: Wanted) -> Result<String, Refusal> {
        let unknown = wanted.permissions.keys().find(|name| !PERMISSIONS.contains(&name.as_str()));
        if let Some(name) = unknown {
            return Err(invalid(&format!("{name} is not one of {}.", PERMISSIONS.join(", "))));
        }
        let user =
            users::find(&wanted.login).ok_or_else(|| invalid("There is no such account."))?;
        let now = entra::now();
        let grant = Grant {
            kind: Kind::FineGrained,
            login: user.login.to_owned(),
            permissions: wanted.permissions,
            expires_at: wanted.expires_in.map(|seconds| now.saturating_add(seconds)),
        };
        self.kept.lock().change(&self.disk, |kept| {
            let token = kept.extra.tokens.add(grant, now);
            token.ok_or_else(|| invalid("There are too many tokens."))
        })
    }

    /// Revokes all tokens except the first one.
    pub fn revoke(&self) -> Result<(), Refusal> {
        self.kept.lock().change(&self.disk, |kept| {
            kept.extra.tokens.clear();
            Ok(())
        })
    }

    /// Whether dispatches can return their run.
    pub fn set_run_details(&self, knows: bool) {
        self.has_run_details.store(knows, Ordering::Relaxed);
    }

    /// What a console needs to act as the app.
    pub async fn app(&self) -> anyhow::Result<AppFacts> {
        let key = self.app_key.get().await?;
        Ok(AppFacts {
            app_id: APP_ID,
            client_id: CLIENT_ID,
            installation_id: INSTALLATION_ID,
            private_key: key.pem.clone(),
        })
    }
}

fn decoded(text: &str) -> Result<Vec<u8>, Refusal> {
    use base64::Engine as _;
    let decoded = base64::engine::general_purpose::STANDARD.decode(text);
    decoded.map_err(|_| invalid("A file is not valid Base64."))
}
