//! What runs of workflows do: steps, logs, cancelling, running again, approvals.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Stage, in_time};
use crate::hub::{Hub, build};

/// `name: conclusion` of each job or step.
fn outcomes(all: &[Value]) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    all.iter().map(|one| format!("{}: {}", word(&one["name"]), word(&one["conclusion"]))).collect()
}

fn steps(job: &Value) -> Vec<String> {
    outcomes(job["steps"].as_array().expect("a list"))
}

#[tokio::test]
async fn a_dispatched_build_stores_an_image_and_registers_its_environment() {
    let stage = Stage::start().await;
    let hub = Hub::new(&stage);
    let jobs = format!("  checks: {{steps: []}}\n{}", build("image", "needs: checks", "ml-it-env"));
    hub.workflow(&jobs).await;
    let dockerfile = "FROM scratch AS litserve\nCOPY server.py /app/server.py\nCMD [\"python3\", \"/app/server.py\"]\n";
    let sha = hub.commit(json!({ "Dockerfile": dockerfile, "server.py": "print('one')\n" })).await;
    let run = hub.dispatch().await;
    let done = hub.reaches(run, "completed").await;
    let jobs = hub.jobs(run).await;
    let log = hub.log(&jobs[1]).await;
    assert_eq!((&done["conclusion"], &done["head_sha"]), (&json!("success"), &json!(sha)), "{log}");
    assert_eq!(jobs[1]["name"], "image / build");
    let names = [
        "Set up job",
        "Checkout",
        "Azure login",
        "Build and push",
        "Register environment",
        "Complete job",
    ];
    assert_eq!(steps(&jobs[1]), names.map(|name| format!("{name}: success")));
    let version = stage.get("environments/ml-it-env/versions/1").await;
    assert_eq!(version.status, StatusCode::OK, "{version:?}");
    let host = stage.url("").replace("http://", "");
    let host = host.trim_end_matches('/');
    let properties = &version.body["properties"];
    assert_eq!(properties["image"], format!("{host}/ml-it-env"));
    assert_eq!(properties["tags"], json!({ "team": "it", "why": "a test" }));
    assert_eq!(properties["description"], "A test");
    // A second build is a second version.
    let again = hub.dispatch().await;
    hub.reaches(again, "completed").await;
    assert_eq!(stage.get("environments/ml-it-env/versions/2").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_job_that_is_not_carried_out_says_so() {
    let stage = Stage::start().await;
    let hub = Hub::new(&stage);
    let deploy = "  deploy:\n    needs: image\n    uses: anet/ml-mlops-templates/.github/workflows/deploy_realtime.yml@v1.0.0\n";
    hub.workflow(&format!("{}{deploy}", build("image", "needs: []", "fail-run-env"))).await;
    let run = hub.dispatch().await;
    assert_eq!(hub.reaches(run, "completed").await["conclusion"], "failure");
    let jobs = hub.jobs(run).await;
    assert_eq!(outcomes(&jobs), ["image / build: failure", "deploy: skipped"]);
    // The deployment was skipped because of the build, so nothing was there to say.
    let missing = hub.get(&format!("actions/jobs/{}/logs", jobs[1]["id"])).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    hub.workflow("  notes:\n    runs-on: ubuntu-24.04\n    steps: [{run: 'touch /tmp/never'}]\n")
        .await;
    let run = hub.dispatch().await;
    assert_eq!(hub.reaches(run, "completed").await["conclusion"], "skipped");
    let log = hub.log(&hub.jobs(run).await[0]).await;
    assert!(log.contains("The emulator does not carry out the steps of this job"), "{log}");
}

#[tokio::test]
async fn a_failed_step_ends_the_job_and_marks_the_line() {
    let stage = Stage::start().await;
    let hub = Hub::new(&stage);
    hub.workflow(&build("image", "needs: []", "fail-push-env")).await;
    let run = hub.dispatch().await;
    hub.reaches(run, "completed").await;
    let job = hub.jobs(run).await.remove(0);
    let expected = [
        "Set up job: success",
        "Checkout: success",
        "Azure login: success",
        "Build and push: failure",
        "Register environment: skipped",
        "Complete job: skipped",
    ];
    assert_eq!(steps(&job), expected);
    let log = hub.log(&job).await;
    for line in log.lines() {
        let (at, _) = line.split_once(' ').expect(line);
        assert!(
            at.starts_with("2026-01-01T00:00:") && at.ends_with("0Z") && at.len() == 28,
            "{line}"
        );
    }
    assert!(log.contains("Z ##[group]Run docker buildx build --target litserve"), "{log}");
    assert!(log.contains("Z ##[error]failed to push ") && log.contains("is denied"), "{log}");
    assert_eq!(stage.get("environments/fail-push-env").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_the_inputs_name_must_exist() {
    let stage = Stage::start().await;
    let hub = Hub::new(&stage);
    let config = |file: &str| build("image", "needs: []", "x").replace("infra.yml", file);
    for (jobs, part) in [
        (config("none.yml"), "none.yml: No such file"),
        (config("other.yml"), "mlw-other-1dev"),
        (build("image", "needs: []", "''"), "Input ml_env_name is required"),
        (build("image", "needs: []", "../Up"), "invalid reference format"),
        (build("image", "needs: []", "${{ secrets.NAME }}"), "secrets.NAME is not known"),
        (build("image", "if: vars.X == 1", "x"), "cannot evaluate `if: vars.X == 1`"),
    ] {
        hub.workflow(&jobs).await;
        let other = "variables: {namespace: other, postfix: 1, environment: dev}\n";
        hub.commit(json!({ "other.yml": other })).await;
        let run = hub.dispatch().await;
        assert_eq!(hub.reaches(run, "completed").await["conclusion"], "failure", "{part}");
        let log = hub.log(&hub.jobs(run).await[0]).await;
        assert!(log.contains("##[error]") && log.contains(part), "{part}: {log}");
    }
}

#[tokio::test]
async fn a_running_job_has_no_log_and_can_be_cancelled() {
    let stage = Stage::start().await;
    let hub = Hub::new(&stage);
    let jobs = build("image", "needs: []", "stuck-run-env") + &build("after", "needs: image", "x");
    hub.workflow(&jobs).await;
    let run = hub.dispatch().await;
    hub.builds(run).await;
    let jobs = hub.jobs(run).await;
    let log = hub.get(&format!("actions/jobs/{}/logs", jobs[0]["id"])).await;
    assert_eq!((log.status, log.message()), (StatusCode::NOT_FOUND, "Not Found"));
    assert_eq!(hub.get(&format!("actions/runs/{run}/logs")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        hub.post(&format!("actions/runs/{run}/rerun"), json!({})).await.status,
        StatusCode::FORBIDDEN
    );
    let cancelled = hub.post(&format!("actions/runs/{run}/cancel"), json!({})).await;
    assert_eq!(cancelled.status, StatusCode::ACCEPTED);
    let done = hub.reaches(run, "completed").await;
    assert_eq!(done["conclusion"], "cancelled");
    let jobs = hub.jobs(run).await;
    assert_eq!(outcomes(&jobs), ["image / build: cancelled", "after / build: cancelled"]);
    assert!(hub.log(&jobs[0]).await.contains("##[error]The operation was canceled."));
    for how in ["cancel", "force-cancel"] {
        let late = hub.post(&format!("actions/runs/{run}/{how}"), json!({})).await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        assert_eq!(late.message(), "Cannot cancel a workflow run that is completed.");
    }
}

#[tokio::test]
async fn a_job_ends_after_six_hours() {
    let stage = Stage::start().await;
    let hub = Hub::new(&stage);
    hub.workflow(&build("image", "needs: []", "stuck-run-env")).await;
    let run = hub.dispatch().await;
    let done = async {
        while hub.run(run).await["status"] != "completed" {
            stage.advance(3_600).await;
        }
    };
    in_time(done).await;
    let log = hub.log(&hub.jobs(run).await[0]).await;
    assert!(log.contains("exceeded the maximum execution time of 6h0m0s"), "{log}");
}

#[tokio::test]
async fn failed_jobs_run_again_with_those_that_need_them() {
    let stage = Stage::start().await;
    let hub = Hub::new(&stage);
    let jobs = format!(
        "  checks: {{steps: []}}\n{}{}",
        build("image", "needs: checks", "lost-runner-env"),
        build("after", "needs: image", "x")
    );
    hub.workflow(&jobs).await;
    let run = hub.dispatch().await;
    hub.reaches(run, "completed").await;
    let first = hub.jobs(run).await;
    assert!(hub.log(&first[1]).await.contains("lost communication with the server"));
    let again = hub.post(&format!("actions/runs/{run}/rerun-failed-jobs"), json!({})).await;
    assert_eq!(again.status, StatusCode::CREATED, "{again:?}");
    let done = hub.until(run, |run| run["run_attempt"] == 2 && run["status"] == "completed").await;
    assert!(done["previous_attempt_url"].as_str().is_some_and(|url| url.ends_with("/attempts/1")));
    let second = hub.jobs(run).await;
    let ids = |jobs: &[Value]| jobs.iter().map(|job| job["id"].as_u64()).collect::<Vec<_>>();
    assert_eq!(ids(&first)[0], ids(&second)[0], "what succeeded does not run again");
    assert!(ids(&first)[1..].iter().all(|id| !ids(&second).contains(id)));
    let all = hub.get(&format!("actions/runs/{run}/jobs?filter=all")).await.body;
    assert_eq!(all["total_count"], 5);
    let old = hub.get(&format!("actions/runs/{run}/attempts/1/jobs")).await.body;
    assert_eq!(ids(old["jobs"].as_array().expect("a list")), ids(&first));
    assert_eq!(hub.get(&format!("actions/runs/{run}/attempts/1")).await.body["run_attempt"], 1);
    let all = hub.post(&format!("actions/runs/{run}/rerun"), json!({})).await;
    assert_eq!(all.status, StatusCode::CREATED);
    let done = hub.until(run, |run| run["run_attempt"] == 3 && run["status"] == "completed").await;
    assert_eq!(done["conclusion"], "failure");
    assert_ne!(ids(&hub.jobs(run).await)[0], ids(&first)[0]);
}

#[tokio::test]
async fn only_a_reviewer_can_approve_a_protected_environment() {
    let stage = Stage::start().await;
    let hub = Hub::new(&stage);
    let prod = "  deploy:\n    environment: anet-prod\n    runs-on: x\n    steps: []\n";
    hub.workflow(prod).await;
    let run = hub.dispatch().await;
    hub.reaches(run, "waiting").await;
    assert_eq!(hub.jobs(run).await[0]["status"], "waiting");
    let path = format!("actions/runs/{run}/pending_deployments");
    let pending = hub.get(&path).await.body;
    let environment = &pending[0]["environment"];
    assert_eq!(
        (&environment["name"], &pending[0]["current_user_can_approve"]),
        (&json!("anet-prod"), &json!(false))
    );
    assert_eq!(pending[0]["reviewers"][0]["reviewer"]["login"], "leo-lead");
    let approve =
        json!({ "environment_ids": [environment["id"]], "state": "approved", "comment": "Go" });
    assert_eq!(hub.post(&path, approve.clone()).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let rights = json!({ "actions": "read", "deployments": "write" });
    let leo = Hub::with(&stage, "leo-lead", rights.clone()).await;
    assert_eq!(leo.get(&path).await.body[0]["current_user_can_approve"], true);
    let dana = Hub::with(&stage, "dana-scott", rights).await;
    assert_eq!(dana.post(&path, approve.clone()).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let approved = leo.post(&path, approve.clone()).await;
    assert_eq!(
        (approved.status, &approved.body[0]["environment"]),
        (StatusCode::OK, &json!("anet-prod"))
    );
    assert_eq!(hub.reaches(run, "completed").await["conclusion"], "skipped");
    assert_eq!(hub.get(&path).await.body, json!([]));
    let approvals = hub.get(&format!("actions/runs/{run}/approvals")).await.body;
    assert_eq!(
        (&approvals[0]["state"], &approvals[0]["user"]["login"]),
        (&json!("approved"), &json!("leo-lead"))
    );
    let run = hub.dispatch().await;
    hub.reaches(run, "waiting").await;
    let reject =
        json!({ "environment_ids": [environment["id"]], "state": "rejected", "comment": "" });
    leo.post(&format!("actions/runs/{run}/pending_deployments"), reject).await;
    assert_eq!(hub.reaches(run, "completed").await["conclusion"], "failure");
}

#[tokio::test]
async fn environments_have_reviewers_that_can_be_changed() {
    let stage = Stage::start().await;
    let hub = Hub::new(&stage);
    let all = hub.get("environments").await.body;
    assert_eq!(
        (&all["total_count"], &all["environments"][1]["name"]),
        (&json!(2), &json!("anet-prod"))
    );
    let rule = &all["environments"][1]["protection_rules"][0];
    assert_eq!(
        (&rule["type"], &rule["reviewers"][0]["reviewer"]["id"]),
        (&json!("required_reviewers"), &json!(3))
    );
    let body = json!({ "reviewers": [{ "type": "User", "id": 2 }] });
    let made = hub.send(Method::PUT, "environments/new%20one", Some(body)).await;
    assert_eq!((made.status, &made.body["name"]), (StatusCode::OK, &json!("new one")));
    let none = hub.send(Method::PUT, "environments/anet-prod", None).await;
    assert_eq!(none.body["protection_rules"], json!([]));
    let unknown = json!({ "reviewers": [{ "type": "User", "id": 999 }] });
    let refused = hub.send(Method::PUT, "environments/x", Some(unknown)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        hub.send(Method::DELETE, "environments/new%20one", None).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(hub.get("environments/new%20one").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn urls_of_logs_end_after_a_minute() {
    let stage = Stage::start().await;
    let hub = Hub::new(&stage);
    hub.workflow(&build("image", "needs: []", "fail-run-env")).await;
    let run = hub.dispatch().await;
    hub.reaches(run, "completed").await;
    let zip = hub.get(&format!("actions/runs/{run}/logs")).await;
    assert_eq!(zip.status, StatusCode::FOUND);
    let url = stage.url(zip.header("location"));
    let bytes = async || {
        let response = stage.http.get(&url).send().await.expect("an answer");
        (response.status(), response.bytes().await.expect("a body"))
    };
    let (status, body) = bytes().await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.starts_with(b"PK"));
    let name = b"image _ build/4_Build and push.txt";
    assert!(body.windows(name.len()).any(|part| part == name), "the log of a step");
    let range = stage.http.get(&url).header("range", "bytes=0-1").send().await.expect("an answer");
    assert_eq!(range.status(), StatusCode::PARTIAL_CONTENT);
    stage.advance(60).await;
    assert_eq!(bytes().await.0, StatusCode::NOT_FOUND);
}
