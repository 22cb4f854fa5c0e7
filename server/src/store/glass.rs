//! Broken glass in the store. That glass was broken is written in the transaction that begins its run, with its entry
//! in the ledger and the messages to all webhooks: all of it or nothing.

use super::ledger::{self, LedgerError};
use super::{Database, Tx, on, outbox, within};
use crate::history::Asker;
use crate::history::facts::glass as facts;
use crate::notify::news::News;
use crate::notify::setup::Addressees;
use app::domain::change::event::Person;
use app::domain::glass::{Acknowledged, Broken, Glass, GlassId};
use app::domain::operation::Operation;
use app::domain::run::RunId;
use app::domain::stage::EndpointKey;
use app::domain::timestamp::Timestamp;
use sqlx::FromRow;

/// Those that wait to be acknowledged and are read at once, the newest first; older ones follow when these are
/// acknowledged.
const OPEN_MAX: i64 = 50;
/// What is read of one, with its acknowledgement.
const COLUMNS: &str = "one.id, one.stage, one.endpoint, one.run, one.title, one.person, one.at, one.glass, one.entry,
    done.person AS done_person, done.at AS done_at, done.comment AS done_comment, done.entry AS done_entry
    FROM glass AS one LEFT JOIN glass_acknowledged AS done ON done.glass = one.id";

/// The tables of broken glass.
#[derive(Debug, Clone)]
pub struct Glasses(Database);

#[derive(Debug, FromRow)]
struct Row {
    id: String,
    stage: String,
    endpoint: String,
    run: String,
    title: String,
    person: String,
    at: i64,
    glass: String,
    entry: i64,
    done_person: Option<String>,
    done_at: Option<i64>,
    done_comment: Option<String>,
    done_entry: Option<i64>,
}

fn bad(error: &dyn std::fmt::Display) -> sqlx::Error {
    sqlx::Error::Decode(error.to_string().into())
}

fn person(json: &str) -> sqlx::Result<Person> {
    serde_json::from_str(json).map_err(|error| bad(&error))
}

/// These types hold no maps with odd keys and no floats: writing them as JSON cannot fail.
fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn signed(index: u64) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

fn unsigned(index: i64) -> u64 {
    u64::try_from(index).unwrap_or_default()
}

impl Row {
    fn broken(self) -> sqlx::Result<Broken> {
        let Glass { reason, set_aside, .. } =
            serde_json::from_str(&self.glass).map_err(|error| bad(&error))?;
        let acknowledged = match (self.done_person, self.done_at) {
            (Some(by), Some(at)) => Some(Acknowledged {
                by: person(&by)?,
                at: Timestamp(at),
                comment: self.done_comment,
                entry: unsigned(self.done_entry.unwrap_or_default()),
            }),
            _ => None,
        };
        Ok(Broken {
            id: GlassId(self.id),
            on: EndpointKey {
                stage: self.stage.parse().map_err(|error| bad(&error))?,
                endpoint: self.endpoint.parse().map_err(|error| bad(&error))?,
            },
            run: RunId(self.run),
            title: self.title,
            by: person(&self.person)?,
            at: Timestamp(self.at),
            reason,
            set_aside,
            entry: unsigned(self.entry),
            acknowledged,
        })
    }
}

impl Glasses {
    /// In a database.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// Those that nobody has acknowledged yet, the newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open(&self) -> sqlx::Result<Vec<Broken>> {
        let sql = format!(
            "SELECT {COLUMNS} WHERE done.glass IS NULL ORDER BY one.entry DESC LIMIT {OPEN_MAX}"
        );
        let rows: Vec<Row> = on!(&self.0, pool => sqlx::query_as(&sql).fetch_all(pool).await?);
        rows.into_iter().map(Row::broken).collect()
    }

    /// One of them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn get(&self, id: &GlassId) -> sqlx::Result<Option<Broken>> {
        self.one("one.id", &id.0).await
    }

    /// The one that began a run.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn of_run(&self, run: &RunId) -> sqlx::Result<Option<Broken>> {
        self.one("one.run", &run.0).await
    }

    async fn one(&self, column: &str, value: &str) -> sqlx::Result<Option<Broken>> {
        let sql = format!("SELECT {COLUMNS} WHERE {column} = $1");
        let row: Option<Row> =
            on!(&self.0, pool => sqlx::query_as(&sql).bind(value).fetch_optional(pool).await?);
        row.map(Row::broken).transpose()
    }

    /// Writes down that somebody acknowledged it; `false` when somebody else was faster. That they may must have been
    /// checked.
    ///
    /// # Errors
    /// [`LedgerError`]; then it is as it was.
    pub async fn acknowledge(
        &self,
        broken: &Broken,
        comment: Option<&str>,
        by: &Asker,
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.0.begin().await?;
        let known = "SELECT count(*) FROM glass_acknowledged WHERE glass = $1";
        let known: i64 = within!(&mut tx, connection => sqlx::query_scalar(known)
            .bind(&broken.id.0)
            .fetch_one(connection)
            .await?);
        if known > 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        let entry = ledger::append(&mut tx, facts::acknowledged(broken, comment, by, now)).await?;
        let sql = "INSERT INTO glass_acknowledged (glass, person, at, comment, entry)
                   VALUES ($1, $2, $3, $4, $5)";
        within!(&mut tx, connection => sqlx::query(sql)
            .bind(&broken.id.0)
            .bind(json(&Person::from(&by.user)))
            .bind(now.0)
            .bind(comment)
            .bind(signed(entry.index))
            .execute(connection)
            .await
            .map(|_| ())?);
        tx.commit().await?;
        Ok(true)
    }
}

/// Writes down that glass is broken for a run that is being entered. `false` when a run has begun by this form before:
/// then the transaction must not be committed.
///
/// # Errors
/// [`LedgerError`]; then neither.
pub(super) async fn broken(
    tx: &mut Tx,
    addressees: &Addressees,
    glass: &Glass,
    run: &Operation,
    by: &Asker,
) -> Result<bool, LedgerError> {
    let known = "SELECT count(*) FROM glass WHERE id = $1";
    let known: i64 = within!(tx, connection => sqlx::query_scalar(known)
        .bind(&glass.id.0)
        .fetch_one(connection)
        .await?);
    if known > 0 {
        return Ok(false);
    }
    let title = run.action.title();
    let entry = ledger::append(tx, facts::broken(glass, run, by)).await?;
    let sql = "INSERT INTO glass (id, stage, endpoint, run, title, person, at, glass, entry)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    within!(tx, connection => sqlx::query(sql)
        .bind(&glass.id.0)
        .bind(run.endpoint.stage.as_str())
        .bind(run.endpoint.endpoint.as_str())
        .bind(&run.id.0)
        .bind(&title)
        .bind(json(&Person::from(&by.user)))
        .bind(run.started.0)
        .bind(json(glass))
        .bind(signed(entry.index))
        .execute(connection)
        .await
        .map(|_| ())?);
    let topic = format!("glass {}", glass.id);
    outbox::announce(tx, addressees, &topic, News::of_glass(glass, run)).await?;
    Ok(true)
}
