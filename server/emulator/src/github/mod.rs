//! GitHub's REST API under `/api/v3`, as in GitHub Enterprise Server, for one private repository
//! ([`demo`]): contents, trees, blobs, references, branches, tags, commits, tarballs, [`actions`], environments, and a
//! GitHub App, with tokens, permissions, entity tags, rate limits and pages. Tests with PyGithub check it
//! (`end2end/sdk/test_github.py`, `end2end/sdk/test_actions.py`). With a state folder, everything survives the end of
//! the emulator, however it ends; a job that was running has then lost its runner.
//!
//! # Differences from GitHub
//!
//! * There is one repository. The first token may do everything. `POST /emulator/github/tokens` gives out fine-grained
//!   tokens with chosen permissions for one of five accounts, and `DELETE` revokes them and those of the app.
//! * Commits by the API are unsigned, and by `anet-bot` unless an author is named. A commit's page does not
//!   list changed files. `POST /emulator/github/commit` commits many files at once, as a push would. There is no git
//!   protocol.
//! * There are no submodules and no executable files. There are tarballs and no zipballs.
//! * Only dispatches start workflows; pushes and schedules do not. `PUT /emulator/github/settings` makes dispatches
//!   answer as GitHub's did before February 2026.
//! * Of workflows, the job graph is played: `needs`, `if` (literals, `github.…`, `inputs.…`, `needs.….result`,
//!   comparisons, and the functions `always`, `success`, `failure`, `cancelled`, `contains`, `startsWith`,
//!   `endsWith`), and `environment`. `concurrency`, a matrix, outputs, timers of environments, teams as reviewers, and
//!   artifacts are not played. A job with another expression fails and names it.
//! * Only jobs that call a `build.yml` are carried out, with the inputs of the templates' `build.yml`; the called file
//!   is not read. Every other job is recorded as `skipped`, with a line in its log that says so, and what needs it
//!   runs all the same. `crate::runner` has the details, and the failures by name.
//! * A job that calls `build.yml` or another workflow with an input `environment` runs in that environment, because
//!   the templates' jobs do. The name of a called job is always `build`.
//! * A job whose six hours are over is `cancelled`. GitHub's word is the best guess.
//! * Who is no reviewer gets 422 for an approval, and an app 403. Both are the best guess. One approval is enough.
//! * The newest 500 runs are kept, of which 100 may be open.
//! * The app's own tokens, and the expiry of its installation's tokens, follow the machine's clock, everything else the
//!   emulator's. The app has one installation, and cannot be suspended.
//! * Secondary rate limits occur only as deliberate faults: `POST /emulator/faults` with
//!   `{"match": {"path_contains": "/dispatches"}, "respond": {"status": 429, "retry_after": 60,
//!   "body": {"message": "You have exceeded a secondary rate limit."}}}`.
//! * `POST /emulator/github/rename` renames the repository. Its old names redirect with 301 permanently,
//!   because nobody else can take them.
//! * There is no search, no GraphQL, no webhooks, and no pages.

mod access;
pub mod actions;
mod answer;
mod app;
mod app_key;
mod archive;
mod call;
mod contents;
mod control;
mod demo;
mod disk;
mod download;
mod environments;
mod git;
mod history;
mod kept;
mod objects;
mod parse;
mod path;
mod repository;
mod route;
mod serve;
mod shapes;
mod tokens;
mod users;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::Request;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use parking_lot::Mutex;
use time::OffsetDateTime;

use actions::runs::Runs;
use answer::Answer;
use app_key::AppKey;
use call::Call;
use disk::Disk;
use download::Downloads;
use kept::Kept;
use tokens::Caller;

use crate::entra;

pub use answer::Refusal;
pub use control::{Commit, Wanted};
pub use environments::Environments;
pub use objects::Mode;
pub use repository::Files;

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
    /// The first token.
    token: String,
    kept: Mutex<Kept>,
    disk: Arc<Disk>,
    /// Runs of workflows.
    pub runs: Runs,
    downloads: Downloads,
    app_key: AppKey,
    /// Whether a dispatch can return its run, as GitHub's does since February 2026.
    has_run_details: AtomicBool,
    budget: Mutex<Budget>,
}

