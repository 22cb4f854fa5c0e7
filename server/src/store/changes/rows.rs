//! Reading and writing the rows of changes.

use super::{Changes, Kept};
use crate::store::vault::{PLANNED, Sealed, WISH};
use crate::store::{Tx, on, within};
use app::domain::change::{Change, ChangeId, Stamped, State};
use app::domain::run::RunId;
use app::domain::stage::EndpointKey;
use app::domain::timestamp::Timestamp;
use sqlx::FromRow;

/// Changes that a list shows at most.
const SHOWN_MAX: i64 = 50;
/// What a list reads of a change.
const COLUMNS: &str = "id, stage, endpoint, title, standing";

/// A change as lists need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which.
    pub id: ChangeId,
    /// Where.
    pub at: EndpointKey,
    /// What, in a few words.
    pub title: String,
    /// How it stands.
    pub change: Change,
}

#[derive(FromRow)]
struct Listed {
    id: String,
    stage: String,
    endpoint: String,
    title: String,
    standing: String,
}

#[derive(FromRow)]
struct Whole {
    wish: String,
    planned: String,
    events: i64,
}

#[derive(FromRow)]
struct Line {
    at: i64,
    event: String,
}

/// These types hold no maps with odd keys and no floats: writing them as JSON cannot fail.
pub(super) fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn bad(error: &dyn std::fmt::Display) -> sqlx::Error {
    sqlx::Error::Decode(error.to_string().into())
}

impl Listed {
    fn row(self) -> sqlx::Result<Row> {
        Ok(Row {
            id: ChangeId(self.id),
            at: EndpointKey {
                stage: self.stage.parse().map_err(|error| bad(&error))?,
                endpoint: self.endpoint.parse().map_err(|error| bad(&error))?,
            },
            title: self.title,
            change: serde_json::from_str(&self.standing).map_err(|error| bad(&error))?,
        })
    }
}

impl Changes {
    /// All to which something can still happen by itself, the oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open(&self) -> sqlx::Result<Vec<Row>> {
        let sql = format!("SELECT {COLUMNS} FROM changes WHERE open = 1 ORDER BY proposed");
        let rows: Vec<Listed> = on!(&self.0, pool => sqlx::query_as(&sql).fetch_all(pool).await?);
        rows.into_iter().map(Listed::row).collect()
    }

    /// The newest of those that are over.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn recent(&self) -> sqlx::Result<Vec<Row>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM changes WHERE open = 0 ORDER BY proposed DESC LIMIT {SHOWN_MAX}"
        );
        let rows: Vec<Listed> = on!(&self.0, pool => sqlx::query_as(&sql).fetch_all(pool).await?);
        rows.into_iter().map(Listed::row).collect()
    }

    /// The change that a run carries out.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn of_run(&self, run: &RunId) -> sqlx::Result<Option<ChangeId>> {
        let found: Option<String> = on!(&self.0, pool => {
            sqlx::query_scalar("SELECT id FROM changes WHERE run = $1")
                .bind(&run.0)
                .fetch_optional(pool)
                .await?
        });
        Ok(found.map(ChangeId))
    }

    /// One change; `None` when there is none.
    ///
    /// # Errors
    /// When the store fails, or what is stored is not ours.
    pub async fn load(&self, id: &ChangeId) -> sqlx::Result<Option<Kept>> {
        // One statement: what is read belongs together.
        let sql = format!("SELECT {COLUMNS}, wish, planned, events FROM changes WHERE id = $1");
        let found: Option<(Listed, Whole)> = on!(&self.0, pool => {
            let row = sqlx::query(&sql).bind(&id.0).fetch_optional(pool).await?;
            row.map(|row| Ok::<_, sqlx::Error>((Listed::from_row(&row)?, Whole::from_row(&row)?)))
                .transpose()?
        });
        let Some((listed, whole)) = found else { return Ok(None) };
        let Row { id, at, title, change } = listed.row()?;
        let vault = self.0.vault();
        let wish = vault.unseal(WISH.of(&id.0), &whole.wish)?;
        let planned = vault.unseal(PLANNED.of(&id.0), &whole.planned)?;
        Ok(Some(Kept {
            id,
            at,
            title,
            wish: serde_json::from_str(&wish).map_err(|error| bad(&error))?,
            planned: serde_json::from_str(&planned).map_err(|error| bad(&error))?,
            change,
            events: u32::try_from(whole.events).map_err(|error| bad(&error))?,
        }))
    }

    /// All that happened to a change, in order.
    ///
    /// # Errors
    /// When the store fails, or what is stored is not ours.
    pub async fn events(&self, id: &ChangeId) -> sqlx::Result<Vec<Stamped>> {
        let sql = "SELECT at, event FROM change_events WHERE change = $1 ORDER BY number";
        let rows: Vec<Line> =
            on!(&self.0, pool => sqlx::query_as(sql).bind(&id.0).fetch_all(pool).await?);
        let stamped = |line: Line| {
            let event = serde_json::from_str(&line.event).map_err(|error| bad(&error))?;
            Ok(Stamped { at: Timestamp(line.at), event })
        };
        rows.into_iter().map(stamped).collect()
    }
}

