//! Runs and jobs in answers.

use serde_json::{Value, json};

use super::model::{Attempt, Conclusion, Job, Run, Status, Step, Work};
use super::workflows;
use crate::github::repository::Repository;
use crate::github::shapes::{self, moment};
use crate::github::users;

/// A run's URL in the API.
pub fn run_url(repo: &Repository, root: &str, id: u64) -> String {
    format!("{}/actions/runs/{id}", shapes::url(repo, root))
}

/// A run's page.
pub fn run_page(repo: &Repository, root: &str, id: u64) -> String {
    format!("{}/actions/runs/{id}", shapes::html(repo, root))
}

fn word(conclusion: Option<Conclusion>) -> Option<&'static str> {
    conclusion.map(Conclusion::as_str)
}

/// A run as one of its attempts shows it.
pub fn run(repo: &Repository, root: &str, run: &Run, attempt: &Attempt) -> Value {
    let url = run_url(repo, root, run.id);
    let number = attempt.number;
    let is_current = number == run.attempt_number();
    // An earlier attempt has URLs of its own for what belongs to it.
    let own = if is_current { url.clone() } else { format!("{url}/attempts/{number}") };
    let workflow = workflows::id(&run.path);
    let previous = (number > 1).then(|| format!("{url}/attempts/{}", number - 1));
    let updated = if is_current { run.updated_at } else { attempt.updated_at };
    let suite = run.id + 1_000_000_000;
    let mut body = json!({
        "id": run.id, "node_id": shapes::node("WorkflowRun", &run.id.to_string()),
        "name": run.name, "display_title": run.name, "path": run.path,
        "head_branch": run.branch, "head_sha": run.sha, "run_number": run.number,
        "run_attempt": number, "event": "workflow_dispatch", "status": attempt.status.as_str(),
        "conclusion": word(attempt.conclusion), "workflow_id": workflow,
        "check_suite_id": suite, "check_suite_node_id": shapes::node("CheckSuite", &suite.to_string()),
        "check_suite_url": format!("{}/check-suites/{suite}", shapes::url(repo, root)),
        "pull_requests": [], "referenced_workflows": [],
        "created_at": moment(run.created_at), "updated_at": moment(updated),
        "run_started_at": moment(attempt.started_at),
        "actor": users::shape(&run.actor, root), "triggering_actor": users::shape(&attempt.actor, root),
    });
    let urls = json!({
        "url": url, "html_url": run_page(repo, root, run.id),
        "jobs_url": format!("{own}/jobs"), "logs_url": format!("{own}/logs"),
        "artifacts_url": format!("{url}/artifacts"), "cancel_url": format!("{url}/cancel"),
        "rerun_url": format!("{url}/rerun"), "previous_attempt_url": previous,
        "workflow_url": format!("{}/actions/workflows/{workflow}", shapes::url(repo, root)),
        "head_commit": head_commit(repo, &run.sha),
        "repository": shapes::repository(repo, root), "head_repository": shapes::repository(repo, root),
    });
    if let (Some(body), Value::Object(urls)) = (body.as_object_mut(), urls) {
        body.extend(urls);
    }
    body
}

fn head_commit(repo: &Repository, sha: &str) -> Value {
    let Some(commit) = repo.objects.commit(sha) else { return Value::Null };
    let person = json!({ "name": commit.author.name, "email": commit.author.email });
    json!({
        "id": sha, "tree_id": commit.tree, "message": commit.message,
        "timestamp": moment(commit.author.at), "author": person, "committer": person,
    })
}

/// A job.
pub fn job(repo: &Repository, root: &str, run: &Run, job: &Job) -> Value {
    let (url, run_url) = (shapes::url(repo, root), run_url(repo, root, run.id));
    // A job that never got a runner shows none.
    let has_runner = job.started_at.is_some() && matches!(job.work, Work::Build(_));
    let runner = has_runner.then_some(3_000);
    let steps: Vec<Value> = job.steps.iter().zip(1..).map(step).collect();
    json!({
        "id": job.id, "run_id": run.id, "run_url": run_url, "run_attempt": job.attempt,
        "node_id": shapes::node("CheckRun", &job.id.to_string()), "head_sha": run.sha,
        "head_branch": run.branch, "workflow_name": run.name,
        "url": format!("{url}/actions/jobs/{}", job.id),
        "html_url": format!("{}/job/{}", run_page(repo, root, run.id), job.id),
        "check_run_url": format!("{url}/check-runs/{}", job.id),
        "status": job.status.as_str(), "conclusion": word(job.conclusion),
        "created_at": moment(job.created_at),
        // GitHub shows the time of creation until the job starts.
        "started_at": moment(job.started_at.unwrap_or(job.created_at)),
        "completed_at": job.completed_at.map(moment), "name": job.name, "steps": steps,
        "labels": job.labels, "runner_id": runner,
        "runner_name": has_runner.then(|| format!("GitHub Actions {}", job.id)),
        "runner_group_id": runner.map(|_| 0), "runner_group_name": runner.map(|_| "GitHub Actions"),
    })
}

fn step((step, number): (&Step, u32)) -> Value {
    let status = if step.status == Status::Queued { "pending" } else { step.status.as_str() };
    json!({
        "name": step.name, "number": number, "status": status,
        "conclusion": word(step.conclusion), "started_at": step.started_at.map(moment),
        "completed_at": step.completed_at.map(moment),
    })
}
