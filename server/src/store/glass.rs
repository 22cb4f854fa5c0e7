//! Broken glass in the store. It is written in the transaction that begins its run, with its ledger entry and the
//! messages to all webhooks.

use super::ledger::{self, LedgerError};
use super::statement::{
    endpoint, execute, fetch_all, fetch_optional, from_json, json, scalar, signed, unsigned,
};
use super::{Database, Tx, outbox};
use crate::entries::Principal;
use crate::entries::glass as facts;
use crate::messages::News;
use crate::messages::setup::Addressees;
use domain::change::ChangeId;
use domain::glass::{Acknowledged, Broken, Glass, GlassId};
use domain::run::RunId;
use domain::run::operation::Operation;
use domain::target::Target;
use domain::timestamp::Timestamp;
use domain::user::Person;
use sqlx::FromRow;

/// Maximum number of unacknowledged items read, the newest first. Older ones follow as these are acknowledged.
const OPEN_MAX: i64 = 50;
/// The columns of an item with its acknowledgement.
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

impl Row {
    fn broken(self) -> sqlx::Result<Broken> {
        let Glass { reason, set_aside, change, .. } = from_json(&self.glass)?;
        let acknowledged = match (self.done_person, self.done_at) {
            (Some(by), Some(at)) => Some(Acknowledged {
                by: from_json(&by)?,
                at: Timestamp(at),
                comment: self.done_comment,
                entry: unsigned(self.done_entry.unwrap_or_default()),
            }),
            _ => None,
        };
        Ok(Broken {
            id: GlassId(self.id),
            on: endpoint(&self.stage, &self.endpoint)?,
            run: RunId(self.run),
            title: self.title,
            by: from_json(&self.person)?,
            at: Timestamp(self.at),
            reason,
            set_aside,
            change,
            entry: unsigned(self.entry),
            acknowledged,
        })
    }
}

impl Glasses {
    /// The tables in `database`.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// Items that nobody has acknowledged yet, the newest first.
    pub async fn open(&self) -> sqlx::Result<Vec<Broken>> {
        let sql = format!(
            "SELECT {COLUMNS} WHERE done.glass IS NULL ORDER BY one.entry DESC LIMIT {OPEN_MAX}"
        );
        let rows: Vec<Row> = fetch_all!(self.0, &sql)?;
        rows.into_iter().map(Row::broken).collect()
    }

    /// One item.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn get(&self, id: &GlassId) -> sqlx::Result<Option<Broken>> {
        self.one("one.id", &id.0).await
    }

    /// The item that began a run.
    pub async fn of_run(&self, run: &RunId) -> sqlx::Result<Option<Broken>> {
        self.one("one.run", &run.0).await
    }

    /// The items that were broken for a pending change, the newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn of_change(&self, target: &Target, change: &ChangeId) -> sqlx::Result<Vec<Broken>> {
        let Some(at) = target.endpoint() else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT {COLUMNS} WHERE one.stage = $1 AND one.endpoint = $2 ORDER BY one.entry DESC LIMIT {OPEN_MAX}"
        );
        let rows: Vec<Row> = fetch_all!(self.0, &sql, at.stage.as_str(), at.endpoint.as_str())?;
        let all: sqlx::Result<Vec<_>> = rows.into_iter().map(Row::broken).collect();
        Ok(all?.into_iter().filter(|broken| broken.change.as_ref() == Some(change)).collect())
    }

    async fn one(&self, column: &str, value: &str) -> sqlx::Result<Option<Broken>> {
        let sql = format!("SELECT {COLUMNS} WHERE {column} = $1");
        let row: Option<Row> = fetch_optional!(self.0, &sql, value)?;
        row.map(Row::broken).transpose()
    }

    /// Records an acknowledgement; `false` when somebody else was faster. The caller must have checked the person's
    /// permission.
    ///
    /// # Errors
    /// [`LedgerError`]. The item is then still unacknowledged.
    pub async fn acknowledge(
        &self,
        broken: &Broken,
        comment: Option<&str>,
        by: &Principal,
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.0.begin().await?;
        let known = "SELECT count(*) FROM glass_acknowledged WHERE glass = $1";
        let known: i64 = scalar!(tx, known, &broken.id.0)?;
        if known > 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        let entry = ledger::append(&mut tx, facts::acknowledged(broken, comment, by, now)).await?;
        let sql = "INSERT INTO glass_acknowledged (glass, person, at, comment, entry)
                   VALUES ($1, $2, $3, $4, $5)";
        execute!(
            tx,
            sql,
            &broken.id.0,
            json(&Person::from(&by.user)),
            now.0,
            comment,
            signed(entry.index)
        )?;
        tx.commit().await?;
        Ok(true)
    }
}

/// Records that somebody broke glass for a run that is being entered. `false` when this form has begun a run before;
/// the transaction must then not be committed.
///
/// # Errors
/// [`LedgerError`]. The transaction must then not be committed.
pub(super) async fn broken(
    tx: &mut Tx,
    addressees: &Addressees,
    glass: &Glass,
    run: &Operation,
    by: &Principal,
) -> Result<bool, LedgerError> {
    let known = "SELECT count(*) FROM glass WHERE id = $1";
    let known: i64 = scalar!(tx, known, &glass.id.0)?;
    if known > 0 {
        return Ok(false);
    }
    let title = run.intent.title();
    let entry = ledger::append(tx, facts::broken(glass, run, by)).await?;
    let sql = "INSERT INTO glass (id, stage, endpoint, run, title, person, at, glass, entry)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    execute!(
        tx,
        sql,
        &glass.id.0,
        run.target.stage().as_str(),
        run.target.name(),
        &run.id.0,
        &title,
        json(&Person::from(&by.user)),
        run.started.0,
        json(glass),
        signed(entry.index)
    )?;
    // Only an endpoint has a policy to break glass for.
    if let Some(on) = run.target.endpoint() {
        let topic = format!("glass {}", glass.id);
        outbox::announce(tx, addressees, &topic, News::of_glass(glass, run, on)).await?;
    }
    Ok(true)
}
