//! Approvals of environments. Only a reviewer's own token can approve or reject.

use serde_json::{Value, json};

use super::Asked;
use super::model::{Conclusion, Job, Review, Run, Status};
use super::view;
use crate::github::answer::{Answer, Refusal};
use crate::github::environments::{self, Environment, reviewers, short};
use crate::github::kept::Kept;
use crate::github::{shapes, users};

/// The longest comment that is kept; GitHub documents no limit.
const COMMENT_CHARS_MAX: usize = 10_000;

impl Asked<'_> {
    /// Whether the caller may approve jobs of a run for an environment.
    fn may_approve(&self, run: &Run, environment: &Environment) -> bool {
        let is_same = |login: &String| login.eq_ignore_ascii_case(&self.caller.login);
        self.caller.is_person()
            && environment.reviewers.iter().any(is_same)
            && !(environment.prevents_self_review && is_same(&run.actor))
    }

    /// `GET …/pending_deployments`
    pub fn pending(&self, id: u64) -> Result<Answer, Refusal> {
        let run = self.found(id)?;
        let kept = self.github.kept.lock();
        let shape = |environment: &Environment| {
            json!({
                "environment": short(&kept.repo, &self.call.root, environment),
                "wait_timer": 0, "wait_timer_started_at": null,
                "current_user_can_approve": self.may_approve(&run, environment),
                "reviewers": reviewers(environment, &self.call.root),
            })
        };
        let pending: Value = waiting(&run, &kept).into_iter().map(shape).collect();
        Ok(Answer::ok(&pending))
    }

    /// `GET …/approvals`: the decisions so far.
    pub fn approvals(&self, id: u64) -> Result<Answer, Refusal> {
        let run = self.found(id)?;
        let kept = self.github.kept.lock();
        let shape = |review: &Review| {
            let environment = environments::find(&kept.extra.environments, &review.environment);
            let all: Vec<Value> = environment
                .map(|one| short(&kept.repo, &self.call.root, one))
                .into_iter()
                .collect();
            json!({
                "state": if review.is_approval { "approved" } else { "rejected" },
                "comment": review.comment, "environments": all,
                "user": users::shape(&review.login, &self.call.root),
            })
        };
        Ok(Answer::ok(&run.reviews.iter().map(shape).collect()))
    }

    /// `POST …/pending_deployments`: approves or rejects all waiting jobs of some environments.
    pub fn review(&self, id: u64) -> Result<Answer, Refusal> {
        let body = self.call.json()?;
        let is_approval = match body["state"].as_str() {
            Some("approved") => true,
            Some("rejected") => false,
            _ => {
                return Err(Refusal::unprocessable(
                    "Invalid request.\n\n\"state\" is not approved or rejected.",
                ));
            }
        };
        let (Some(ids), Some(comment)) =
            (body["environment_ids"].as_array(), body["comment"].as_str())
        else {
            return Err(Refusal::unprocessable(
                "Invalid request.\n\n\"environment_ids\" and \"comment\" weren't supplied.",
            ));
        };
        if !self.caller.is_person() {
            return Err(self.caller.forbidden());
        }
        let run = self.found(id)?;
        let kept = self.github.kept.lock();
        let is_named = |environment: &&Environment| ids.iter().any(|id| *id == environment.id);
        let chosen: Vec<&Environment> = waiting(&run, &kept).into_iter().filter(is_named).collect();
        let is_allowed = |environment: &&Environment| self.may_approve(&run, environment);
        if chosen.is_empty() || chosen.len() != ids.len() || !chosen.iter().all(is_allowed) {
            return Err(Refusal::unprocessable(
                "There are no pending deployment requests to approve or reject",
            ));
        }
        let comment: String = comment.chars().take(COMMENT_CHARS_MAX).collect();
        let names: Vec<String> = chosen.iter().map(|one| one.name.clone()).collect();
        self.github.runs.change(id, |run| {
            decide(run, &names, is_approval, self.now);
            let review = |name: String| Review {
                environment: name,
                login: self.caller.login.clone(),
                is_approval,
                comment: comment.clone(),
            };
            run.reviews.extend(names.into_iter().map(review));
        })?;
        let shapes = chosen.iter().map(|one| self.deployment(&kept, &run, one));
        Ok(Answer::ok(&shapes.collect()))
    }

    fn deployment(&self, kept: &Kept, run: &Run, environment: &Environment) -> Value {
        let root = &self.call.root;
        let id = run.id * 1_000 + environment.id;
        let url = format!("{}/deployments/{id}", shapes::url(&kept.repo, root));
        json!({
            "id": id, "node_id": shapes::node("Deployment", &id.to_string()), "url": url,
            "sha": run.sha, "ref": run.branch, "task": "deploy", "payload": {},
            "original_environment": environment.name, "environment": environment.name,
            "description": null, "creator": users::shape(&run.actor, root),
            "created_at": shapes::moment(run.created_at), "updated_at": shapes::moment(self.now),
            "statuses_url": format!("{url}/statuses"),
            "repository_url": shapes::url(&kept.repo, root),
            "transient_environment": false, "production_environment": false,
            // Where a person sees the run.
            "performed_via_github_app": null, "log_url": view::run_page(&kept.repo, root, run.id),
        })
    }
}

fn is_for(job: &Job, name: &str) -> bool {
    job.status == Status::Waiting
        && job.environment.as_ref().is_some_and(|one| one.eq_ignore_ascii_case(name))
}

/// The environments that jobs of a run wait for.
fn waiting<'a>(run: &Run, kept: &'a Kept) -> Vec<&'a Environment> {
    let all = kept.extra.environments.values();
    all.filter(|one| run.jobs.iter().any(|job| is_for(job, &one.name))).collect()
}

fn decide(run: &mut Run, names: &[String], is_approval: bool, now: i64) {
    run.updated_at = now;
    for job in run.jobs.iter_mut().filter(|job| names.iter().any(|name| is_for(job, name))) {
        if is_approval {
            job.is_approved = true;
        } else {
            job.complete(Conclusion::Failure, now);
        }
    }
}
