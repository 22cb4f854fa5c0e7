//! Which request does what.

use http::Method;

use super::actions::Asked;
use super::answer::{Answer, Refusal};
use super::call::Call;
use super::download::{TARBALL_S, What};
use super::kept::Kept;
use super::repository::Repository;
use super::tokens::Caller;
use super::{GitHub, ROOT, access, contents, environments, git, history, shapes, users};

/// The repository's id, which stays the same when it is renamed.
const REPOSITORY_ID: &str = "1";

/// Answers a request of an admitted caller.
pub fn route(github: &GitHub, caller: &Caller, call: &Call, now: i64) -> Result<Answer, Refusal> {
    if let Some(moved) = github.moved(call) {
        return Ok(moved);
    }
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    if let ["repositories", REPOSITORY_ID, rest @ ..] = segments.as_slice() {
        let name = github.repository_name();
        let named = ["repos"].into_iter().chain(name.split('/')).chain(rest.iter().copied());
        let call = Call { segments: named.map(str::to_owned).collect(), ..call.clone() };
        return route(github, caller, &call, now);
    }
    let ["repos", owner, name, rest @ ..] = segments.as_slice() else {
        return general(github, caller, call, &segments);
    };
    if !github.kept.lock().repo.is_called(owner, name) {
        return Err(Refusal::not_found());
    }
    caller.check(access::need(&call.method, rest))?;
    let is_read = call.method == Method::GET;
    match rest {
        ["actions", rest @ ..] => Asked { github, caller, call, now }.route(rest),
        ["tarball", name @ ..] if is_read => github.tarball_url(call, &name.join("/"), now),
        ["environments", rest @ ..] if is_read => {
            let kept = github.kept.lock();
            environments::read(&kept.repo, &kept.extra.environments, call, rest)
        }
        _ if is_read => read(&github.kept.lock().repo, call, rest),
        _ => github.kept.lock().change(&github.disk, |kept| write(kept, call, rest, now)),
    }
}

/// Everything that is not below a repository.
fn general(
    github: &GitHub,
    caller: &Caller,
    call: &Call,
    segments: &[&str],
) -> Result<Answer, Refusal> {
    match (&call.method, segments) {
        (&Method::GET, ["user"]) if caller.is_person() => {
            Ok(Answer::ok(&users::shape(&caller.login, &call.root)))
        }
        (&Method::GET, ["user"]) => Err(caller.forbidden()),
        (&Method::GET, ["users", login]) => {
            let user = users::find(login).ok_or_else(Refusal::not_found)?;
            Ok(Answer::ok(&users::shape(user.login, &call.root)))
        }
        (&Method::GET, ["installation", "repositories"]) if !caller.is_person() => {
            let repo = shapes::repository(&github.kept.lock().repo, &call.root);
            Ok(call.counted_page("repositories", vec![repo]))
        }
        _ => Err(Refusal::not_found()),
    }
}

/// Everything that changes the repository or its environments.
fn write(kept: &mut Kept, call: &Call, rest: &[&str], now: i64) -> Result<Answer, Refusal> {
    match (&call.method, rest) {
        (&Method::PUT, ["contents", ..]) => {
            contents::put(&mut kept.repo, call, &call.segments[4..], now)
        }
        (&Method::POST, ["git", "refs"]) => git::create(&mut kept.repo, call),
        (_, ["environments", rest @ ..]) => {
            environments::write(&kept.repo, &mut kept.extra.environments, call, rest, now)
        }
        _ => Err(Refusal::not_found()),
    }
}

/// The routing table of everything that can be read of a repository.
fn read(repo: &Repository, call: &Call, rest: &[&str]) -> Result<Answer, Refusal> {
    match rest {
        [] => Ok(Answer::ok(&shapes::repository(repo, &call.root))),
        ["contents", ..] => contents::get(repo, call, &call.segments[4..]),
        ["branches"] => Ok(history::branches(repo, call)),
        ["branches", name @ ..] => history::branch(repo, call, &name.join("/")),
        ["tags"] => Ok(history::tags(repo, call)),
        ["commits"] => history::commits(repo, call),
        ["commits", name @ ..] => history::commit(repo, call, &name.join("/")),
        ["git", "ref" | "refs", name @ ..] => git::reference(repo, call, &name.join("/")),
        ["git", "matching-refs", start @ ..] => Ok(git::matching(repo, call, &start.join("/"))),
        ["git", "commits", sha] => git::commit(repo, call, sha),
        ["git", "trees", name @ ..] => git::tree(repo, call, &name.join("/")),
        ["git", "blobs", sha] => git::blob(repo, call, sha),
        _ => Err(Refusal::not_found()),
    }
}

impl GitHub {
    /// The redirect target of a request to a former name.
    fn moved(&self, call: &Call) -> Option<Answer> {
        let [repos, owner, name, rest @ ..] = call.segments.as_slice() else { return None };
        let asked = format!("{owner}/{name}");
        let former = &self.kept.lock().extra.former;
        if repos != "repos" || !former.iter().any(|one| one.eq_ignore_ascii_case(&asked)) {
            return None;
        }
        let rest: Vec<_> = rest.iter().map(|part| part.replace('/', "%2F")).collect();
        let mut to = [format!("{}/repositories/{REPOSITORY_ID}", call.root)].to_vec();
        to.extend(rest);
        let query =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&call.query).finish();
        let query = if query.is_empty() { query } else { format!("?{query}") };
        Some(Answer::moved(format!("{}{query}", to.join("/"))))
    }

    /// `GET …/tarball/{reference}`: where the archive of the commit is.
    fn tarball_url(&self, call: &Call, name: &str, now: i64) -> Result<Answer, Refusal> {
        let repo = &self.kept.lock().repo;
        let name = if name.is_empty() { repo.default_branch.as_str() } else { name };
        let commit = repo.resolve(name).ok_or_else(Refusal::not_found)?;
        let site = call.root.trim_end_matches(ROOT);
        let place = format!("{site}/_codeload/{}/{}/legacy.tar.gz", repo.owner, repo.name);
        let secret = self.downloads.add(What::Tarball { commit: commit.clone() }, now, TARBALL_S);
        Ok(Answer::found(format!("{place}/{commit}?token={secret}")))
    }
}
