//! Jobs in the store: an append-only journal per job, and a row with its fold. An event and its ledger entry are
//! written in one transaction. The log has tables of its own ([`logs`]).

mod deployments;
pub mod logs;
mod old_logs;
mod rows;

use super::leases::{self, Grip};
use super::ledger::{self, LedgerError};
use super::statement::{execute, fetch_all, fetch_optional, from_json, json, scalars};
use super::{Database, Tx};
use crate::entries;
use crate::entries::Principal;
use domain::job::build::Build;
use domain::job::state::State;
use domain::job::view::{Job as View, Progress};
use domain::job::{Event, Illegal, JobId, Recorded};
use domain::target::Target;
use domain::timestamp::Timestamp;
use rows::Row;
use sqlx::FromRow;

/// Maximum number of ended builds of an image from which its usual duration is calculated.
const USUAL_OF: i64 = 20;

/// Why a write to a job's journal failed. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Another job of this target is in progress.
    #[error("another job of this target is in progress")]
    AnotherIsOpen,
    /// The token is not the newest, or somebody else has appended an event since the job was read.
    #[error("another replica or request has changed the job")]
    Stale,
    /// The event is not allowed in the job's state.
    #[error(transparent)]
    Illegal(#[from] Illegal),
    #[error("the ledger failed")]
    Ledger(#[from] LedgerError),
    #[error("the store failed")]
    Store(#[from] sqlx::Error),
}

/// A job with everything that the engine needs.
#[derive(Debug, Clone)]
pub struct Job {
    pub id: JobId,
    pub build: Build,
    /// The name of the person who started it.
    pub by: String,
    /// Tenant id and object id of that person.
    pub person: String,
    pub started: Timestamp,
    /// `None` while in progress.
    pub ended: Option<Timestamp>,
    /// The fold of its journal.
    pub state: State,
    pub due: Timestamp,
}

impl Job {
    /// The key of its lease.
    #[must_use]
    pub fn lease(id: &JobId) -> String {
        format!("job/{id}")
    }

    /// As screens show it.
    #[must_use]
    pub fn view(&self) -> View {
        View {
            id: self.id.clone(),
            build: self.build.clone(),
            by: self.by.clone(),
            started: self.started,
            ended: self.ended,
            progress: Progress::of(&self.state),
        }
    }
}

/// A job in progress, without its journal.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Open {
    pub id: String,
    /// When to look at it next, in milliseconds since 1970.
    pub due: i64,
    /// The number of events in its journal.
    pub events: i64,
}

/// The tables of jobs.
#[derive(Debug, Clone)]
pub struct Jobs(pub(super) Database);

impl Jobs {
    /// The tables in `database`.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// Stores a new job with its ledger entry.
    ///
    /// # Errors
    /// [`AppendError`]; [`AppendError::AnotherIsOpen`] when the target has a job in progress.
    pub async fn begin(
        &self,
        build: Build,
        by: &Principal,
        now: Timestamp,
    ) -> Result<Job, AppendError> {
        let mut job = Job {
            id: JobId(uuid::Uuid::new_v4().to_string()),
            state: State::new(build.steps()),
            build,
            by: by.user.name.clone(),
            person: by.id(),
            started: now,
            ended: None,
            due: now,
        };
        let mut tx = self.0.begin().await?;
        rows::insert(&mut tx, &job).await.map_err(unless_taken)?;
        write(&mut tx, &mut job, None, Event::Requested, now).await?;
        ledger::append(&mut tx, entries::jobs::begun(&job.view(), by)).await?;
        tx.commit().await?;
        Ok(job)
    }

    /// Appends an event of the engine, under its token. On failure `job` is unchanged.
    ///
    /// # Errors
    /// [`AppendError`]; [`AppendError::Stale`] when the engine must stop working on the job.
    pub async fn append(
        &self,
        grip: &Grip,
        job: &mut Job,
        event: Event,
        due: Timestamp,
        now: Timestamp,
    ) -> Result<(), AppendError> {
        let mut next = Job { due, ..job.clone() };
        let mut tx = self.0.begin().await?;
        if !leases::holds(&mut tx, grip).await? {
            return Err(AppendError::Stale);
        }
        write(&mut tx, &mut next, Some(grip.token), event, now).await?;
        if next.ended.is_some() {
            let facts = next.state.facts().cloned().collect::<Vec<_>>();
            let entry = entries::jobs::ended(&next.view(), &next.person, &facts, now);
            ledger::append(&mut tx, entry).await?;
        }
        tx.commit().await?;
        *job = next;
        Ok(())
    }

    /// Appends a person's request to cancel, with its ledger entry.
    ///
    /// # Errors
    /// [`AppendError`]; [`AppendError::Illegal`] when the job has ended or is being cancelled.
    pub async fn cancel(
        &self,
        job: &mut Job,
        by: &Principal,
        now: Timestamp,
    ) -> Result<(), AppendError> {
        let mut next = Job { due: now, ..job.clone() };
        let mut tx = self.0.begin().await?;
        let event = Event::CancelRequested { by: by.user.name.clone() };
        write(&mut tx, &mut next, None, event, now).await?;
        ledger::append(&mut tx, entries::jobs::cancelled(&next.view(), by, now)).await?;
        tx.commit().await?;
        *job = next;
        Ok(())
    }

    /// Sets the due time, if the grip is valid and the job unchanged.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn postpone(&self, grip: &Grip, job: &Job, due: Timestamp) -> sqlx::Result<bool> {
        let sql = "UPDATE jobs SET due = $1 WHERE id = $2 AND events = $3 AND EXISTS (
                   SELECT 1 FROM leases WHERE target = $4 AND token = $5)";
        let events = i64::from(job.state.events);
        let changed = execute!(self.0, sql, due.0, &job.id.0, events, &grip.target, grip.token)?;
        Ok(changed == 1)
    }

    /// All jobs in progress, by due time.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open(&self) -> sqlx::Result<Vec<Open>> {
        let sql = "SELECT id, due, events FROM jobs WHERE standing = 'running' ORDER BY due";
        fetch_all!(self.0, sql)
    }

    /// One job with its journal; `None` when the id is unknown.
    ///
    /// # Errors
    /// When the store fails, or the journal is invalid.
    pub async fn load(&self, id: &JobId) -> sqlx::Result<Option<Job>> {
        let sql = "SELECT * FROM jobs WHERE id = $1";
        let row: Option<Row> = fetch_optional!(self.0, sql, &id.0)?;
        match row {
            Some(row) => Ok(Some(row.job(&self.journal(id).await?)?)),
            None => Ok(None),
        }
    }

    /// A job's journal.
    ///
    /// # Errors
    /// When the store fails, or the journal is invalid.
    pub async fn journal(&self, id: &JobId) -> sqlx::Result<Vec<Recorded>> {
        let sql = "SELECT at, event FROM job_journal WHERE job = $1 ORDER BY number";
        let rows: Vec<(i64, String)> = fetch_all!(self.0, sql, &id.0)?;
        let recorded = |(at, event): (i64, String)| {
            Ok(Recorded { at: Timestamp(at), event: from_json(&event)? })
        };
        rows.into_iter().map(recorded).collect()
    }

    /// The newest jobs that started before a time.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn before(&self, before: Timestamp, at_most: i64) -> sqlx::Result<Vec<View>> {
        let sql = "SELECT * FROM jobs WHERE started < $1 ORDER BY started DESC, id LIMIT $2";
        let rows: Vec<Row> = fetch_all!(self.0, sql, before.0, at_most)?;
        rows.iter().map(Row::view).collect()
    }

    /// The newest jobs of a target.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn recent(&self, target: &Target, at_most: i64) -> sqlx::Result<Vec<View>> {
        let sql = "SELECT * FROM jobs WHERE target = $1 ORDER BY started DESC, id LIMIT $2";
        let rows: Vec<Row> = fetch_all!(self.0, sql, target.key(), at_most)?;
        rows.iter().map(Row::view).collect()
    }

    /// The median duration of the newest successful jobs of a target that started before a time, in milliseconds; `None`
    /// without any.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn usual_ms(&self, target: &Target, before: Timestamp) -> sqlx::Result<Option<i64>> {
        let sql =
            "SELECT ended - started FROM jobs WHERE target = $1 AND progress = '\"succeeded\"'
                   AND started < $2 ORDER BY started DESC LIMIT $3";
        let mut all: Vec<i64> = scalars!(self.0, sql, target.key(), before.0, USUAL_OF)?;
        all.sort_unstable();
        Ok(all.get(all.len() / 2).copied())
    }
}

/// Writes one event and the job's row.
async fn write(
    tx: &mut Tx,
    job: &mut Job,
    token: Option<i64>,
    event: Event,
    now: Timestamp,
) -> Result<(), AppendError> {
    let expected = i64::from(job.state.events);
    let recorded = Recorded { at: now, event };
    job.state = job.state.clone().next(&recorded)?;
    job.ended = job.state.ending().map(|_| now);
    if !rows::update(tx, job, expected).await? {
        return Err(AppendError::Stale);
    }
    let sql = "INSERT INTO job_journal (job, number, at, token, event) VALUES ($1, $2, $3, $4, $5)";
    execute!(tx, sql, &job.id.0, expected, now.0, token, json(&recorded.event))?;
    Ok(())
}

/// A violation of the unique index means that another job is in progress.
fn unless_taken(error: sqlx::Error) -> AppendError {
    match error {
        sqlx::Error::Database(error) if error.is_unique_violation() => AppendError::AnotherIsOpen,
        error => error.into(),
    }
}
