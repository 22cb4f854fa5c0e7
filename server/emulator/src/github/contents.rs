//! The contents API: files and folders by their path at a reference.
//!
//! The description of a file of up to 1 MB contains its content as Base64. For a larger file, only the raw
//! media type returns the content. A file of more than 100 MB is not returned at all.

use http::StatusCode;
use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::call::{Call, Media};
use super::objects::{Entry, Mode, Signature};
use super::path::is_path;
use super::repository::Repository;
use super::shapes;

/// The largest file whose description contains its content.
pub const INLINE_BYTES_MAX: usize = 1024 * 1024;
/// The largest file that is returned at all.
const FILE_BYTES_MAX: usize = 100 * 1024 * 1024;
/// The highest number of entries of a folder.
const FOLDER_ENTRIES_MAX: usize = 1_000;

/// The target of a request: a path at a commit.
struct At<'a> {
    repo: &'a Repository,
    root: &'a str,
    path: String,
    reference: String,
}

impl At<'_> {
    /// Fields that all descriptions share.
    fn describe(&self, path: &str, kind: &str, sha: &str, size: usize) -> Value {
        let name = path.rsplit('/').next().unwrap_or_default();
        let (url, html) = (shapes::url(self.repo, self.root), shapes::html(self.repo, self.root));
        let reference = &self.reference;
        let own = format!("{url}/contents/{path}?ref={reference}");
        let (objects, view) = if kind == "dir" { ("trees", "tree") } else { ("blobs", "blob") };
        let git = format!("{url}/git/{objects}/{sha}");
        let page = format!("{html}/{view}/{reference}/{path}");
        let download = (kind != "dir").then(|| format!("{html}/raw/{reference}/{path}"));
        json!({
            "name": name, "path": path, "sha": sha, "size": size, "type": kind, "url": own,
            "git_url": git, "html_url": page, "download_url": download,
            "_links": { "self": own, "git": git, "html": page },
        })
    }

    fn file(&self, sha: &str, media: Media) -> Result<Answer, Refusal> {
        let content = self.repo.objects.blob(sha).ok_or_else(Refusal::not_found)?;
        if content.len() > FILE_BYTES_MAX {
            return Err(Refusal::new(
                StatusCode::FORBIDDEN,
                "This API returns blobs up to 100 MB in size. The requested blob is too large to fetch via \
                 the API, but you can always clone the repository via Git in order to obtain it.",
            ));
        }
        if media == Media::Raw {
            let content_type = "application/vnd.github.raw+json; charset=utf-8";
            return Ok(Answer::raw(content_type, content.to_vec()));
        }
        let mut body = self.describe(&self.path, "file", sha, content.len());
        let is_small = content.len() <= INLINE_BYTES_MAX;
        body["encoding"] = json!(if is_small { "base64" } else { "none" });
        let inline = if is_small { shapes::base64_lines(&content) } else { String::new() };
        body["content"] = Value::String(inline);
        Ok(Answer::ok(&body))
    }

    fn folder(&self, sha: &str, media: Media) -> Result<Answer, Refusal> {
        let tree = self.repo.objects.tree(sha).ok_or_else(Refusal::not_found)?;
        let entry = |(name, entry): (&String, &Entry)| {
            let path = format!("{}/{name}", self.path);
            let path = path.trim_start_matches('/');
            let size = self.repo.objects.blob(&entry.sha).map_or(0, |blob| blob.len());
            let kind = match entry.mode {
                Mode::Folder => "dir",
                Mode::Link => "symlink",
                Mode::File => "file",
            };
            self.describe(path, kind, &entry.sha, if kind == "dir" { 0 } else { size })
        };
        let entries: Value = tree.iter().take(FOLDER_ENTRIES_MAX).map(entry).collect();
        if media != Media::Object {
            return Ok(Answer::ok(&entries));
        }
        let mut body = self.describe(&self.path, "dir", sha, 0);
        body["entries"] = entries;
        Ok(Answer::ok(&body))
    }

    fn link(&self, sha: &str) -> Answer {
        let target = self.repo.objects.blob(sha).unwrap_or_else(|| [].into());
        let mut body = self.describe(&self.path, "symlink", sha, target.len());
        body["target"] = Value::String(String::from_utf8_lossy(&target).into_owned());
        Answer::ok(&body)
    }
}

