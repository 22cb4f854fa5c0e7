//! GitHub's JSON objects.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::objects::{Commit, Signature};
use super::repository::Repository;
use crate::when;

/// A time in GitHub's format.
pub fn moment(at: i64) -> String {
    when::zulu(OffsetDateTime::from_unix_timestamp(at).unwrap_or(OffsetDateTime::UNIX_EPOCH))
}

/// An opaque global id.
pub fn node(kind: &str, id: &str) -> String {
    STANDARD.encode(format!("{kind}:{id}"))
}

/// Base64 in lines of sixty characters, as GitHub sends contents.
pub fn base64_lines(content: &[u8]) -> String {
    let mut lines = String::new();
    // Forty-five bytes make sixty characters.
    for chunk in content.chunks(45) {
        lines.push_str(&STANDARD.encode(chunk));
        lines.push('\n');
    }
    lines
}

/// The URL of the repository in the API.
pub fn url(repo: &Repository, root: &str) -> String {
    format!("{root}/repos/{}/{}", repo.owner, repo.name)
}

/// The URL of the repository's page.
pub fn html(repo: &Repository, root: &str) -> String {
    let site = root.trim_end_matches("/api/v3");
    format!("{site}/{}/{}", repo.owner, repo.name)
}

/// The organization that owns the repository.
pub fn owner(repo: &Repository, root: &str) -> Value {
    json!({
        "login": repo.owner, "id": 1, "node_id": node("Organization", &repo.owner),
        "type": "Organization", "site_admin": false, "url": format!("{root}/users/{}", repo.owner),
    })
}

pub fn repository(repo: &Repository, root: &str) -> Value {
    let url = url(repo, root);
    let full_name = format!("{}/{}", repo.owner, repo.name);
    let history = repo.resolve(&repo.default_branch).map(|head| repo.history(&head));
    let history = history.unwrap_or_default();
    let pushed = history.first().map(|(_, commit)| moment(commit.author.at));
    let created = history.last().map(|(_, commit)| moment(commit.author.at));
    json!({
        "id": 1, "node_id": node("Repository", &full_name), "name": repo.name,
        "full_name": full_name, "private": true, "visibility": "private", "fork": false,
        "owner": owner(repo, root),
        "description": repo.description, "html_url": html(repo, root), "url": url,
        "branches_url": format!("{url}/branches{{/branch}}"),
        "commits_url": format!("{url}/commits{{/sha}}"),
        "contents_url": format!("{url}/contents/{{+path}}"),
        "git_commits_url": format!("{url}/git/commits{{/sha}}"),
        "git_refs_url": format!("{url}/git/refs{{/sha}}"),
        "trees_url": format!("{url}/git/trees{{/sha}}"),
        "blobs_url": format!("{url}/git/blobs{{/sha}}"),
        "tags_url": format!("{url}/tags"),
        "default_branch": repo.default_branch, "archived": false, "disabled": false,
        "created_at": created, "updated_at": pushed, "pushed_at": pushed,
        "permissions": { "admin": false, "maintain": false, "push": true, "triage": true, "pull": true },
    })
}

fn person(signature: &Signature) -> Value {
    json!({ "name": signature.name, "email": signature.email, "date": moment(signature.at) })
}

fn parents(commit: &Commit, url: &str) -> Value {
    let parent = |sha: &String| json!({ "sha": sha, "url": format!("{url}/{sha}") });
    commit.parents.iter().map(parent).collect()
}

fn verification() -> Value {
    json!({ "verified": false, "reason": "unsigned", "signature": null, "payload": null,
        "verified_at": null })
}

/// A git commit (`/git/commits/…`).
pub fn git_commit(repo: &Repository, root: &str, sha: &str, commit: &Commit) -> Value {
    let git = format!("{}/git", url(repo, root));
    json!({
        "sha": sha, "node_id": node("Commit", sha), "url": format!("{git}/commits/{sha}"),
        "html_url": format!("{}/commit/{sha}", html(repo, root)),
        "author": person(&commit.author), "committer": person(&commit.author),
        "message": commit.message,
        "tree": { "sha": commit.tree, "url": format!("{git}/trees/{}", commit.tree) },
        "parents": parents(commit, &format!("{git}/commits")), "verification": verification(),
    })
}

/// A GitHub commit (`/commits/…`).
pub fn commit(repo: &Repository, root: &str, sha: &str, commit: &Commit) -> Value {
    let url = url(repo, root);
    json!({
        "sha": sha, "node_id": node("Commit", sha), "url": format!("{url}/commits/{sha}"),
        "html_url": format!("{}/commit/{sha}", html(repo, root)),
        "comments_url": format!("{url}/commits/{sha}/comments"),
        "commit": {
            "author": person(&commit.author), "committer": person(&commit.author),
            "message": commit.message,
            "tree": { "sha": commit.tree, "url": format!("{url}/git/trees/{}", commit.tree) },
            "url": format!("{url}/git/commits/{sha}"), "comment_count": 0,
            "verification": verification(),
        },
        // No account has this address.
        "author": null, "committer": null,
        "parents": parents(commit, &format!("{url}/commits")),
    })
}

/// A reference (`refs/heads/main`); `name` does not include `refs/`.
pub fn reference(repo: &Repository, root: &str, name: &str, sha: &str) -> Value {
    let git = format!("{}/git", url(repo, root));
    json!({
        "ref": format!("refs/{name}"), "node_id": node("Ref", name), "url": format!("{git}/refs/{name}"),
        "object": { "type": "commit", "sha": sha, "url": format!("{git}/commits/{sha}") },
    })
}
