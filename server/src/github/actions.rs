//! Workflows of GitHub Actions: their runs, jobs and logs.
//!
//! Source: docs.github.com, REST API endpoints for GitHub Actions. Since February 2026 a dispatch can return the number
//! of its run; other servers answer 204 without it.

pub mod plan;
mod wire;

use super::client::Client;
use super::contents::Repository;
use super::download::Download;
use super::error::Error;
use crate::outside::answer;
use crate::outside::caps::{GITHUB_BYTES_MAX, JOB_LOG_BYTES_MAX};
use domain::timestamp::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use url::Url;

pub use wire::{ActionsJob, ActionsRun, ActionsStep, Dispatched, PendingEnvironment, Workflow};

const JSON: &str = "application/vnd.github+json";
/// Items on one page. Source: GitHub's maximum.
const PER_PAGE: usize = 100;
/// Most pages of one list. Source: GitHub shows at most 1,000 runs of a filter; a run has at most 256 jobs for each
/// matrix.
const PAGES_MAX: usize = 10;

impl Repository {
    /// The repository's workflows, with disabled ones.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Garbled`] if there are more than a thousand.
    pub async fn workflows(&self) -> Result<Vec<Workflow>, Error> {
        let url = self.url(&["actions", "workflows"])?;
        let items = pages(&self.client, url, "workflows").await?;
        items.into_iter().map(wire::workflow).collect()
    }

    /// Starts a workflow (its file name or number) at a branch or tag. The request is sent once, and not after the moment
    /// that [`Repository::until`] sets.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the default branch has no such workflow; [`Error::Rejected`] with GitHub's reason if it has
    /// no `workflow_dispatch` or does not declare an input. After a temporary error GitHub may have started it: look for
    /// it with [`Repository::runs`].
    pub async fn dispatch(
        &self,
        workflow: &str,
        reference: &str,
        inputs: &BTreeMap<String, String>,
    ) -> Result<Dispatched, Error> {
        let url = self.url(&["actions", "workflows", plain(workflow)?, "dispatches"])?;
        let body = json!({ "ref": reference, "inputs": inputs, "return_run_details": true });
        let written = self.client.post(&url, &body).await?;
        // 204 from servers that do not know the option.
        let run = match written.status {
            204 => None,
            _ => written.body.get("workflow_run_id").and_then(Value::as_u64),
        };
        Ok(Dispatched { run })
    }

    /// Runs of a workflow that were created at or after a moment, newest first.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Garbled`] if there are more than a thousand.
    pub async fn runs(
        &self,
        workflow: &str,
        created_after: Timestamp,
        event: Option<&str>,
        head_sha: Option<&str>,
    ) -> Result<Vec<ActionsRun>, Error> {
        let mut url = self.url(&["actions", "workflows", plain(workflow)?, "runs"])?;
        let created = format!(">={}", created_after.iso());
        url.query_pairs_mut().append_pair("created", &created);
        for (key, value) in [("event", event), ("head_sha", head_sha)] {
            if let Some(value) = value {
                url.query_pairs_mut().append_pair(key, value);
            }
        }
        let items = pages(&self.client, url, "workflow_runs").await?;
        let all: Result<Vec<_>, _> = items.into_iter().map(wire::run).collect();
        let mut all = all?;
        // Filtered again, because a server may not know a filter.
        all.retain(|run| {
            run.created.is_none_or(|at| at.0 / 1_000 >= created_after.0 / 1_000)
                && event.is_none_or(|event| run.event == event)
                && head_sha.is_none_or(|sha| run.head_sha.eq_ignore_ascii_case(sha))
        });
        all.sort_by_key(|run| std::cmp::Reverse((run.created, run.id)));
        Ok(all)
    }

    /// One run.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn run(&self, id: u64) -> Result<ActionsRun, Error> {
        wire::run(self.json(&self.of_run(id, &[])?).await?)
    }

    /// The jobs of a run's latest attempt, with their steps.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Garbled`] if there are more than a thousand.
    pub async fn jobs(&self, id: u64) -> Result<Vec<ActionsJob>, Error> {
        let mut url = self.of_run(id, &["jobs"])?;
        url.query_pairs_mut().append_pair("filter", "latest");
        let items = pages(&self.client, url, "jobs").await?;
        items.into_iter().map(wire::job).collect()
    }

    /// The log of a job, by pieces; `None` while the job runs. GitHub redirects to signed data, and the token is not sent
    /// there.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn job_log(&self, job: u64) -> Result<Option<Download>, Error> {
        let url = self.url(&["actions", "jobs", &job.to_string(), "logs"])?;
        match self.client.download(&url, JSON, JOB_LOG_BYTES_MAX).await {
            Ok(log) => Ok(Some(log)),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The environments for which a run waits.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn pending(&self, id: u64) -> Result<Vec<PendingEnvironment>, Error> {
        let body: Value = self.json(&self.of_run(id, &["pending_deployments"])?).await?;
        let Value::Array(items) = body else {
            return Err(Error::garbled("pending environments that are not a list"));
        };
        items.into_iter().map(wire::pending).collect()
    }

    /// Cancels a run; `false` if it can no longer be cancelled.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn cancel(&self, id: u64) -> Result<bool, Error> {
        match self.client.post(&self.of_run(id, &["cancel"])?, &json!({})).await {
            Ok(_) => Ok(true),
            Err(Error::Rejected { status: 409, .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Runs the failed jobs of a run again, and the jobs that need them. The run gets a new attempt.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Denied`] if the run is too old or has not ended.
    pub async fn rerun_failed(&self, id: u64) -> Result<(), Error> {
        self.client.post(&self.of_run(id, &["rerun-failed-jobs"])?, &json!({})).await.map(|_| ())
    }

    fn of_run(&self, id: u64, below: &[&str]) -> Result<Url, Error> {
        let id = id.to_string();
        self.url(&[&["actions", "runs", id.as_str()], below].concat())
    }
}

/// A workflow's file name or number.
fn plain(workflow: &str) -> Result<&str, Error> {
    let name = workflow.rsplit('/').next().unwrap_or_default();
    let is_dots = name.chars().all(|c| c == '.');
    if is_dots || name.len() > 255 || name.chars().any(char::is_control) {
        return Err(Error::NotFound("the name of the workflow is invalid".to_owned()));
    }
    Ok(name)
}

/// All items of a list. It is never truncated.
async fn pages(client: &Client, url: Url, field: &str) -> Result<Vec<Value>, Error> {
    let mut all = Vec::new();
    for page in 1..=PAGES_MAX {
        let mut at = url.clone();
        at.query_pairs_mut()
            .append_pair("per_page", &PER_PAGE.to_string())
            .append_pair("page", &page.to_string());
        let body = client.get(&at, JSON, GITHUB_BYTES_MAX).await?;
        answer::weigh(&body.bytes).map_err(Error::garbled)?;
        let mut body: Value = serde_json::from_slice(&body.bytes).map_err(Error::garbled)?;
        let total = body.get("total_count").and_then(Value::as_u64);
        let Some(Value::Array(items)) = body.get_mut(field).map(Value::take) else {
            return Err(Error::garbled(format!("a list without “{field}”")));
        };
        let count = items.len();
        if count > PER_PAGE {
            return Err(Error::garbled("a page with too many items"));
        }
        all.extend(items);
        let has_all = total.is_some_and(|total| all.len() as u64 >= total);
        if count < PER_PAGE || has_all {
            return Ok(all);
        }
    }
    Err(Error::garbled(format!("a list of more than {} items", PAGES_MAX * PER_PAGE)))
}
