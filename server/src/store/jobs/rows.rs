//! Reads and writes the rows of jobs.

use super::Job;
use crate::store::Tx;
use crate::store::statement::{bad, execute, from_json, json};
use domain::job::state::State;
use domain::job::view::{Job as View, Progress};
use domain::job::{JobId, Recorded};
use domain::timestamp::Timestamp;
use sqlx::FromRow;

/// Inserts a new job with an empty journal.
pub(super) async fn insert(tx: &mut Tx, job: &Job) -> sqlx::Result<()> {
    let sql = "INSERT INTO jobs (id, target, stage, name, kind, spec, by_person, by_name, started, standing,
               progress, events, due) VALUES ($1, $2, $3, $4, 'build', $5, $6, $7, $8, 'running', $9, 0, $10)";
    let target = job.build.target();
    execute!(
        tx,
        sql,
        &job.id.0,
        target.key(),
        target.stage().as_str(),
        target.name(),
        json(&job.build),
        &job.person,
        &job.by,
        job.started.0,
        json(&Progress::of(&job.state)),
        job.due.0
    )
    .map(|_| ())
}

/// Updates the row after an event; `false` when somebody else has appended one in the meantime.
pub(super) async fn update(tx: &mut Tx, job: &Job, expected: i64) -> sqlx::Result<bool> {
    let sql = "UPDATE jobs SET standing = $1, progress = $2, events = $3, due = $4, ended = $5
               WHERE id = $6 AND events = $7";
    let changed = execute!(
        tx,
        sql,
        if job.ended.is_some() { "finished" } else { "running" },
        json(&Progress::of(&job.state)),
        i64::from(job.state.events),
        job.due.0,
        job.ended.map(|ended| ended.0),
        &job.id.0,
        expected
    )?;
    Ok(changed == 1)
}

/// A stored job.
#[derive(Debug, FromRow)]
pub(super) struct Row {
    id: String,
    spec: String,
    by_person: String,
    by_name: String,
    started: i64,
    ended: Option<i64>,
    progress: String,
    due: i64,
}

impl Row {
    /// For lists, without its journal.
    pub(super) fn view(&self) -> sqlx::Result<View> {
        Ok(View {
            id: JobId(self.id.clone()),
            build: from_json(&self.spec)?,
            by: self.by_name.clone(),
            started: Timestamp(self.started),
            ended: self.ended.map(Timestamp),
            progress: from_json(&self.progress)?,
        })
    }

    pub(super) fn job(self, journal: &[Recorded]) -> sqlx::Result<Job> {
        let View { id, build, by, started, ended, .. } = self.view()?;
        Ok(Job {
            state: State::fold(build.steps(), journal).map_err(bad)?,
            id,
            build,
            by,
            person: self.by_person,
            started,
            ended,
            due: Timestamp(self.due),
        })
    }
}
