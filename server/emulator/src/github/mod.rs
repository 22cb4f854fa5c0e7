//! GitHub's REST API under `/api/v3`, as GitHub Enterprise Server has it, for one private repository
//! ([`demo`]): contents, trees, blobs, references, branches, tags and commits, with tokens, entity
//! tags, rate limits and pages (azure-wire.md §11). PyGithub is the judge
//! (`end2end/sdk/test_github.py`).
//!
//! # Differences from GitHub
//!
//! * One repository, one token, made at the start; what is committed is forgotten at the end.
//! * Commits by the API are unsigned and by `anet-bot` unless an author is named; a commit's page
//!   tells no changed files.
//! * Secondary rate limits come only as faults that were put in on purpose.
//! * No submodules and no executable files.
//! * No search, no GraphQL, no webhooks, no user accounts.

mod answer;
mod call;
mod contents;
mod demo;
mod git;
mod history;
mod objects;
mod repository;
mod shapes;

use std::sync::{Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::Shared;
use crate::entra::random_text;
use answer::{Answer, Refusal};
use call::Call;
use repository::Repository;

/// Where the API lies on the emulator's listener.
pub const ROOT: &str = "/api/v3";
/// Largest body of a request.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Requests per hour of one token (docs.github.com, rate limits for the REST API).
const REQUESTS_PER_HOUR: u32 = 5_000;
const HOUR_S: i64 = 3_600;

/// GitHub's memory.
#[derive(Debug)]
pub struct GitHub {
    token: String,
    repository: Mutex<Repository>,
    budget: Mutex<Budget>,
}

/// What is left of the hour.
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
            budget: Mutex::default(),
        }
    }
}

impl GitHub {
    /// The only token that is let in.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The demo's repository, as `owner/name`.
    pub fn repository_name(&self) -> String {
        format!("{}/{}", demo::OWNER, demo::NAME)
    }

    /// Takes one request from the hour's budget, or says when there will be more.
    fn spend(&self, now: i64) -> (Budget, bool) {
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        if now >= budget.resets_at {
            *budget = Budget { used: 0, resets_at: now + HOUR_S };
        }
        let has_left = budget.used < REQUESTS_PER_HOUR;
        budget.used += u32::from(has_left);
        (*budget, has_left)
    }

    /// What was answered with 304 costs nothing.
    fn give_back(&self) -> Budget {
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        budget.used = budget.used.saturating_sub(1);
        *budget
    }
}

/// Every request below [`ROOT`].
pub async fn handle(State(inner): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let now = inner.clock.now().unix_timestamp();
    let Ok(body) = axum::body::to_bytes(body, BODY_BYTES_MAX).await else {
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        return Refusal::new(status, "Sorry, your input was too large.").into_response();
    };
    let call = Call::new(&parts, ROOT, &inner.base(&parts.headers), body);
    let (mut budget, has_left) = inner.github.spend(now);
    let mut response = match admitted(&inner.github, &parts, has_left) {
        Ok(()) => match route(&inner.github, &call, now) {
            Ok(answer) => {
                let known = parts.headers.get(header::IF_NONE_MATCH);
                answer.into_response(known.and_then(|known| known.to_str().ok()))
            }
            Err(refusal) => refusal.into_response(),
        },
        Err(refusal) => refusal.into_response(),
    };
    if response.status() == StatusCode::NOT_MODIFIED {
        budget = inner.github.give_back();
    }
    stamp(response.headers_mut(), budget);
    response
}

/// Who gets in: with a user agent, with the token, and within the budget. Without a token there is
/// nothing to see, because the repository is private.
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
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    let ["repos", owner, name, rest @ ..] = segments.as_slice() else {
        return Err(Refusal::not_found());
    };
    let mut repo = github.repository.lock().unwrap_or_else(PoisonError::into_inner);
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

/// The table of contents of what can be read of a repository.
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
