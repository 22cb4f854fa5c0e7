//! Branches, tags and commits.

use http::StatusCode;
use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::call::{Call, Media};
use super::repository::Repository;
use super::shapes;

/// `GET …/branches`
pub fn branches(repo: &Repository, call: &Call) -> Answer {
    call.page(named(repo, call, "heads/", |branch| branch["protected"] = json!(false)))
}

/// `GET …/tags`
pub fn tags(repo: &Repository, call: &Call) -> Answer {
    let url = shapes::url(repo, &call.root);
    call.page(named(repo, call, "tags/", |tag| {
        let name = tag["name"].as_str().unwrap_or_default().to_owned();
        tag["zipball_url"] = json!(format!("{url}/zipball/refs/tags/{name}"));
        tag["tarball_url"] = json!(format!("{url}/tarball/refs/tags/{name}"));
    }))
}

fn named(repo: &Repository, call: &Call, start: &str, add: impl Fn(&mut Value)) -> Vec<Value> {
    let url = shapes::url(repo, &call.root);
    let all = repo.refs.iter().filter_map(|(name, sha)| Some((name.strip_prefix(start)?, sha)));
    let describe = |(name, sha): (&str, &String)| {
        let commit = json!({ "sha": sha, "url": format!("{url}/commits/{sha}") });
        let mut described = json!({ "name": name, "commit": commit });
        add(&mut described);
        described
    };
    all.map(describe).collect()
}

/// `GET …/branches/{branch}`
pub fn branch(repo: &Repository, call: &Call, name: &str) -> Result<Answer, Refusal> {
    let sha = repo.refs.get(&format!("heads/{name}"));
    let missing = || Refusal::new(StatusCode::NOT_FOUND, "Branch not found");
    let sha = sha.ok_or_else(missing)?;
    let commit = repo.objects.commit(sha).ok_or_else(missing)?;
    let own = format!("{}/branches/{name}", shapes::url(repo, &call.root));
    let html = format!("{}/tree/{name}", shapes::html(repo, &call.root));
    Ok(Answer::ok(&json!({
        "name": name, "commit": shapes::commit(repo, &call.root, sha, &commit),
        "_links": { "self": own, "html": html }, "protected": false,
        "protection": { "enabled": false, "required_status_checks": {
            "enforcement_level": "off", "contexts": [], "checks": [] } },
        "protection_url": format!("{own}/protection"),
    })))
}

/// `GET …/commits/{branch, tag or hash}`; returns only the hash if the caller accepts that media type.
pub fn commit(repo: &Repository, call: &Call, name: &str) -> Result<Answer, Refusal> {
    let found = repo.resolve(name).and_then(|sha| Some((repo.objects.commit(&sha)?, sha)));
    let (commit, sha) =
        found.ok_or_else(|| Refusal::unprocessable(format!("No commit found for SHA: {name}")))?;
    if call.media == Media::Sha {
        return Ok(Answer::raw("application/vnd.github.sha; charset=utf-8", sha.into_bytes()));
    }
    Ok(Answer::ok(&shapes::commit(repo, &call.root, &sha, &commit)))
}

/// `GET …/commits?sha=…&path=…`: newest first; with a path, only commits that changed it.
pub fn commits(repo: &Repository, call: &Call) -> Result<Answer, Refusal> {
    let from = call.query.get("sha").unwrap_or(&repo.default_branch);
    let head = repo.resolve(from).ok_or_else(Refusal::not_found)?;
    let path = call.query.get("path");
    let content = |sha: &str| Some(repo.find(&repo.root(sha)?, path?)?.sha);
    let all = repo.history(&head);
    let changed = all.iter().filter(|(sha, commit)| {
        let before = commit.parents.first().and_then(|parent| content(parent));
        path.is_none() || content(sha) != before
    });
    Ok(call
        .page(changed.map(|(sha, commit)| shapes::commit(repo, &call.root, sha, commit)).collect()))
}