/// `GET /repos/{owner}/{repo}/contents/{path}`
pub fn get(repo: &Repository, call: &Call, path: &[String]) -> Result<Answer, Refusal> {
    let reference = call.query.get("ref").unwrap_or(&repo.default_branch).clone();
    let commit = repo.resolve(&reference).and_then(|sha| repo.root(&sha));
    let root = commit.ok_or_else(|| {
        let message = format!("No commit found for the ref {reference}");
        Refusal::new(StatusCode::NOT_FOUND, message)
    })?;
    let at = At { repo, root: &call.root, path: path.join("/"), reference };
    let Entry { mode, sha } = repo.find(&root, &at.path).ok_or_else(Refusal::not_found)?;
    match mode {
        Mode::File => at.file(&sha, call.media),
        Mode::Folder => at.folder(&sha, call.media),
        Mode::Link => Ok(at.link(&sha)),
    }
}

/// `PUT /repos/{owner}/{repo}/contents/{path}`: commits one file. Replacing a file requires the hash of the
/// existing one, so that nobody overwrites changes that they have not seen.
pub fn put(
    repo: &mut Repository,
    call: &Call,
    path: &[String],
    now: i64,
) -> Result<Answer, Refusal> {
    use base64::Engine as _;
    let body = call.json()?;
    let text = |name: &str| body[name].as_str();
    let (Some(message), Some(content)) = (text("message"), text("content")) else {
        return Err(Refusal::unprocessable(
            "Invalid request.\n\n\"message\" and \"content\" weren't supplied.",
        ));
    };
    let content: String = content.split_whitespace().collect();
    let content = base64::engine::general_purpose::STANDARD
        .decode(content)
        .map_err(|_| Refusal::unprocessable("content is not valid Base64"))?;
    let branch = text("branch").unwrap_or(&repo.default_branch).to_owned();
    let head = repo.refs.get(&format!("heads/{branch}")).cloned();
    let head = head
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, format!("Branch {branch} not found")))?;
    let path = path.join("/");
    if !is_path(&path) {
        return Err(Refusal::unprocessable("path contains a malformed path component"));
    }
    let found = repo.root(&head).and_then(|root| repo.find(&root, &path));
    let status = match (&found, text("sha")) {
        (None, _) => StatusCode::CREATED,
        (Some(Entry { mode: Mode::File, sha }), Some(given)) if sha == given => StatusCode::OK,
        (Some(Entry { mode: Mode::File, .. }), Some(given)) => {
            let message = format!("{path} does not match {given}");
            return Err(Refusal::new(StatusCode::CONFLICT, message));
        }
        (Some(_), _) => {
            return Err(Refusal::unprocessable("Invalid request.\n\n\"sha\" wasn't supplied."));
        }
    };
    let who = |name: &str| body["author"][name].as_str().unwrap_or_default().to_owned();
    let author = match body["author"].is_object() {
        true => Signature { name: who("name"), email: who("email"), at: now },
        false => Signature { name: "anet-bot".into(), email: "bot@anet.example".into(), at: now },
    };
    let file = [(path.as_str(), Some((Mode::File, content.as_slice())))];
    let sha = repo.commit(&branch, &file, author, message);
    let commit = repo.objects.commit(&sha).ok_or_else(Refusal::not_found)?;
    let blob = repo.objects.add_blob(&content);
    let at = At { repo, root: &call.root, path: path.clone(), reference: branch };
    let body = json!({
        "content": at.describe(&path, "file", &blob, content.len()),
        "commit": shapes::git_commit(repo, &call.root, &sha, &commit),
    });
    Ok(Answer::json(status, &body))
}
