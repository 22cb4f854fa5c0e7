//! Reading and writing the rows of runs.

use super::{Open, Run, Runs, kinds};
use crate::operations::plan::step::Step;
use crate::store::leases::Grip;
use crate::store::ledger::Ledger;
use crate::store::vault::{STEPS, Sealed, Vault};
use crate::store::{Tx, on, within};
use app::domain::name::StageName;
use app::domain::operation::Operation;
use app::domain::plan::PlanHash;
use app::domain::plan::step::StepKind;
use app::domain::run::state::{Phase, State};
use app::domain::run::{Recorded, RunId};
use app::domain::stage::EndpointKey;
use app::domain::timestamp::Timestamp;
use sqlx::FromRow;

/// Runs of one endpoint that its page shows.
const SHOWN_MAX: i64 = 20;

impl Runs {
    /// All runs in flight, the one that is due first in front.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open(&self) -> sqlx::Result<Vec<Open>> {
        let sql = "SELECT * FROM runs WHERE standing = 'running' ORDER BY due";
        let rows: Vec<Row> = on!(&self.0, pool => sqlx::query_as(sql).fetch_all(pool).await?);
        let open = |row: Row| {
            let (due, events) = (Timestamp(row.due), row.events);
            Ok(Open { operation: row.operation()?, due, events })
        };
        rows.into_iter().map(open).collect()
    }

    /// The newest runs of an endpoint.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn recent(&self, at: &EndpointKey) -> sqlx::Result<Vec<Operation>> {
        let sql = "SELECT * FROM runs WHERE stage = $1 AND lower(endpoint) = lower($2)
                   ORDER BY number DESC LIMIT $3";
        let rows: Vec<Row> = on!(&self.0, pool => sqlx::query_as(sql)
            .bind(at.stage.as_str())
            .bind(at.endpoint.as_str())
            .bind(SHOWN_MAX)
            .fetch_all(pool)
            .await?);
        rows.iter().map(Row::operation).collect()
    }

    /// The newest runs of a stage that have ended, with their journals.
    ///
    /// # Errors
    /// When the store fails, or a journal is not one of ours.
    pub async fn ended(&self, stage: &StageName, at_most: i64) -> sqlx::Result<Vec<Run>> {
        let sql = "SELECT * FROM runs WHERE stage = $1 AND standing = 'finished'
                   ORDER BY started DESC LIMIT $2";
        let rows: Vec<Row> = on!(&self.0, pool => sqlx::query_as(sql)
            .bind(stage.as_str())
            .bind(at_most)
            .fetch_all(pool)
            .await?);
        self.with_journals(rows).await
    }

    /// The runs of an endpoint that are under way, or have ended between two moments; the newest ones.
    ///
    /// # Errors
    /// When the store fails, or a journal is not one of ours.
    pub async fn lately(
        &self,
        at: &EndpointKey,
        [from, to]: [Timestamp; 2],
    ) -> sqlx::Result<Vec<Run>> {
        let sql = "SELECT * FROM runs WHERE stage = $1 AND lower(endpoint) = lower($2)
                   AND (ended IS NULL OR ended BETWEEN $3 AND $4) ORDER BY started DESC LIMIT $5";
        let rows: Vec<Row> = on!(&self.0, pool => sqlx::query_as(sql)
            .bind(at.stage.as_str())
            .bind(at.endpoint.as_str())
            .bind(from.0)
            .bind(to.0)
            .bind(SHOWN_MAX)
            .fetch_all(pool)
            .await?);
        self.with_journals(rows).await
    }

    /// Whether the newest route that the ledger tells was set outside the console. Where the ledger cannot be read,
    /// that is not known, and whatever is done next says why.
    pub async fn is_changed_elsewhere(&self, at: &EndpointKey) -> bool {
        let newest = Ledger::new(self.0.clone()).route_at(at, None).await;
        let newest = newest.ok().flatten();
        newest.is_some_and(|entry| entry.by.kind == ::ledger::entry::Actor::Elsewhere)
    }

    pub(super) async fn with_journals(&self, rows: Vec<Row>) -> sqlx::Result<Vec<Run>> {
        let mut runs = Vec::with_capacity(rows.len());
        for row in rows {
            let journal = self.journal(&RunId(row.id.clone())).await?;
            runs.push(row.run(self.0.vault(), &journal)?);
        }
        Ok(runs)
    }

    /// One run with its journal; `None` when there is none.
    ///
    /// # Errors
    /// When the store fails, or the journal is not one of ours.
    pub async fn load(&self, id: &RunId) -> sqlx::Result<Option<Run>> {
        let sql = "SELECT * FROM runs WHERE id = $1";
        let row: Option<Row> =
            on!(&self.0, pool => sqlx::query_as(sql).bind(&id.0).fetch_optional(pool).await?);
        match row {
            Some(row) => Ok(Some(row.run(self.0.vault(), &self.journal(id).await?)?)),
            None => Ok(None),
        }
    }

    /// A run's journal.
    ///
    /// # Errors
    /// When the store fails, or the journal is not one of ours.
    pub async fn journal(&self, id: &RunId) -> sqlx::Result<Vec<Recorded>> {
        let sql = "SELECT at, event FROM journal WHERE run = $1 ORDER BY number";
        let rows: Vec<Line> =
            on!(&self.0, pool => sqlx::query_as(sql).bind(&id.0).fetch_all(pool).await?);
        let recorded = |line: Line| {
            let event = serde_json::from_str(&line.event).map_err(|error| bad(&error))?;
            Ok(Recorded { at: Timestamp(line.at), event })
        };
        rows.into_iter().map(recorded).collect()
    }

    /// The runs of an endpoint that wait for somebody's decision.
    pub(in crate::store) async fn waiting(&self, at: &EndpointKey) -> sqlx::Result<Vec<Run>> {
        let sql = "SELECT * FROM runs WHERE stage = $1 AND lower(endpoint) = lower($2)
                   AND standing = 'attention'";
        let rows: Vec<Row> = on!(&self.0, pool => sqlx::query_as(sql)
            .bind(at.stage.as_str())
            .bind(at.endpoint.as_str())
            .fetch_all(pool)
            .await?);
        self.with_journals(rows).await
    }

    /// Says when to look next, if the grip and the run are as they were.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn postpone(&self, grip: &Grip, run: &Run, due: Timestamp) -> sqlx::Result<bool> {
        let sql = "UPDATE runs SET due = $1 WHERE id = $2 AND events = $3 AND EXISTS (
                   SELECT 1 FROM leases WHERE stage = $4 AND endpoint = $5 AND token = $6)";
        let changed = on!(&self.0, pool => sqlx::query(sql)
            .bind(due.0)
            .bind(&run.operation.id.0)
            .bind(i64::from(run.state.events))
            .bind(grip.at.stage.as_str())
            .bind(grip.at.endpoint.as_str().to_lowercase())
            .bind(grip.token)
            .execute(pool)
            .await?
            .rows_affected());
        Ok(changed == 1)
    }
}