/// Whether a change waits for approvals, inside the transaction of what depends on it.
///
/// # Errors
/// When the store fails.
pub async fn is_proposed(tx: &mut Tx, id: &ChangeId) -> sqlx::Result<bool> {
    let sql = "SELECT count(*) FROM changes WHERE id = $1 AND state = $2";
    let found: i64 = within!(tx, connection => sqlx::query_scalar(sql)
        .bind(&id.0)
        .bind(word(State::Proposed))
        .fetch_one(connection)
        .await?);
    Ok(found > 0)
}

/// Whether a run carries a change out, inside the transaction of what depends on it.
///
/// # Errors
/// When the store fails.
pub async fn has_run(tx: &mut Tx, run: &RunId) -> sqlx::Result<bool> {
    let sql = "SELECT count(*) FROM changes WHERE run = $1";
    let found: i64 = within!(tx, connection => sqlx::query_scalar(sql)
        .bind(&run.0)
        .fetch_one(connection)
        .await?);
    Ok(found > 0)
}

/// A state's word in the store.
fn word(state: State) -> String {
    json(&state).trim_matches('"').to_owned()
}

/// What it is to do and its plan, sealed with one key.
fn sealed(tx: &Tx, kept: &Kept) -> sqlx::Result<(Sealed, Sealed)> {
    let (vault, id) = (tx.vault(), &kept.id.0);
    let wish = vault.seal(WISH.of(id), &json(&kept.wish))?;
    Ok((wish, vault.seal(PLANNED.of(id), &json(&kept.planned))?))
}

/// A new change's row.
pub(super) async fn insert(tx: &mut Tx, kept: &Kept) -> sqlx::Result<()> {
    let sql =
        "INSERT INTO changes (id, stage, endpoint, title, wish, planned, standing, state, proposed,
               events, open, sealed_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11)";
    let (wish, planned) = sealed(tx, kept)?;
    within!(tx, connection => sqlx::query(sql)
        .bind(&kept.id.0)
        .bind(kept.at.stage.as_str())
        .bind(kept.at.endpoint.as_str())
        .bind(&kept.title)
        .bind(wish.text)
        .bind(planned.text)
        .bind(json(&kept.change))
        .bind(word(kept.change.state))
        .bind(kept.change.proposed.0)
        .bind(i64::from(kept.events))
        .bind(wish.by)
        .execute(connection)
        .await
        .map(|_| ()))
}

/// The row after an event; `false` when somebody else has appended in between.
pub(super) async fn update(
    tx: &mut Tx,
    kept: &Kept,
    expected: u32,
    is_open: bool,
) -> sqlx::Result<bool> {
    let sql = "UPDATE changes SET planned = $1, standing = $2, state = $3, run = $4, events = $5, open = $6,
               wish = $9, sealed_by = $10, pruned = 0 WHERE id = $7 AND events = $8";
    let (wish, planned) = sealed(tx, kept)?;
    let changed = within!(tx, connection => sqlx::query(sql)
        .bind(planned.text)
        .bind(json(&kept.change))
        .bind(word(kept.change.state))
        .bind(kept.change.run.as_ref().map(|run| run.0.as_str()))
        .bind(i64::from(kept.events))
        .bind(i64::from(is_open))
        .bind(&kept.id.0)
        .bind(i64::from(expected))
        .bind(wish.text)
        .bind(wish.by)
        .execute(connection)
        .await?
        .rows_affected());
    Ok(changed == 1)
}
