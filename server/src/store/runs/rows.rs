//! Reads and writes the rows of runs.

use super::{Open, Run, Runs, kinds};
use crate::planner::step::Step;
use crate::store::Tx;
use crate::store::leases::Grip;
use crate::store::statement::{bad, execute, fetch_all, fetch_optional, from_json, json, target};
use crate::store::vault::{STEPS, Sealed, Vault};
use domain::name::StageName;
use domain::plan::PlanHash;
use domain::run::operation::Operation;
use domain::run::state::{Phase, State};
use domain::run::{Recorded, RunId};
use domain::target::Target;
use domain::timestamp::Timestamp;
use sqlx::FromRow;

/// Maximum number of runs that an endpoint's page shows.
const SHOWN_MAX: i64 = 20;

impl Runs {
    /// All runs in progress, by due time.
    pub async fn open(&self) -> sqlx::Result<Vec<Open>> {
        let sql = "SELECT * FROM runs WHERE standing = 'running' ORDER BY due";
        let rows: Vec<Row> = fetch_all!(self.0, sql)?;
        let open = |row: Row| {
            let (due, events) = (Timestamp(row.due), row.events);
            Ok(Open { operation: row.operation()?, due, events })
        };
        rows.into_iter().map(open).collect()
    }

    /// The newest runs of a target.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn recent(&self, target: &Target) -> sqlx::Result<Vec<Operation>> {
        let sql = "SELECT * FROM runs WHERE target = $1
                   ORDER BY number DESC LIMIT $2";
        let rows: Vec<Row> = fetch_all!(self.0, sql, target.key(), SHOWN_MAX)?;
        rows.iter().map(Row::operation).collect()
    }

    /// The newest runs that started before a time.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn before(&self, before: Timestamp, at_most: i64) -> sqlx::Result<Vec<Operation>> {
        let sql = "SELECT * FROM runs WHERE started < $1 ORDER BY started DESC, id LIMIT $2";
        let rows: Vec<Row> = fetch_all!(self.0, sql, before.0, at_most)?;
        rows.iter().map(Row::operation).collect()
    }

    /// The newest runs of a stage that have ended, with their journals.
    pub async fn ended(&self, stage: &StageName, at_most: i64) -> sqlx::Result<Vec<Run>> {
        let sql = "SELECT * FROM runs WHERE stage = $1 AND standing = 'finished'
                   ORDER BY started DESC LIMIT $2";
        let rows: Vec<Row> = fetch_all!(self.0, sql, stage.as_str(), at_most)?;
        self.with_journals(rows).await
    }

    /// The newest runs of a target that are in progress or ended between two times.
    ///
    /// # Errors
    /// When the store fails, or a journal is invalid.
    pub async fn lately(
        &self,
        target: &Target,
        [from, to]: [Timestamp; 2],
    ) -> sqlx::Result<Vec<Run>> {
        let sql = "SELECT * FROM runs WHERE target = $1
                   AND (ended IS NULL OR ended BETWEEN $2 AND $3) ORDER BY started DESC LIMIT $4";
        let rows: Vec<Row> = fetch_all!(self.0, sql, target.key(), from.0, to.0, SHOWN_MAX)?;
        self.with_journals(rows).await
    }

    pub(super) async fn with_journals(&self, rows: Vec<Row>) -> sqlx::Result<Vec<Run>> {
        let mut runs = Vec::with_capacity(rows.len());
        for row in rows {
            let journal = self.journal(&RunId(row.id.clone())).await?;
            runs.push(row.run(self.0.vault(), &journal)?);
        }
        Ok(runs)
    }

    /// One run with its journal; `None` when the id is unknown.
    pub async fn load(&self, id: &RunId) -> sqlx::Result<Option<Run>> {
        let sql = "SELECT * FROM runs WHERE id = $1";
        let row: Option<Row> = fetch_optional!(self.0, sql, &id.0)?;
        match row {
            Some(row) => Ok(Some(row.run(self.0.vault(), &self.journal(id).await?)?)),
            None => Ok(None),
        }
    }

    /// A run's journal.
    ///
    /// # Errors
    /// When the store fails, or the journal is invalid.
    pub async fn journal(&self, id: &RunId) -> sqlx::Result<Vec<Recorded>> {
        let sql = "SELECT at, event FROM journal WHERE run = $1 ORDER BY number";
        let rows: Vec<(i64, String)> = fetch_all!(self.0, sql, &id.0)?;
        let recorded = |(at, event): (i64, String)| {
            Ok(Recorded { at: Timestamp(at), event: from_json(&event)? })
        };
        rows.into_iter().map(recorded).collect()
    }

    /// The runs of a target that wait for a decision.
    pub(in crate::store) async fn waiting(&self, target: &Target) -> sqlx::Result<Vec<Run>> {
        let sql = "SELECT * FROM runs WHERE target = $1 AND standing = 'attention'";
        let rows: Vec<Row> = fetch_all!(self.0, sql, target.key())?;
        self.with_journals(rows).await
    }

    /// Sets the due time, if the grip is valid and the run unchanged.
    pub async fn postpone(&self, grip: &Grip, run: &Run, due: Timestamp) -> sqlx::Result<bool> {
        let sql = "UPDATE runs SET due = $1 WHERE id = $2 AND events = $3 AND EXISTS (
                   SELECT 1 FROM leases WHERE target = $4 AND token = $5)";
        let changed = execute!(
            self.0,
            sql,
            due.0,
            &run.operation.id.0,
            i64::from(run.state.events),
            &grip.target,
            grip.token
        )?;
        Ok(changed == 1)
    }
}