/// A new run's row, its journal still empty.
pub(super) async fn insert(tx: &mut Tx, run: &Run, number: i64) -> sqlx::Result<()> {
    let sql = "INSERT INTO runs (id, stage, endpoint, action, steps, plan_hash, by_person, by_name, started,
               standing, progress, events, due, number, warrant, takes_back, sealed_by)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
    let operation = &run.operation;
    let Sealed { by, text: steps } =
        tx.vault().seal(STEPS.of(&operation.id.0), &json(&run.steps))?;
    within!(tx, connection => sqlx::query(sql)
        .bind(&operation.id.0)
        .bind(operation.endpoint.stage.as_str())
        .bind(operation.endpoint.endpoint.as_str())
        .bind(json(&operation.action))
        .bind(steps)
        .bind(run.hash.as_ref().map(|hash| hash.0.as_str()))
        .bind(&run.person)
        .bind(&operation.by)
        .bind(operation.started.0)
        .bind(standing(&run.state.phase))
        .bind(json(&operation.progress))
        .bind(i64::from(run.state.events))
        .bind(run.due.0)
        .bind(number)
        .bind(run.warrant.as_ref().map(json))
        .bind(run.takes_back().map(|run| run.0.as_str()))
        .bind(by)
        .execute(connection)
        .await
        .map(|_| ()))
}

/// The row after an event; `false` when somebody else has appended in between.
pub(super) async fn update(tx: &mut Tx, run: &Run, expected: i64) -> sqlx::Result<bool> {
    let sql = "UPDATE runs SET standing = $1, progress = $2, events = $3, due = $4, ended = $5, sent_route = $6
               WHERE id = $7 AND events = $8";
    let has_sent = run.state.steps.iter().any(|step| step.kind == StepKind::SetRoute && step.sent);
    let changed = within!(tx, connection => sqlx::query(sql)
        .bind(standing(&run.state.phase))
        .bind(json(&run.operation.progress))
        .bind(i64::from(run.state.events))
        .bind(run.due.0)
        .bind(run.operation.ended.map(|ended| ended.0))
        .bind(i64::from(has_sent))
        .bind(&run.operation.id.0)
        .bind(expected)
        .execute(connection)
        .await?
        .rows_affected());
    Ok(changed == 1)
}

/// How a row tells a phase.
fn standing(phase: &Phase) -> &'static str {
    match phase {
        Phase::New | Phase::Running => "running",
        Phase::Attention => "attention",
        Phase::Finished(_) => "finished",
    }
}

/// These types hold no maps with odd keys and no floats: writing them as JSON cannot fail.
pub(super) fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn bad(error: &dyn std::fmt::Display) -> sqlx::Error {
    sqlx::Error::Decode(error.to_string().into())
}

/// A line of the journal.
#[derive(FromRow)]
struct Line {
    at: i64,
    event: String,
}

/// A row of the table.
#[derive(FromRow)]
pub(super) struct Row {
    id: String,
    stage: String,
    endpoint: String,
    action: String,
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
            endpoint: EndpointKey {
                stage: self.stage.parse().map_err(|error| bad(&error))?,
                endpoint: self.endpoint.parse().map_err(|error| bad(&error))?,
            },
            action: serde_json::from_str(&self.action).map_err(|error| bad(&error))?,
            by: self.by_name.clone(),
            started: Timestamp(self.started),
            ended: self.ended.map(Timestamp),
            progress: serde_json::from_str(&self.progress).map_err(|error| bad(&error))?,
        })
    }

    fn run(self, vault: &Vault, journal: &[Recorded]) -> sqlx::Result<Run> {
        let steps = vault.unseal(STEPS.of(&self.id), &self.steps)?;
        let steps: Vec<Step> = serde_json::from_str(&steps).map_err(|error| bad(&error))?;
        let warrant = self.warrant.as_deref().map(serde_json::from_str).transpose();
        Ok(Run {
            warrant: warrant.map_err(|error| bad(&error))?,
            operation: self.operation()?,
            state: State::fold(kinds(&steps), journal).map_err(|error| bad(&error))?,
            person: self.by_person,
            steps,
            hash: self.plan_hash.map(PlanHash),
            due: Timestamp(self.due),
        })
    }
}
