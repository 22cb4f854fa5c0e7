//! The client of GitHub Actions, of tarballs and of GitHub Apps against a server that plays GitHub.
#![cfg(test)]

use super::app::{App, Installation};
use super::contents::Repository;
use super::credential::{Credential, Token};
use super::{Client, Error};
use crate::clock::Clock;
use crate::outside::fake::{Fake, Seen, json as answer, with};
use axum::response::Response;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::timestamp::Timestamp;
use reqwest::Method;
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use url::Url;

/// 2026-09-21T14:13:20Z.
const NOW: Timestamp = Timestamp(1_790_000_000_000);

fn repository(server: &Fake, credential: impl Into<Credential>, clock: &Clock) -> Repository {
    let http = crate::azure::http::client().expect("a client");
    let api = server.url.join("api").expect("a URL");
    let client = Client::new(http, api, credential, clock.clone());
    Repository::new(client, "o".to_owned(), "r".to_owned())
}

fn with_token(server: &Fake) -> Repository {
    repository(server, Token::new("the-token").expect("a token"), &Clock::manual(NOW))
}

async fn dispatched(status: u16, body: Value) -> (Result<Option<u64>, Error>, Vec<Seen>) {
    let server = Fake::start(move |_, _| match status {
        204 => with(204, &[], ""),
        429 => with(429, &[("retry-after", "7")], ""),
        307 => with(307, &[("location", "/api/repositories/1")], ""),
        _ => answer(status, &body),
    })
    .await;
    let inputs = BTreeMap::from([("ring".to_owned(), "blue".to_owned())]);
    let repository = with_token(&server);
    let outcome = repository.dispatch(".github/workflows/build.yml", "main", &inputs).await;
    (outcome.map(|done| done.run), server.seen())
}

#[tokio::test]
async fn a_dispatch_is_sent_once_and_both_answers_are_understood() {
    let url = json!({ "workflow_run_id": 7, "run_url": "https://api.github.com/x" });
    for (status, body, expected) in [
        (200, url, Ok(Some(7))),
        (204, json!(null), Ok(None)),
        (404, json!({ "message": "Not Found" }), Err("cannot find")),
        (
            422,
            json!({ "message": "Workflow does not have 'workflow_dispatch' trigger" }),
            Err("Workflow does not have 'workflow_dispatch' trigger"),
        ),
        (403, json!({ "message": "Resource not accessible" }), Err("does not allow")),
        (
            403,
            json!({ "message": "You have exceeded a secondary rate limit" }),
            Err("2026-09-21 14:14:20"),
        ),
        (429, json!({}), Err("2026-09-21 14:13:27")),
        (503, json!({}), Err("unavailable")),
        (307, json!({}), Err("redirects")),
    ] {
        let (outcome, seen) = dispatched(status, body).await;
        match (outcome, expected) {
            (Ok(run), Ok(expected)) => assert_eq!(run, expected),
            (Err(error), Err(said)) => assert!(error.to_string().contains(said), "{error}"),
            (outcome, expected) => panic!("{status}: {outcome:?}, not {expected:?}"),
        }
        assert_eq!(seen.len(), 1, "{status}");
        assert_eq!(seen[0].line(), "POST /api/repos/o/r/actions/workflows/build.yml/dispatches");
        let body: Value = serde_json::from_slice(&seen[0].body).expect("JSON");
        let expected =
            json!({ "ref": "main", "inputs": { "ring": "blue" }, "return_run_details": true });
        assert_eq!(body, expected);
    }
}

#[tokio::test]
async fn nothing_is_dispatched_after_the_deadline_or_during_a_rate_limit() {
    let server = Fake::start(|_, _| with(403, &[("retry-after", "60")], "")).await;
    let clock = Clock::manual(NOW);
    let repository = repository(&server, Credential::None, &clock);
    let late = repository.until(Instant::now() - Duration::from_secs(1));
    let error = late.dispatch("w.yml", "main", &BTreeMap::new()).await.expect_err("too late");
    assert!(error.to_string().contains("nothing was sent"), "{error}");
    assert!(server.seen().is_empty());
    for _ in 0..3 {
        let limited = repository.dispatch("w.yml", "main", &BTreeMap::new()).await;
        assert_eq!(limited, Err(Error::Limited { until: Timestamp(NOW.0 + 60_000) }));
    }
    assert_eq!(server.seen().len(), 1, "only the first one was sent");
    clock.advance(60_001);
    let _ = repository.cancel(7).await;
    assert_eq!(server.seen().len(), 2);
}

