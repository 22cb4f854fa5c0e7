//! What happens next in a run: which jobs start, wait for an approval, or are skipped.

use super::expression::{self, Standing, Value};
use super::model::{Cancel, Conclusion, Job, Run, Status, Work};
use crate::github::environments::{self, Environments};

/// What the runner has to do.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Next {
    /// Jobs to start now, which are already marked as running.
    pub start: Vec<u64>,
    pub is_over: bool,
}

/// Advances a run as far as possible without work.
pub fn advance(run: &mut Run, repository: &str, environments: &Environments, now: i64) -> Next {
    let mut next = Next::default();
    while let Some(id) = ready(run) {
        let decision = decide(run, id, repository, environments);
        let Some(job) = run.job_mut(id) else { break };
        match decision {
            Decision::Start => {
                job.status = Status::InProgress;
                job.started_at = Some(now);
                next.start.push(id);
            }
            Decision::Wait => job.status = Status::Waiting,
            Decision::End(conclusion) => job.complete(conclusion, now),
            Decision::Refuse(reason) => {
                job.work = Work::Invalid(reason);
                job.status = Status::InProgress;
                job.started_at = Some(now);
                next.start.push(id);
            }
        }
        run.updated_at = now;
    }
    next.is_over = settle(run, now);
    next
}

enum Decision {
    Start,
    /// For the approval of its environment.
    Wait,
    End(Conclusion),
    /// Its condition cannot be evaluated.
    Refuse(String),
}

/// A job that has not started and whose needs have ended. A waiting job is ready when it is approved or cancelled.
fn ready(run: &Run) -> Option<u64> {
    let jobs = run.jobs_of(run.attempt_number());
    let has_ended = |key: &String| {
        jobs.iter().find(|job| job.key == *key).is_none_or(|job| job.status == Status::Completed)
    };
    let is_ready = |job: &&&Job| match job.status {
        Status::Queued => run.cancel == Cancel::Forced || job.needs.iter().all(has_ended),
        Status::Waiting => run.cancel != Cancel::No || job.is_approved,
        Status::InProgress | Status::Completed => false,
    };
    jobs.iter().find(is_ready).map(|job| job.id)
}

fn decide(run: &Run, id: u64, repository: &str, environments: &Environments) -> Decision {
    let Some(job) = run.jobs.iter().find(|job| job.id == id) else {
        return Decision::End(Conclusion::Failure);
    };
    if run.cancel == Cancel::Forced || (run.cancel != Cancel::No && job.status == Status::Waiting) {
        return Decision::End(Conclusion::Cancelled);
    }
    let standing = standing(run, job);
    let condition = job.condition.as_deref().unwrap_or("success()");
    let lookup = |name: &str| lookup(run, repository, job, name);
    match expression::condition(condition, &lookup, standing) {
        Err(reason) => {
            return Decision::Refuse(format!(
                "The emulator cannot evaluate `if: {condition}`: {reason}."
            ));
        }
        Ok(false) if standing.is_cancelled => return Decision::End(Conclusion::Cancelled),
        Ok(false) => return Decision::End(Conclusion::Skipped),
        Ok(true) => {}
    }
    let protected =
        job.environment.as_deref().and_then(|name| environments::find(environments, name));
    let needs_approval = protected.is_some_and(|one| !one.reviewers.is_empty());
    if needs_approval && !job.is_approved { Decision::Wait } else { Decision::Start }
}

fn standing(run: &Run, job: &Job) -> Standing {
    let jobs = run.jobs_of(run.attempt_number());
    let find = |key: &String| jobs.iter().copied().find(|job| job.key == *key);
    let needed: Vec<&Job> = job.needs.iter().filter_map(find).collect();
    // A failure further up counts for failure(), too.
    let mut above = needed.clone();
    let mut at = 0;
    while let Some(one) = above.get(at).copied() {
        for job in one.needs.iter().filter_map(find) {
            if !above.iter().any(|known| known.id == job.id) {
                above.push(job);
            }
        }
        at += 1;
    }
    let is_cancelled = run.cancel != Cancel::No;
    Standing {
        is_success: !is_cancelled && needed.iter().all(|job| job.has_passed()),
        is_failure: above.iter().any(|job| job.conclusion == Some(Conclusion::Failure)),
        is_cancelled,
    }
}

/// The value of a name in an expression of a job.
fn lookup(run: &Run, repository: &str, job: &Job, name: &str) -> Option<Value> {
    let Some(need) = name.strip_prefix("needs.").and_then(|rest| rest.strip_suffix(".result"))
    else {
        return context(run, repository, name);
    };
    let jobs = run.jobs_of(run.attempt_number());
    let needed = jobs.iter().find(|one| one.key == need && job.needs.contains(&one.key));
    let result = needed.and_then(|one| one.conclusion).map(Conclusion::as_str);
    Some(result.map_or(Value::Null, |word| Value::Text(word.to_owned())))
}

/// The value of a name that is the same for all jobs of a run.
pub fn context(run: &Run, repository: &str, name: &str) -> Option<Value> {
    let input = name.strip_prefix("inputs.").or_else(|| name.strip_prefix("github.event.inputs."));
    if let Some(input) = input {
        return Some(run.inputs.get(input).map_or(Value::Null, |text| match text.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            text => Value::Text(text.to_owned()),
        }));
    }
    let text = match name {
        "github.ref" => run.git_ref.clone(),
        "github.ref_name" => run.branch.clone(),
        "github.ref_type" if run.git_ref.starts_with("refs/tags/") => "tag".to_owned(),
        "github.ref_type" => "branch".to_owned(),
        "github.sha" => run.sha.clone(),
        "github.event_name" => "workflow_dispatch".to_owned(),
        "github.repository" => repository.to_owned(),
        "github.repository_owner" => repository.split('/').next()?.to_owned(),
        "github.actor" => run.actor.clone(),
        "github.workflow" => run.name.clone(),
        "github.run_id" => run.id.to_string(),
        "github.run_number" => run.number.to_string(),
        "github.run_attempt" => run.attempt_number().to_string(),
        _ => return None,
    };
    Some(Value::Text(text))
}

/// Derives the run's own state from its jobs; returns whether it is over.
fn settle(run: &mut Run, now: i64) -> bool {
    let jobs = run.jobs_of(run.attempt_number());
    let any = |status| jobs.iter().any(|job| job.status == status);
    let ended = |conclusion| jobs.iter().any(|job| job.conclusion == Some(conclusion));
    let is_over = jobs.iter().all(|job| job.status == Status::Completed);
    let (status, conclusion) = match () {
        () if is_over && ended(Conclusion::Failure) => {
            (Status::Completed, Some(Conclusion::Failure))
        }
        () if is_over && (ended(Conclusion::Cancelled) || run.cancel != Cancel::No) => {
            (Status::Completed, Some(Conclusion::Cancelled))
        }
        () if is_over && jobs.iter().all(|job| job.conclusion == Some(Conclusion::Skipped)) => {
            (Status::Completed, Some(Conclusion::Skipped))
        }
        () if is_over => (Status::Completed, Some(Conclusion::Success)),
        () if any(Status::InProgress) => (Status::InProgress, None),
        () if any(Status::Waiting) => (Status::Waiting, None),
        () if any(Status::Completed) => (Status::InProgress, None),
        () => (Status::Queued, None),
    };
    if let Some(attempt) = run.attempts.last_mut()
        && (attempt.status, attempt.conclusion) != (status, conclusion)
    {
        (attempt.status, attempt.conclusion) = (status, conclusion);
        attempt.updated_at = now;
        run.updated_at = now;
    }
    is_over
}
