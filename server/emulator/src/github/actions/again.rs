//! Running a workflow again: a new attempt of the same run, for the same commit and inputs.

use http::StatusCode;
use serde_json::json;

use super::Asked;
use super::model::{Attempt, Cancel, Conclusion, Job, Run, Status};
use crate::github::answer::{Answer, Refusal};

/// The highest number of attempts, as GitHub's since 2025 (docs.github.com, usage limits: 50 re-runs).
const ATTEMPTS_MAX: u32 = 51;

impl Asked<'_> {
    /// Adds an attempt with all jobs, or with the failed ones and those that need them.
    pub fn rerun(&self, id: u64, only_failed: bool) -> Result<Answer, Refusal> {
        let refused = |message: &str| Refusal::new(StatusCode::FORBIDDEN, message);
        self.github.runs.change_all(|all| {
            let last_id = all.last_id;
            let run = all.runs.iter_mut().find(|run| run.id == id);
            let run = run.ok_or_else(Refusal::not_found)?;
            if !run.is_over() {
                return Err(refused("This workflow is already running"));
            }
            if run.attempt_number() >= ATTEMPTS_MAX {
                return Err(refused(
                    "Unable to retry this workflow run because it was retried too often",
                ));
            }
            let keys = wanted(run, only_failed);
            if keys.is_empty() {
                return Err(refused("This workflow run has no failed jobs to re-run"));
            }
            all.last_id = add_attempt(run, &keys, &self.caller.login, last_id, self.now);
            Ok(())
        })?;
        self.github.runs.enqueue(id);
        Ok(Answer::json(StatusCode::CREATED, &json!({})))
    }
}

/// The keys of the jobs that run again.
fn wanted(run: &Run, only_failed: bool) -> Vec<String> {
    let jobs = run.jobs_of(run.attempt_number());
    let is_failed =
        |job: &&&Job| matches!(job.conclusion, Some(Conclusion::Failure | Conclusion::Cancelled));
    let first = jobs.iter().filter(|job| !only_failed || is_failed(job));
    let mut keys: Vec<String> = first.map(|job| job.key.clone()).collect();
    // What needs one of them runs again, too.
    loop {
        let needs_one = |job: &&&Job| {
            !keys.contains(&job.key) && job.needs.iter().any(|need| keys.contains(need))
        };
        let Some(more) = jobs.iter().find(needs_one).map(|job| job.key.clone()) else {
            return keys;
        };
        keys.push(more);
    }
}

/// Returns the last id that is in use then.
fn add_attempt(run: &mut Run, keys: &[String], login: &str, last_id: u64, now: i64) -> u64 {
    let number = run.attempt_number() + 1;
    let fresh = |(job, id): (&Job, u64)| Job {
        id,
        attempt: number,
        status: Status::Queued,
        conclusion: None,
        created_at: now,
        started_at: None,
        completed_at: None,
        steps: Vec::new(),
        is_approved: false,
        ..job.clone()
    };
    let current = run.jobs_of(run.attempt_number());
    let again = current.into_iter().filter(|job| keys.contains(&job.key));
    let jobs: Vec<Job> = again.zip(last_id + 1..).map(fresh).collect();
    let last_id = jobs.last().map_or(last_id, |job| job.id);
    run.jobs.extend(jobs);
    run.cancel = Cancel::No;
    run.updated_at = now;
    run.attempts.push(Attempt {
        number,
        actor: login.to_owned(),
        started_at: now,
        updated_at: now,
        status: Status::Queued,
        conclusion: None,
    });
    last_id
}
