//! Runs of workflows: plain data, saved as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Queued,
    InProgress,
    /// For the approval of an environment.
    Waiting,
    Completed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    Success,
    Failure,
    Cancelled,
    Skipped,
}

impl Status {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::InProgress => "in_progress",
            Self::Waiting => "waiting",
            Self::Completed => "completed",
        }
    }
}

impl Conclusion {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
        }
    }
}

/// All runs, oldest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AllRuns {
    pub runs: Vec<Run>,
    /// The last id of a run or job.
    pub last_id: u64,
    /// The number of each workflow's last run, by its path.
    pub numbers: BTreeMap<String, u64>,
}

/// One run of a workflow. Times are seconds since 1970.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    pub id: u64,
    pub number: u64,
    /// `.github/workflows/…`
    pub path: String,
    pub name: String,
    /// The branch or tag.
    pub branch: String,
    /// `refs/heads/…` or `refs/tags/…`
    pub git_ref: String,
    pub sha: String,
    pub inputs: BTreeMap<String, String>,
    pub actor: String,
    pub created_at: i64,
    pub updated_at: i64,
    pub cancel: Cancel,
    /// Never empty; the last one is the current one.
    pub attempts: Vec<Attempt>,
    /// Of all attempts.
    pub jobs: Vec<Job>,
    pub reviews: Vec<Review>,
}

/// Whether a cancellation of the current attempt was requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Cancel {
    No,
    /// Jobs with `if: always()` still run.
    Asked,
    /// Nothing runs any more.
    Forced,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attempt {
    pub number: u32,
    pub actor: String,
    pub started_at: i64,
    pub updated_at: i64,
    pub status: Status,
    pub conclusion: Option<Conclusion>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    pub id: u64,
    /// Its key in the workflow.
    pub key: String,
    pub name: String,
    pub attempt: u32,
    pub needs: Vec<String>,
    /// `if`, if it is given.
    pub condition: Option<String>,
    pub environment: Option<String>,
    pub labels: Vec<String>,
    pub work: Work,
    pub status: Status,
    pub conclusion: Option<Conclusion>,
    pub created_at: i64,
    pub started_at: Option<i64>,
    pub completed_at: Option<i64>,
    pub steps: Vec<Step>,
    /// Whether a reviewer has approved it.
    pub is_approved: bool,
}

/// What a job does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Work {
    /// Calls the templates' `build.yml` with these inputs.
    Build(BTreeMap<String, String>),
    /// The emulator does not carry it out: what it is.
    Unplayed(String),
    /// It fails at once: why.
    Invalid(String),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Step {
    pub name: String,
    pub status: Status,
    pub conclusion: Option<Conclusion>,
    pub started_at: Option<i64>,
    pub completed_at: Option<i64>,
    /// Where its part of the job's log begins and ends, in bytes.
    pub log: (u64, u64),
}

/// A decision about an environment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Review {
    pub environment: String,
    pub login: String,
    pub is_approval: bool,
    pub comment: String,
}

impl Run {
    /// The current attempt.
    pub fn attempt(&self) -> Option<&Attempt> {
        self.attempts.last()
    }

    /// The number of the current attempt; 0 only in a damaged file.
    pub fn attempt_number(&self) -> u32 {
        self.attempt().map_or(0, |attempt| attempt.number)
    }

    pub fn is_over(&self) -> bool {
        self.attempt().is_none_or(|attempt| attempt.status == Status::Completed)
    }

    /// The newest job for each key up to an attempt, in the workflow's order.
    pub fn jobs_of(&self, attempt: u32) -> Vec<&Job> {
        let mut newest: Vec<&Job> = Vec::new();
        for job in self.jobs.iter().filter(|job| job.attempt <= attempt) {
            match newest.iter_mut().find(|one| one.key == job.key) {
                Some(older) => *older = job,
                None => newest.push(job),
            }
        }
        newest
    }

    pub fn job_mut(&mut self, id: u64) -> Option<&mut Job> {
        self.jobs.iter_mut().find(|job| job.id == id)
    }
}

impl Job {
    /// Ends the job, and its steps that have not ended.
    pub fn complete(&mut self, conclusion: Conclusion, now: i64) {
        self.status = Status::Completed;
        self.conclusion = Some(conclusion);
        self.started_at.get_or_insert(now);
        self.completed_at = Some(now);
        for step in self.steps.iter_mut().filter(|step| step.status != Status::Completed) {
            let was_running = step.status == Status::InProgress;
            step.status = Status::Completed;
            step.conclusion = Some(if was_running { conclusion } else { Conclusion::Skipped });
            step.completed_at = Some(now);
            step.started_at.get_or_insert(now);
        }
    }

    /// Whether jobs that need it may run. A job that the emulator does not carry out stops nothing.
    pub fn has_passed(&self) -> bool {
        let is_unplayed =
            matches!(self.work, Work::Unplayed(_)) && self.conclusion == Some(Conclusion::Skipped);
        self.conclusion == Some(Conclusion::Success) || (is_unplayed && self.was_reached())
    }

    /// Whether a skipped job got its turn: only then does its log say why it is skipped.
    fn was_reached(&self) -> bool {
        !self.steps.is_empty()
    }
}
