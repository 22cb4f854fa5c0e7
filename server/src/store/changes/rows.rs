//! Reads and writes the rows of changes.

use super::{Changes, StoredChange};
use crate::store::Tx;
use crate::store::statement::{
    bad, execute, fetch_all, fetch_optional, from_json, json, optional_scalar, scalar, target,
};
use crate::store::vault::{INTENT, PLANNED, Sealed};
use domain::change::{Change, ChangeId, Stamped, State};
use domain::run::RunId;
use domain::target::Target;
use domain::timestamp::Timestamp;
use sqlx::FromRow;

/// Maximum number of changes in a list.
const SHOWN_MAX: i64 = 50;
/// The columns that a list reads.
const COLUMNS: &str = "id, stage, name, target, title, standing";

/// A change in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub id: ChangeId,
    pub target: Target,
    pub title: String,
    pub change: Change,
}

#[derive(FromRow)]
struct Listed {
    id: String,
    stage: String,
    name: String,
    target: String,
    title: String,
    standing: String,
}

#[derive(FromRow)]
struct Whole {
    #[sqlx(flatten)]
    listed: Listed,
    intent: String,
    planned: String,
    events: i64,
}

impl Listed {
    fn row(self) -> sqlx::Result<Row> {
        Ok(Row {
            id: ChangeId(self.id),
            target: target(&self.target, &self.stage, &self.name)?,
            title: self.title,
            change: from_json(&self.standing)?,
        })
    }
}

impl Changes {
    /// All open changes, the oldest first.
    pub async fn open(&self) -> sqlx::Result<Vec<Row>> {
        let sql = format!("SELECT {COLUMNS} FROM changes WHERE open = 1 ORDER BY proposed");
        let rows: Vec<Listed> = fetch_all!(self.0, &sql)?;
        rows.into_iter().map(Listed::row).collect()
    }

    /// The newest closed changes.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn recent(&self) -> sqlx::Result<Vec<Row>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM changes WHERE open = 0 ORDER BY proposed DESC LIMIT {SHOWN_MAX}"
        );
        let rows: Vec<Listed> = fetch_all!(self.0, &sql)?;
        rows.into_iter().map(Listed::row).collect()
    }

    /// The change that a run carries out.
    pub async fn of_run(&self, run: &RunId) -> sqlx::Result<Option<ChangeId>> {
        let found: Option<String> =
            optional_scalar!(self.0, "SELECT id FROM changes WHERE run = $1", &run.0)?;
        Ok(found.map(ChangeId))
    }

    /// One change; `None` when the id is unknown.
    ///
    /// # Errors
    /// When the store fails, or the stored data is invalid.
    pub async fn load(&self, id: &ChangeId) -> sqlx::Result<Option<StoredChange>> {
        // One statement, so that the columns are consistent.
        let sql = format!("SELECT {COLUMNS}, intent, planned, events FROM changes WHERE id = $1");
        let whole: Option<Whole> = fetch_optional!(self.0, &sql, &id.0)?;
        let Some(whole) = whole else { return Ok(None) };
        let Row { id, target, title, change } = whole.listed.row()?;
        let vault = self.0.vault();
        let intent = vault.unseal(INTENT.of(&id.0), &whole.intent)?;
        let planned = vault.unseal(PLANNED.of(&id.0), &whole.planned)?;
        Ok(Some(StoredChange {
            id,
            target,
            title,
            intent: from_json(&intent)?,
            planned: from_json(&planned)?,
            change,
            events: u32::try_from(whole.events).map_err(bad)?,
        }))
    }

    /// All events of a change, in order.
    pub async fn events(&self, id: &ChangeId) -> sqlx::Result<Vec<Stamped>> {
        let sql = "SELECT at, event FROM change_events WHERE change = $1 ORDER BY number";
        let rows: Vec<(i64, String)> = fetch_all!(self.0, sql, &id.0)?;
        let stamped = |(at, event): (i64, String)| {
            Ok(Stamped { at: Timestamp(at), event: from_json(&event)? })
        };
        rows.into_iter().map(stamped).collect()
    }
}

/// Whether a change still needs approvals. Call this in the transaction that depends on the answer.
///
/// # Errors
/// When the store fails.
pub async fn is_proposed(tx: &mut Tx, id: &ChangeId) -> sqlx::Result<bool> {
    let sql = "SELECT count(*) FROM changes WHERE id = $1 AND state = $2";
    let found: i64 = scalar!(tx, sql, &id.0, word(State::Proposed))?;
    Ok(found > 0)
}

/// Whether a run carries out a change. Call this in the transaction that depends on the answer.
pub async fn has_run(tx: &mut Tx, run: &RunId) -> sqlx::Result<bool> {
    let sql = "SELECT count(*) FROM changes WHERE run = $1";
    let found: i64 = scalar!(tx, sql, &run.0)?;
    Ok(found > 0)
}

/// A state's word in the store.
fn word(state: State) -> String {
    json(&state).trim_matches('"').to_owned()
}

/// The sealed intent and plan, with the same key.
fn sealed(tx: &Tx, kept: &StoredChange) -> sqlx::Result<(Sealed, Sealed)> {
    let (vault, id) = (tx.vault(), &kept.id.0);
    let intent = vault.seal(INTENT.of(id), &json(&kept.intent))?;
    Ok((intent, vault.seal(PLANNED.of(id), &json(&kept.planned))?))
}

/// Inserts a new change.
pub(super) async fn insert(tx: &mut Tx, kept: &StoredChange) -> sqlx::Result<()> {
    let sql =
        "INSERT INTO changes (id, stage, name, title, intent, planned, standing, state, proposed,
               events, open, sealed_by, has_intent, target)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, 1, $12)";
    let (intent, planned) = sealed(tx, kept)?;
    execute!(
        tx,
        sql,
        &kept.id.0,
        kept.target.stage().as_str(),
        kept.target.name(),
        &kept.title,
        intent.text,
        planned.text,
        json(&kept.change),
        word(kept.change.state),
        kept.change.proposed.0,
        i64::from(kept.events),
        intent.by,
        kept.target.key()
    )
    .map(|_| ())
}

/// Updates the row after an event; `false` when somebody else has appended one in the meantime.
pub(super) async fn update(
    tx: &mut Tx,
    kept: &StoredChange,
    expected: u32,
    is_open: bool,
) -> sqlx::Result<bool> {
    let sql = "UPDATE changes SET planned = $1, standing = $2, state = $3, run = $4, events = $5, open = $6,
               intent = $9, sealed_by = $10, pruned = 0 WHERE id = $7 AND events = $8";
    let (intent, planned) = sealed(tx, kept)?;
    let changed = execute!(
        tx,
        sql,
        planned.text,
        json(&kept.change),
        word(kept.change.state),
        kept.change.run.as_ref().map(|run| run.0.as_str()),
        i64::from(kept.events),
        i64::from(is_open),
        &kept.id.0,
        i64::from(expected),
        intent.text,
        intent.by
    )?;
    Ok(changed == 1)
}