/// The remaining requests of the hour.
#[derive(Clone, Copy, Debug, Default)]
struct Budget {
    used: u32,
    resets_at: i64,
}

impl GitHub {
    /// Reads the state of an earlier start, or sets up the demo's repository. Without a state folder, only logs are
    /// written, to `temporary`. This takes long, so do not call it on the runtime.
    pub fn open(state: Option<&Path>, temporary: &Path) -> anyhow::Result<Self> {
        let dir = state.map(|state| state.join("github"));
        let disk = Arc::new(Disk::open(dir.clone())?);
        let kept = Kept::open(&disk)?;
        let home = dir.clone().unwrap_or_else(|| temporary.join("github"));
        let runs = Runs::open(Arc::clone(&disk), home.join("logs"))?;
        Ok(Self {
            token: kept.extra.token.clone(),
            kept: Mutex::new(kept),
            disk,
            runs,
            downloads: Downloads::default(),
            app_key: AppKey::open(dir)?,
            has_run_details: AtomicBool::new(true),
            budget: Mutex::default(),
        })
    }

    /// Ends runs, and releases the folder.
    pub fn close(&self) {
        self.disk.close();
        self.runs.stop();
    }

    /// The first token, which may do everything.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The repository's current name, as `owner/name`.
    pub fn repository_name(&self) -> String {
        let repo = &self.kept.lock().repo;
        format!("{}/{}", repo.owner, repo.name)
    }

    /// The deployment environments.
    pub fn environments(&self) -> Environments {
        self.kept.lock().extra.environments.clone()
    }

    /// Every file and link of a commit.
    pub fn files(&self, commit: &str) -> Option<Files> {
        let repo = &self.kept.lock().repo;
        repo.root(commit).map(|root| repo.files(&root))
    }

    fn knows_run_details(&self) -> bool {
        self.has_run_details.load(Ordering::Relaxed)
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
        let mut response = match self.outcome(&parts, &call, has_left, now).await {
            Ok(answer) => {
                let known = parts.headers.get(header::IF_NONE_MATCH);
                answer.into_response(known.and_then(|known| known.to_str().ok()))
            }
            Err(refusal) => refusal.into_response(),
        };
        if response.status() == StatusCode::NOT_MODIFIED {
            budget = self.give_back();
        }
        stamp(response.headers_mut(), budget);
        response
    }

    async fn outcome(
        &self,
        parts: &Parts,
        call: &Call,
        has_left: bool,
        now: i64,
    ) -> Result<Answer, Refusal> {
        if !parts.headers.contains_key(header::USER_AGENT) {
            return Err(Refusal::new(
                StatusCode::FORBIDDEN,
                "Request forbidden by administrative rules. Please make sure your request has a User-Agent header",
            ));
        }
        let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
        if app::is_app_route(&segments) {
            let key = self.app_key.get().await.map_err(|error| {
                tracing::error!(%error, "the app has no key");
                Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "Server Error")
            })?;
            // Tokens are checked by the machine's clock, with which clients sign them.
            let machine = entra::now();
            app::check(&key, token(&parts.headers).unwrap_or_default(), machine)?;
            let mut kept = self.kept.lock();
            return kept.change(&self.disk, |kept| app::route(kept, call, &segments, machine));
        }
        let caller = self.admitted(parts, has_left)?;
        route::route(self, &caller, call, now)
    }

    /// Checks the token and the budget. The repository is private, so nothing is visible without a token.
    fn admitted(&self, parts: &Parts, has_left: bool) -> Result<Caller, Refusal> {
        let token = token(&parts.headers).ok_or_else(Refusal::not_found)?;
        let caller = match token == self.token {
            true => Some(Caller::owner()),
            false => self.kept.lock().extra.tokens.caller(token, entra::now()),
        };
        let caller =
            caller.ok_or_else(|| Refusal::new(StatusCode::UNAUTHORIZED, "Bad credentials"))?;
        if !has_left {
            let message = "API rate limit exceeded for user ID 1.";
            return Err(Refusal::new(StatusCode::FORBIDDEN, message));
        }
        Ok(caller)
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
