//! GitHub's REST API under `/api/v3`, as in GitHub Enterprise Server, for one private repository
//! ([`demo`]): contents, trees, blobs, references, branches, tags and commits, with tokens, entity tags,
//! rate limits and pages. Tests with PyGithub check it (`end2end/sdk/test_github.py`).
//!
//! # Differences from GitHub
//!
//! * There is one repository and one token, created at the start. Commits are lost at the end.
//! * Commits by the API are unsigned, and by `anet-bot` unless an author is named. A commit's page does not
//!   list changed files.
//! * Secondary rate limits occur only as deliberate faults.
//! * There are no submodules and no executable files.
//! * `POST /emulator/github/rename` renames the repository. Its old names redirect with 301 permanently,
//!   because nobody else can take them.
//! * There is no search, no GraphQL, no webhooks, and no user accounts.

mod answer;
mod call;
mod contents;
mod demo;
mod git;
mod history;
mod objects;
mod repository;
mod shapes;

use axum::extract::Request;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use parking_lot::Mutex;
use time::OffsetDateTime;

use crate::entra::random_text;
use answer::{Answer, Refusal};
use call::Call;
use repository::Repository;

/// The path of the API on the emulator's listener.
pub const ROOT: &str = "/api/v3";
/// The largest body of a request.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Requests per hour of one token (docs.github.com, rate limits for the REST API).
const REQUESTS_PER_HOUR: u32 = 5_000;
const HOUR_S: i64 = 3_600;

/// GitHub's state.
#[derive(Debug)]
pub struct GitHub {
    token: String,
    repository: Mutex<Repository>,
    former: Mutex<Vec<String>>,
    budget: Mutex<Budget>,
}

/// The remaining requests of the hour.
#[derive(Clone, Copy, Debug, Default)]
struct Budget {
    used: u32,
    resets_at: i64,
}

impl Default for GitHub {
    fn default() -> Self {
        Self {
            token: format!("ghp_{}", random_text()),
            repository: Mutex::new(demo::repository()),
            former: Mutex::default(),
            budget: Mutex::default(),
        }
    }
}

/// The repository's id, which stays the same when it is renamed.
const REPOSITORY_ID: &str = "1";

impl GitHub {
    /// The only valid token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The repository's current name, as `owner/name`.
    pub fn repository_name(&self) -> String {
        let repo = self.repository.lock();
        format!("{}/{}", repo.owner, repo.name)
    }

    /// Renames the repository to `owner/name`; returns whether the name is valid.
    pub fn rename(&self, to: &str) -> bool {
        let is_plain = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        };
        let Some((owner, name)) = to.split_once('/').filter(|(o, n)| is_plain(o) && is_plain(n))
        else {
            return false;
        };
        let mut repo = self.repository.lock();
        let mut former = self.former.lock();
        former.push(format!("{}/{}", repo.owner, repo.name));
        former.retain(|one| !one.eq_ignore_ascii_case(to));
        (repo.owner, repo.name) = (owner.to_owned(), name.to_owned());
        true
    }

    /// Answers a request below [`ROOT`], which reached the emulator at `base`.
    pub async fn answer(&self, request: Request, base: &str, now: OffsetDateTime) -> Response {
        let (parts, body) = request.into_parts();
        let now = now.unix_timestamp();
        let Ok(body) = axum::body::to_bytes(body, BODY_BYTES_MAX).await else {
            let status = StatusCode::PAYLOAD_TOO_LARGE;
            return Refusal::new(status, "Sorry, your input was too large.").into_response();
        };
        let call = Call::new(&parts, ROOT, base, body);
        let (mut budget, has_left) = self.spend(now);
        let mut response = match admitted(self, &parts, has_left) {
            Ok(()) => match route(self, &call, now) {
                Ok(answer) => {
                    let known = parts.headers.get(header::IF_NONE_MATCH);
                    answer.into_response(known.and_then(|known| known.to_str().ok()))
                }
                Err(refusal) => refusal.into_response(),
            },
            Err(refusal) => refusal.into_response(),
        };
        if response.status() == StatusCode::NOT_MODIFIED {
            budget = self.give_back();
        }
        stamp(response.headers_mut(), budget);
        response
    }

    /// The redirect target of a request to a former name.
    fn moved(&self, call: &Call) -> Option<Answer> {
        let [repos, owner, name, rest @ ..] = call.segments.as_slice() else { return None };
        let former = self.former.lock();
        let asked = format!("{owner}/{name}");
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

    /// Takes one request from the hour's budget, or returns when the next hour starts.
    fn spend(&self, now: i64) -> (Budget, bool) {
        let mut budget = self.budget.lock();
        if now >= budget.resets_at {
            *budget = Budget { used: 0, resets_at: now + HOUR_S };
        }
        let has_left = budget.used < REQUESTS_PER_HOUR;
        budget.used += u32::from(has_left);
        (*budget, has_left)
    }

    /// Answers with 304 are free.
    fn give_back(&self) -> Budget {
        let mut budget = self.budget.lock();
        budget.used = budget.used.saturating_sub(1);
        *budget
    }
}

