//! GitHub Actions: workflows that are dispatched, their runs, jobs and logs, cancelling, running again, and approvals.
//!
//! A request changes and saves a run. The emulator's runner (`crate::runner`) carries it out, and learns of later
//! changes by a signal.

mod again;
mod dispatch;
mod expression;
mod filter;
mod lexer;
pub mod model;
pub mod plan;
#[cfg(test)]
mod plan_tests;
mod review;
pub mod runs;
mod view;
mod workflow;
mod workflows;

use http::{Method, StatusCode};
use serde_json::json;

use super::GitHub;
use super::answer::{Answer, Refusal};
use super::call::Call;
use super::download::{LOG_S, What};
use super::tokens::Caller;
use model::{Attempt, Run, Status};

/// A request below `…/actions/`.
pub struct Asked<'a> {
    pub github: &'a GitHub,
    pub caller: &'a Caller,
    pub call: &'a Call,
    /// Seconds since 1970.
    pub now: i64,
}

impl Asked<'_> {
    /// The routing table.
    pub fn route(&self, rest: &[&str]) -> Result<Answer, Refusal> {
        let id = |text: &str| text.parse::<u64>().map_err(|_| Refusal::not_found());
        if self.call.method == Method::POST {
            return match rest {
                ["workflows", workflow, "dispatches"] => self.dispatch(workflow),
                ["runs", run, what] => self.change(id(run)?, what),
                _ => Err(Refusal::not_found()),
            };
        }
        if self.call.method != Method::GET {
            return Err(Refusal::not_found());
        }
        match rest {
            ["workflows"] => Ok(self.workflows()),
            ["workflows", workflow] => self.workflow(workflow),
            ["workflows", workflow, "runs"] => self.runs(Some(workflow)),
            ["runs"] => self.runs(None),
            ["runs", run] => self.run(id(run)?, None),
            ["runs", run, "attempts", number] => self.run(id(run)?, Some(number)),
            ["runs", run, "jobs"] => self.jobs(id(run)?, None),
            ["runs", run, "attempts", number, "jobs"] => self.jobs(id(run)?, Some(number)),
            ["runs", run, "logs"] => self.run_logs(id(run)?, None),
            ["runs", run, "attempts", number, "logs"] => self.run_logs(id(run)?, Some(number)),
            ["runs", run, "artifacts"] => {
                self.found(id(run)?)?;
                Ok(self.call.counted_page("artifacts", Vec::new()))
            }
            ["runs", run, "pending_deployments"] => self.pending(id(run)?),
            ["runs", run, "approvals"] => self.approvals(id(run)?),
            ["jobs", job] => self.job(id(job)?),
            ["jobs", job, "logs"] => self.job_logs(id(job)?),
            _ => Err(Refusal::not_found()),
        }
    }

    fn found(&self, id: u64) -> Result<Run, Refusal> {
        self.github.runs.get(id).ok_or_else(Refusal::not_found)
    }

    /// The run, and the wanted or the current attempt.
    fn attempt(&self, id: u64, wanted: Option<&str>) -> Result<(Run, Attempt), Refusal> {
        let run = self.found(id)?;
        let is_it = |one: &&Attempt| wanted.is_none_or(|number| number == one.number.to_string());
        let attempt = run.attempts.iter().rev().find(is_it).cloned();
        attempt.map(|attempt| (run, attempt)).ok_or_else(Refusal::not_found)
    }

    fn workflows(&self) -> Answer {
        let repo = &self.github.kept.lock().repo;
        let all = workflows::all(repo);
        let shapes = all.iter().map(|one| workflows::shape(repo, &self.call.root, one));
        self.call.counted_page("workflows", shapes.collect())
    }

    fn workflow(&self, wanted: &str) -> Result<Answer, Refusal> {
        let repo = &self.github.kept.lock().repo;
        let found = workflows::find(repo, wanted).ok_or_else(Refusal::not_found)?;
        Ok(Answer::ok(&workflows::shape(repo, &self.call.root, &found)))
    }

    fn dispatch(&self, wanted: &str) -> Result<Answer, Refusal> {
        let mut kept = self.github.kept.lock();
        let found = workflows::find(&kept.repo, wanted).ok_or_else(Refusal::not_found)?;
        let (run, workflow) =
            dispatch::prepare(&kept.repo, self.call, &found, &self.caller.login, self.now)?;
        let repository = format!("{}/{}", kept.repo.owner, kept.repo.name);
        let run = self.github.runs.change_all(|all| {
            if all.runs.iter().filter(|run| !run.is_over()).count() >= dispatch::OPEN_RUNS_MAX {
                return Err(dispatch::too_many());
            }
            let mut run = run;
            all.last_id += 1;
            run.id = all.last_id;
            let number = all.numbers.entry(run.path.clone()).or_default();
            *number += 1;
            run.number = *number;
            run.jobs = dispatch::jobs_for(&run, &repository, &workflow, &mut all.last_id, self.now);
            all.runs.push(run.clone());
            Ok(run)
        })?;
        let named = run.jobs.iter().filter_map(|job| job.environment.as_deref());
        // Naming an environment creates it. If that cannot be saved, the next run does it.
        let created = kept.change(&self.github.disk, |kept| {
            named.for_each(|name| {
                super::environments::ensure(&mut kept.extra.environments, name, self.now);
            });
            Ok(())
        });
        if let Err(refusal) = created {
            tracing::warn!(refusal.message, "a new environment was not saved");
        }
        self.github.runs.enqueue(run.id);
        Ok(dispatch::answer(&kept.repo, self.call, &run, self.github.knows_run_details()))
    }

    fn runs(&self, workflow: Option<&str>) -> Result<Answer, Refusal> {
        let repo = &self.github.kept.lock().repo;
        let only = match workflow {
            Some(wanted) => Some(workflows::find(repo, wanted).ok_or_else(Refusal::not_found)?),
            None => None,
        };
        let shapes = self.github.runs.read(|all| {
            let newest = all.runs.iter().rev();
            let is_asked = |run: &&Run| {
                only.as_ref().is_none_or(|one| one.path == run.path)
                    && filter::meets(self.call, run)
            };
            let shape = |run: &Run| Some(view::run(repo, &self.call.root, run, run.attempt()?));
            newest.filter(is_asked).filter_map(shape).collect::<Vec<_>>()
        });
        Ok(self.call.counted_page("workflow_runs", shapes))
    }

    fn run(&self, id: u64, attempt: Option<&str>) -> Result<Answer, Refusal> {
        let (run, attempt) = self.attempt(id, attempt)?;
        let repo = &self.github.kept.lock().repo;
        Ok(Answer::ok(&view::run(repo, &self.call.root, &run, &attempt)))
    }

    /// The newest execution of each job, or with `?filter=all` every execution.
    fn jobs(&self, id: u64, attempt: Option<&str>) -> Result<Answer, Refusal> {
        let (run, one) = self.attempt(id, attempt)?;
        let wants_all = self.call.query.get("filter").is_some_and(|word| word == "all");
        let jobs = match attempt.is_none() && wants_all {
            true => run.jobs.iter().collect(),
            false => run.jobs_of(one.number),
        };
        let repo = &self.github.kept.lock().repo;
        let shapes = jobs.into_iter().map(|job| view::job(repo, &self.call.root, &run, job));
        Ok(self.call.counted_page("jobs", shapes.collect()))
    }

    fn job(&self, id: u64) -> Result<Answer, Refusal> {
        let (run, job) = self.github.runs.job(id).ok_or_else(Refusal::not_found)?;
        let repo = &self.github.kept.lock().repo;
        Ok(Answer::ok(&view::job(repo, &self.call.root, &run, &job)))
    }

    /// A job's log does not exist until the job has ended.
    fn job_logs(&self, id: u64) -> Result<Answer, Refusal> {
        let (_, job) = self.github.runs.job(id).ok_or_else(Refusal::not_found)?;
        if job.status != Status::Completed || !self.github.runs.log_file(id).exists() {
            return Err(Refusal::not_found());
        }
        Ok(self.log_url(What::JobLog { job: id }))
    }

    fn run_logs(&self, id: u64, attempt: Option<&str>) -> Result<Answer, Refusal> {
        let (run, attempt) = self.attempt(id, attempt)?;
        if attempt.status != Status::Completed {
            return Err(Refusal::not_found());
        }
        Ok(self.log_url(What::RunLogs { run: run.id, attempt: attempt.number }))
    }

    fn log_url(&self, what: What) -> Answer {
        let secret = self.github.downloads.add(what, self.now, LOG_S);
        let site = self.call.root.trim_end_matches(super::ROOT);
        Answer::found(format!("{site}/_services/pipelines/logs/{secret}"))
    }

    fn change(&self, id: u64, what: &str) -> Result<Answer, Refusal> {
        self.found(id)?;
        let answer = match what {
            "cancel" => self.cancel(id, model::Cancel::Asked)?,
            "force-cancel" => self.cancel(id, model::Cancel::Forced)?,
            "rerun" => self.rerun(id, false)?,
            "rerun-failed-jobs" => self.rerun(id, true)?,
            "pending_deployments" => self.review(id)?,
            _ => return Err(Refusal::not_found()),
        };
        self.github.runs.signal(id);
        Ok(answer)
    }

    fn cancel(&self, id: u64, how: model::Cancel) -> Result<Answer, Refusal> {
        let is_over = self.github.runs.change(id, |run| {
            if run.is_over() {
                return true;
            }
            run.cancel = run.cancel.max(how);
            run.updated_at = self.now;
            false
        })?;
        if is_over.unwrap_or(true) {
            let message = "Cannot cancel a workflow run that is completed.";
            return Err(Refusal::new(StatusCode::CONFLICT, message));
        }
        Ok(Answer::json(StatusCode::ACCEPTED, &json!({})))
    }
}