/// Inserts a new run with an empty journal.
pub(super) async fn insert(tx: &mut Tx, run: &Run, number: i64) -> sqlx::Result<()> {
    let sql = "INSERT INTO runs (id, stage, name, intent, steps, plan_hash, by_person, by_name, started,
               standing, progress, events, due, number, warrant, takes_back, sealed_by, moved, target)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";
    let operation = &run.operation;
    let Sealed { by, text: steps } =
        tx.vault().seal(STEPS.of(&operation.id.0), &json(&run.steps))?;
    execute!(
        tx,
        sql,
        &operation.id.0,
        operation.target.stage().as_str(),
        operation.target.name(),
        json(&operation.intent),
        steps,
        run.hash.as_ref().map(|hash| hash.0.as_str()),
        &run.person,
        &operation.by,
        operation.started.0,
        standing(&run.state.phase),
        json(&operation.progress),
        i64::from(run.state.events),
        run.due.0,
        number,
        run.warrant.as_ref().map(json),
        run.takes_back().map(|run| run.0.as_str()),
        by,
        operation.moved.as_ref().map(json),
        operation.target.key()
    )
    .map(|_| ())
}

/// Updates the row after an event; `false` when somebody else has appended one in the meantime.
pub(super) async fn update(tx: &mut Tx, run: &Run, expected: i64) -> sqlx::Result<bool> {
    let sql = "UPDATE runs SET standing = $1, progress = $2, events = $3, due = $4, ended = $5, sent_route = $6
               WHERE id = $7 AND events = $8";
    let settles = run.past().settles_route();
    let changed = execute!(
        tx,
        sql,
        standing(&run.state.phase),
        json(&run.operation.progress),
        i64::from(run.state.events),
        run.due.0,
        run.operation.ended.map(|ended| ended.0),
        i64::from(settles),
        &run.operation.id.0,
        expected
    )?;
    Ok(changed == 1)
}

/// The column value of a phase.
fn standing(phase: &Phase) -> &'static str {
    match phase {
        Phase::New | Phase::Running => "running",
        Phase::Attention => "attention",
        Phase::Finished(_) => "finished",
    }
}

#[derive(FromRow)]
pub(super) struct Row {
    id: String,
    target: String,
    stage: String,
    name: String,
    intent: String,
    moved: Option<String>,
    steps: String,
    plan_hash: Option<String>,
    warrant: Option<String>,
    by_person: String,
    by_name: String,
    started: i64,
    ended: Option<i64>,
    progress: String,
    events: i64,
    due: i64,
}

impl Row {
    pub(super) fn operation(&self) -> sqlx::Result<Operation> {
        Ok(Operation {
            id: RunId(self.id.clone()),
            target: target(&self.target, &self.stage, &self.name)?,
            intent: from_json(&self.intent)?,
            moved: self.moved.as_deref().map(from_json).transpose()?,
            by: self.by_name.clone(),
            started: Timestamp(self.started),
            ended: self.ended.map(Timestamp),
            progress: from_json(&self.progress)?,
        })
    }

    fn run(self, vault: &Vault, journal: &[Recorded]) -> sqlx::Result<Run> {
        let steps = vault.unseal(STEPS.of(&self.id), &self.steps)?;
        let steps: Vec<Step> = from_json(&steps)?;
        Ok(Run {
            warrant: self.warrant.as_deref().map(from_json).transpose()?,
            operation: self.operation()?,
            state: State::fold(kinds(&steps), journal).map_err(bad)?,
            person: self.by_person,
            steps,
            hash: self.plan_hash.map(PlanHash),
            due: Timestamp(self.due),
        })
    }
}