/// Checks the user agent, the token and the budget. The repository is private, so nothing is visible
/// without a token.
fn admitted(github: &GitHub, parts: &Parts, has_left: bool) -> Result<(), Refusal> {
    if !parts.headers.contains_key(header::USER_AGENT) {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "Request forbidden by administrative rules. Please make sure your request has a User-Agent header",
        ));
    }
    match token(&parts.headers) {
        None => return Err(Refusal::not_found()),
        Some(token) if token == github.token => {}
        Some(_) => return Err(Refusal::new(StatusCode::UNAUTHORIZED, "Bad credentials")),
    }
    if !has_left {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "API rate limit exceeded for user ID 1."));
    }
    Ok(())
}

/// `Bearer …` and `token …` mean the same.
fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let is_known = ["bearer", "token"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    is_known.then(|| token.trim())
}

fn stamp(headers: &mut HeaderMap, budget: Budget) {
    let mut set = |name: &'static str, value: HeaderValue| headers.insert(name, value);
    set("x-ratelimit-limit", REQUESTS_PER_HOUR.into());
    set("x-ratelimit-remaining", (REQUESTS_PER_HOUR - budget.used).into());
    set("x-ratelimit-used", budget.used.into());
    set("x-ratelimit-reset", budget.resets_at.into());
    set("x-ratelimit-resource", HeaderValue::from_static("core"));
    set("x-github-media-type", HeaderValue::from_static("github.v3; format=json"));
    set("vary", HeaderValue::from_static("Accept, Authorization, Cookie"));
}

fn route(github: &GitHub, call: &Call, now: i64) -> Result<Answer, Refusal> {
    if let Some(moved) = github.moved(call) {
        return Ok(moved);
    }
    if let ["repositories", REPOSITORY_ID, rest @ ..] =
        call.segments.iter().map(String::as_str).collect::<Vec<_>>().as_slice()
    {
        let name = github.repository_name();
        let named = ["repos"].into_iter().chain(name.split('/')).chain(rest.iter().copied());
        let call = Call { segments: named.map(str::to_owned).collect(), ..call.clone() };
        return route(github, &call, now);
    }
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    let ["repos", owner, name, rest @ ..] = segments.as_slice() else {
        return Err(Refusal::not_found());
    };
    let mut repo = github.repository.lock();
    let is_it = owner.eq_ignore_ascii_case(&repo.owner) && name.eq_ignore_ascii_case(&repo.name);
    if !is_it {
        return Err(Refusal::not_found());
    }
    if call.method == Method::GET {
        return read(&repo, call, rest);
    }
    match (&call.method, rest) {
        (&Method::PUT, ["contents", ..]) => {
            contents::put(&mut repo, call, &call.segments[4..], now)
        }
        (&Method::POST, ["git", "refs"]) => git::create(&mut repo, call),
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