fn listed(seen: &Seen) -> Response {
    let run = |id: u64, event: &str, created: &str| {
        json!({ "id": id, "event": event, "head_sha": "abc", "status": "completed",
            "conclusion": "success", "display_title": "ghp_0123456789abcdefghijklmn", "run_attempt": 2,
            "created_at": created, "html_url": "javascript:alert(1)" })
    };
    let (at, old) = ("2026-09-21T14:13:20Z", "2020-01-01T00:00:00Z");
    match seen.line().trim_start_matches("GET /api/repos/o/r/actions/") {
        "workflows" => {
            let page = if seen.target.contains("&page=2") { 100..101 } else { 0..100 };
            let all: Vec<_> =
                page.map(|id| json!({ "id": id, "path": ".github/workflows/w.yml" })).collect();
            answer(200, &json!({ "total_count": 101, "workflows": all }))
        }
        "workflows/w.yml/runs" => answer(
            200,
            &json!({ "total_count": 4, "workflow_runs": [
            run(1, "workflow_dispatch", at), run(2, "push", at), run(3, "workflow_dispatch", old),
            run(4, "workflow_dispatch", at) ] }),
        ),
        "runs/7/jobs" => answer(
            200,
            &json!({ "total_count": 1, "jobs": [{ "id": 9, "status": "in_progress",
            "name": "build", "started_at": at, "html_url": "https://github.com/x", "steps": [
                { "number": 1, "name": "Set up", "status": "completed", "conclusion": "success" } ] }] }),
        ),
        "runs/7/pending_deployments" => answer(
            200,
            &json!([{ "current_user_can_approve": false,
            "environment": { "id": 3, "name": "prod", "html_url": "https://github.com/e" },
            "reviewers": [{ "type": "User", "reviewer": { "login": "ada" } },
                { "type": "Team", "reviewer": { "name": "leads" } }] }]),
        ),
        _ => answer(404, &json!({ "message": "Not Found" })),
    }
}

