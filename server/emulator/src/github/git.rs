//! Git objects and references over the API (`/git/…`).

use http::StatusCode;
use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::call::{Call, Media};
use super::objects::Mode;
use super::repository::Repository;
use super::shapes;

/// The highest number of entries in a recursive tree; the rest is cut off.
const TREE_ENTRIES_MAX: usize = 100_000;

/// `GET …/git/ref/{ref}`: an exact match.
pub fn reference(repo: &Repository, call: &Call, name: &str) -> Result<Answer, Refusal> {
    let sha = repo.refs.get(name).ok_or_else(Refusal::not_found)?;
    Ok(Answer::ok(&shapes::reference(repo, &call.root, name, sha)))
}

/// `GET …/git/matching-refs/{start}`: all references with this prefix.
pub fn matching(repo: &Repository, call: &Call, start: &str) -> Answer {
    let all = repo.refs.iter().filter(|(name, _)| name.starts_with(start));
    call.page(all.map(|(name, sha)| shapes::reference(repo, &call.root, name, sha)).collect())
}

/// `POST …/git/refs`: a new branch or tag.
pub fn create(repo: &mut Repository, call: &Call) -> Result<Answer, Refusal> {
    let body = call.json()?;
    let (Some(name), Some(sha)) = (body["ref"].as_str(), body["sha"].as_str()) else {
        return Err(Refusal::unprocessable("Invalid request.\n\n\"ref\" and \"sha\" are needed."));
    };
    let Some(name) = name.strip_prefix("refs/").filter(|name| name.contains('/')) else {
        return Err(Refusal::unprocessable("Reference name must start with 'refs/'"));
    };
    if repo.refs.contains_key(name) {
        return Err(Refusal::unprocessable("Reference already exists"));
    }
    if repo.objects.commit(sha).is_none() {
        return Err(Refusal::unprocessable("Object does not exist"));
    }
    repo.refs.insert(name.to_owned(), sha.to_owned());
    let made = shapes::reference(repo, &call.root, name, sha);
    Ok(Answer::json(StatusCode::CREATED, &made))
}

/// `GET …/git/commits/{sha}`
pub fn commit(repo: &Repository, call: &Call, sha: &str) -> Result<Answer, Refusal> {
    let commit = repo.objects.commit(sha).ok_or_else(Refusal::not_found)?;
    Ok(Answer::ok(&shapes::git_commit(repo, &call.root, sha, &commit)))
}

/// `GET …/git/blobs/{sha}`
pub fn blob(repo: &Repository, call: &Call, sha: &str) -> Result<Answer, Refusal> {
    let content = repo.objects.blob(sha).ok_or_else(Refusal::not_found)?;
    if call.media == Media::Raw {
        return Ok(Answer::raw("application/vnd.github.raw+json; charset=utf-8", content.to_vec()));
    }
    Ok(Answer::ok(&json!({
        "sha": sha, "size": content.len(), "encoding": "base64",
        "url": format!("{}/git/blobs/{sha}", shapes::url(repo, &call.root)),
        "content": shapes::base64_lines(&content),
    })))
}

/// `GET …/git/trees/{tree, commit or reference}?recursive=…`; any value of `recursive` counts.
pub fn tree(repo: &Repository, call: &Call, name: &str) -> Result<Answer, Refusal> {
    let of_commit = repo.resolve(name).and_then(|sha| repo.root(&sha));
    let sha = repo.objects.tree(name).map(|_| name.to_owned()).or(of_commit);
    let sha = sha.ok_or_else(Refusal::not_found)?;
    let git = format!("{}/git", shapes::url(repo, &call.root));
    let mut listing = Listing { repo, git: &git, entries: Vec::new(), is_cut: false };
    listing.list(&sha, "", call.query.contains_key("recursive"));
    Ok(Answer::ok(&json!({
        "sha": sha, "url": format!("{git}/trees/{sha}"),
        "tree": listing.entries, "truncated": listing.is_cut,
    })))
}

struct Listing<'a> {
    repo: &'a Repository,
    git: &'a str,
    entries: Vec<Value>,
    is_cut: bool,
}

impl Listing<'_> {
    fn list(&mut self, sha: &str, above: &str, is_deep: bool) {
        let Some(tree) = self.repo.objects.tree(sha) else { return };
        for (name, entry) in tree.iter() {
            if self.entries.len() == TREE_ENTRIES_MAX {
                self.is_cut = true;
                return;
            }
            let path = format!("{above}{name}");
            let kind = entry.mode.kind();
            let mut described = json!({
                "path": path, "mode": entry.mode.octal(), "type": kind, "sha": entry.sha,
                "url": format!("{}/{kind}s/{}", self.git, entry.sha),
            });
            if let Some(blob) = self.repo.objects.blob(&entry.sha).filter(|_| kind == "blob") {
                described["size"] = json!(blob.len());
            }
            self.entries.push(described);
            if is_deep && entry.mode == Mode::Folder {
                self.list(&entry.sha, &format!("{path}/"), true);
            }
        }
    }
}
