//! The workflows on the default branch.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::workflow::Workflow;
use crate::github::objects::Mode;
use crate::github::repository::Repository;
use crate::github::shapes;

const FOLDER: &str = ".github/workflows";

/// A workflow that can be named in a request.
#[derive(Debug)]
pub struct Found {
    pub id: u64,
    pub path: String,
    name: String,
}

/// A workflow's id: always the same for its path.
pub fn id(path: &str) -> u64 {
    let hash = Sha256::digest(path.as_bytes());
    100_000_000 + u64::from(u32::from_be_bytes([0, hash[0], hash[1], hash[2]]))
}

/// All workflows on the default branch, by path.
pub fn all(repo: &Repository) -> Vec<Found> {
    let Some(head) = repo.resolve(&repo.default_branch) else { return Vec::new() };
    let folder = repo.root(&head).and_then(|root| repo.find(&root, FOLDER));
    let tree = folder.and_then(|folder| repo.objects.tree(&folder.sha));
    let is_file = |name: &str| name.ends_with(".yml") || name.ends_with(".yaml");
    let found = |name: &String| {
        let path = format!("{FOLDER}/{name}");
        let parsed = repo.text(&head, &path).and_then(|text| Workflow::parse(&text).ok());
        let name = parsed.and_then(|workflow| workflow.name).unwrap_or_else(|| path.clone());
        Found { id: id(&path), name, path }
    };
    let entries = tree.iter().flat_map(|tree| tree.iter());
    let files = entries.filter(|(name, entry)| is_file(name) && entry.mode != Mode::Folder);
    files.map(|(name, _)| found(name)).collect()
}

/// The workflow with this id or file name.
pub fn find(repo: &Repository, wanted: &str) -> Option<Found> {
    let is_it = |one: &Found| {
        one.id.to_string() == wanted
            || one.path.strip_prefix("/").unwrap_or(&one.path) == wanted
            || one.path.strip_prefix(FOLDER).and_then(|rest| rest.strip_prefix('/')) == Some(wanted)
    };
    all(repo).into_iter().find(is_it)
}

/// A workflow in answers.
pub fn shape(repo: &Repository, root: &str, found: &Found) -> Value {
    let (url, html) = (shapes::url(repo, root), shapes::html(repo, root));
    let first = repo.resolve(&repo.default_branch).map(|head| repo.history(&head));
    let at = first.and_then(|all| all.last().map(|(_, commit)| shapes::moment(commit.author.at)));
    let (id, path) = (found.id, &found.path);
    let file = path.rsplit('/').next().unwrap_or_default();
    json!({
        "id": id, "node_id": shapes::node("Workflow", &id.to_string()), "name": found.name,
        "path": path, "state": "active", "created_at": at, "updated_at": at,
        "url": format!("{url}/actions/workflows/{id}"),
        "html_url": format!("{html}/blob/{}/{path}", repo.default_branch),
        "badge_url": format!("{html}/actions/workflows/{file}/badge.svg"),
    })
}