#[tokio::test]
async fn runs_jobs_and_approvals_are_read() {
    let server = Fake::start(|seen, _| listed(seen)).await;
    let repository = with_token(&server);
    assert_eq!(repository.workflows().await.expect("a list").len(), 101);
    let after = Timestamp(NOW.0 - 60_000);
    let runs = repository.runs("w.yml", after, Some("workflow_dispatch"), Some("ABC")).await;
    let runs = runs.expect("a list");
    assert_eq!(runs.iter().map(|run| run.id).collect::<Vec<_>>(), [4, 1]);
    assert!(runs[0].is_over() && runs[0].url.is_none() && runs[0].attempt == 2);
    assert!(!runs[0].title.contains("ghp_"), "{}", runs[0].title);
    let jobs = repository.jobs(7).await.expect("a list");
    assert_eq!((jobs[0].steps.len(), jobs[0].is_over()), (1, false));
    let pending = repository.pending(7).await.expect("a list");
    assert_eq!(
        (pending[0].reviewers.join(" "), pending[0].may_approve),
        ("ada leads".into(), false)
    );
    assert!(matches!(repository.run(8).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn a_run_is_cancelled_unless_it_has_ended_and_failed_jobs_run_again() {
    let server = Fake::start(|seen, _| match seen.line().as_str() {
        "POST /api/repos/o/r/actions/runs/1/cancel" => answer(202, &json!({})),
        "POST /api/repos/o/r/actions/runs/2/rerun-failed-jobs" => answer(201, &json!({})),
        _ => answer(409, &json!({ "message": "Cannot cancel a workflow run that is completed." })),
    })
    .await;
    let repository = with_token(&server);
    assert_eq!(repository.cancel(1).await, Ok(true));
    assert_eq!(repository.cancel(2).await, Ok(false));
    assert_eq!(repository.rerun_failed(2).await, Ok(()));
}

/// Answers logs and tarballs with a redirect to signed data.
fn data(seen: &Seen, url: &Url) -> Response {
    let to = |path: &str| {
        let to = url.join(path).expect("a URL");
        with(302, &[("location", to.as_str())], "")
    };
    match seen.line().trim_start_matches("GET ") {
        "/api/repos/o/r/actions/jobs/1/logs" => to("/signed/log?sig=x"),
        "/api/repos/o/r/actions/jobs/3/logs" => {
            with(302, &[("location", "http://127.0.0.1:1/x?sig=x")], "")
        }
        "/api/repos/o/r/actions/jobs/4/logs" => to("/again?sig=x"),
        "/again" => to("/signed/log?sig=x"),
        "/api/repos/o/r/tarball/0123abc" => {
            with(301, &[("location", "/api/repositories/1/tarball")], "")
        }
        "/api/repositories/1/tarball" => to("/signed/tar?sig=x"),
        "/signed/log" => with(200, &[], "one\ntwo\n"),
        "/signed/tar" => with(200, &[], vec![7; 3_000_000]),
        _ => answer(404, &json!({ "message": "Not Found" })),
    }
}

#[tokio::test]
async fn logs_and_tarballs_are_read_without_the_token_from_allowed_hosts_only() {
    let server = Fake::start(data).await;
    let repository = with_token(&server);
    let mut log = repository.job_log(1).await.expect("opened").expect("there");
    let mut text = Vec::new();
    while let Some(piece) = log.next().await.expect("a piece") {
        text.extend_from_slice(&piece);
    }
    assert_eq!(text, b"one\ntwo\n");
    assert!(repository.job_log(2).await.expect("asked").is_none(), "the job still runs");
    for (job, said) in [(3, "a download to 127.0.0.1"), (4, "once more")] {
        let refused = repository.job_log(job).await.expect_err("refused").to_string();
        assert!(refused.contains(said) && !refused.contains("sig="), "{refused}");
    }
    let mut tarball = repository.tarball("0123abc").await.expect("opened");
    let mut bytes = 0;
    while let Some(piece) = tarball.next().await.expect("a piece") {
        bytes += piece.len();
    }
    assert_eq!(bytes, 3_000_000);
    assert!(repository.tarball("../../user").await.is_err());
    for seen in server.seen() {
        let is_api = seen.target.starts_with("/api/");
        let expected = if is_api { "Bearer the-token" } else { "" };
        assert_eq!(seen.header("authorization"), expected, "{}", seen.target);
    }
}

fn key() -> String {
    let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).expect("a key");
    key.to_pkcs1_pem(rsa::pkcs1::LineEnding::LF).expect("a text").to_string()
}

fn app_answers(seen: &Seen, granted: &AtomicUsize) -> Response {
    let is_jwt = seen.header("authorization").starts_with("Bearer ey");
    match seen.line().as_str() {
        "GET /api/repos/o/r/installation" if is_jwt => answer(200, &json!({ "id": 42 })),
        "POST /api/app/installations/42/access_tokens" if is_jwt => {
            let count = granted.fetch_add(1, Ordering::Relaxed);
            // The second token is refused to be granted.
            match count {
                1 => answer(503, &json!({})),
                _ => answer(
                    201,
                    &json!({ "token": format!("ghs_{count}"),
                    "expires_at": if count == 0 { "2026-09-21T15:13:20Z" } else { "2026-09-21T16:13:20Z" } }),
                ),
            }
        }
        _ if is_jwt => answer(403, &json!({ "message": "a JWT is only for the App" })),
        _ => answer(200, &json!({ "id": 7, "event": "push", "head_sha": "abc", "path": "w" })),
    }
}

#[tokio::test]
async fn an_apps_token_is_requested_once_and_renewed_before_it_expires() {
    let granted = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&granted);
    let server = Fake::start(move |seen, _| app_answers(seen, &counted)).await;
    let clock = Clock::manual(NOW);
    let app = App::new(11, &key()).expect("an App");
    assert_eq!(format!("{app:?}"), "App(11)");
    let installation = Installation::new(app, None, "o".to_owned(), "r".to_owned());
    let repository = repository(&server, installation, &clock);
    let many = futures::future::join_all((0..5).map(|id| repository.run(id))).await;
    assert!(many.iter().all(Result::is_ok), "{many:?}");
    assert_eq!(granted.load(Ordering::Relaxed), 1, "one refresh at a time");
    let used =
        |server: &Fake| server.seen().last().expect("a request").header("authorization").to_owned();
    assert_eq!(used(&server), "Bearer ghs_0");
    // Four minutes before the end, GitHub grants no new one: the old one is still good.
    clock.advance(56 * 60_000);
    repository.run(1).await.expect("answered");
    assert_eq!((granted.load(Ordering::Relaxed), used(&server).as_str()), (2, "Bearer ghs_0"));
    clock.advance(5 * 60_000);
    repository.run(2).await.expect("answered");
    assert_eq!((granted.load(Ordering::Relaxed), used(&server).as_str()), (3, "Bearer ghs_2"));
    let asked = server.to(&Method::GET, "/installation");
    assert_eq!(asked.len(), 1, "the installation is known");
    let jwt = asked[0].header("authorization").trim_start_matches("Bearer ").to_owned();
    let claims = jwt.split('.').nth(1).expect("claims");
    let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).expect("base64");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    let now = NOW.0 / 1_000;
    assert_eq!(claims, json!({ "iat": now - 60, "exp": now + 540, "iss": "11" }));
}

#[tokio::test]
async fn an_app_that_is_not_installed_is_reported_and_a_key_is_never_printed() {
    let server = Fake::start(|_, _| answer(404, &json!({ "message": "Not Found" }))).await;
    let app = App::new(11, &key()).expect("an App");
    let installation = Installation::new(app, None, "o".to_owned(), "r".to_owned());
    let repository = repository(&server, installation, &Clock::manual(NOW));
    let error = repository.run(1).await.expect_err("refused").to_string();
    assert!(error.contains("the GitHub App is not installed"), "{error}");
    for text in
        ["", "ghp_x", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----"]
    {
        let refused = App::new(11, text).expect_err("refused").to_string();
        assert!(!refused.contains("AAAA") && refused.contains("PEM"), "{refused}");
    }
}
