//! What is asked of the stored ledger.

use super::{
    HashRow, Ledger, LedgerError, LineRow, at_most, hash, read, searchable, signed, unsigned,
};
use crate::store::on;
use app::domain::history_filter::Filter;
use app::domain::stage::EndpointKey;
use app::domain::timestamp::Timestamp;
use ledger::entry::Entry;
use ledger::tree::{Hash, Known, Question};
use sqlx::{Database, QueryBuilder};

/// Entries of one page of the History screen.
pub const PAGE: u32 = 50;
/// Lines read at once for an export.
const LINES_AT_ONCE: i64 = 1_000;

/// What the History screen looks for.
#[derive(Debug)]
pub struct Search<'a> {
    /// The person's filter.
    pub filter: &'a Filter,
}

impl Search<'_> {
    /// Adds the conditions to a query.
    fn push<D: Database>(&self, query: &mut QueryBuilder<'_, D>)
    where
        String: for<'q> sqlx::Encode<'q, D> + sqlx::Type<D>,
        i64: for<'q> sqlx::Encode<'q, D> + sqlx::Type<D>,
    {
        let filter = self.filter;
        let before = filter.before.map_or(i64::MAX, signed);
        query.push(" WHERE position < ").push_bind(before);
        let equal = [
            (" AND stage = ", filter.stage.as_ref().map(app::domain::name::StageName::as_str)),
            (
                " AND endpoint = ",
                filter.endpoint.as_ref().map(app::domain::name::EndpointName::as_str),
            ),
            (" AND kind = ", filter.kind.map(app::domain::history::Kind::word)),
        ];
        for (condition, value) in equal {
            if let Some(value) = value {
                query.push(condition).push_bind(value.to_lowercase());
            }
        }
        let like = [(" AND person LIKE ", &filter.person), (" AND words LIKE ", &filter.text)];
        for (condition, value) in like {
            if let Some(value) = value {
                query.push(condition).push_bind(contains(value)).push(" ESCAPE '!'");
            }
        }
        if let Some(from) = filter.from {
            query.push(" AND at >= ").push_bind(from.0);
        }
        if let Some(to) = filter.to {
            query.push(" AND at <= ").push_bind(to.0);
        }
    }
}

/// A LIKE pattern for texts that contain this one, whatever is in it.
fn contains(text: &str) -> String {
    let mut pattern = "%".to_owned();
    for character in searchable(text).chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern + "%"
}

impl Ledger {
    /// Entries in the ledger.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn size(&self) -> Result<u64, LedgerError> {
        let sql = "SELECT coalesce(max(position), -1) + 1 FROM ledger";
        let size: i64 = on!(&self.0, pool => sqlx::query_scalar(sql).fetch_one(pool).await?);
        Ok(unsigned(size))
    }

    /// The newest entries that a filter lets through, at most [`PAGE`] and one, which tells that there
    /// are more.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn search(&self, search: &Search<'_>) -> Result<Vec<Entry>, LedgerError> {
        let select = "SELECT position, line FROM ledger";
        let rows: Vec<LineRow> = on!(&self.0, pool => {
            let mut query = QueryBuilder::new(select);
            search.push(&mut query);
            query.push(" ORDER BY position DESC LIMIT ").push_bind(i64::from(PAGE) + 1);
            query.build_query_as().fetch_all(pool).await?
        });
        rows.into_iter().map(read).collect()
    }

    /// One entry, with its line.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn entry(&self, index: u64) -> Result<Option<(Entry, String)>, LedgerError> {
        let sql = "SELECT position, line FROM ledger WHERE position = $1";
        let row: Option<LineRow> = on!(&self.0, pool => sqlx::query_as(sql)
            .bind(signed(index))
            .fetch_optional(pool)
            .await?);
        row.map(|row| {
            let line = row.line.clone();
            read(row).map(|entry| (entry, line))
        })
        .transpose()
    }

    /// The next lines from `index` on, before `size`.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn lines(&self, index: u64, size: u64) -> Result<Vec<String>, LedgerError> {
        let sql = "SELECT line FROM ledger WHERE position >= $1 AND position < $2
                   ORDER BY position LIMIT $3";
        Ok(on!(&self.0, pool => sqlx::query_scalar(sql)
            .bind(signed(index))
            .bind(signed(size))
            .bind(LINES_AT_ONCE)
            .fetch_all(pool)
            .await?))
    }

    /// The entry that says which route an endpoint had at a time: the newest one until then.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn route_at(
        &self,
        at: &EndpointKey,
        time: Option<Timestamp>,
    ) -> Result<Option<Entry>, LedgerError> {
        let sql = "SELECT position, line FROM ledger
                   WHERE stage = $1 AND endpoint = $2 AND at <= $3 AND route IS NOT NULL
                   ORDER BY position DESC LIMIT 1";
        let row: Option<LineRow> = on!(&self.0, pool => sqlx::query_as(sql)
            .bind(at.stage.as_str().to_lowercase())
            .bind(at.endpoint.as_str().to_lowercase())
            .bind(at_most(time))
            .fetch_optional(pool)
            .await?);
        row.map(read).transpose()
    }

    /// The first entry about an endpoint's route after another one, or of all.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn route_after(
        &self,
        at: &EndpointKey,
        after: Option<u64>,
    ) -> Result<Option<Entry>, LedgerError> {
        let sql = "SELECT position, line FROM ledger
                   WHERE stage = $1 AND endpoint = $2 AND position > $3 AND route IS NOT NULL
                   ORDER BY position LIMIT 1";
        let row: Option<LineRow> = on!(&self.0, pool => sqlx::query_as(sql)
            .bind(at.stage.as_str().to_lowercase())
            .bind(at.endpoint.as_str().to_lowercase())
            .bind(after.map_or(-1, signed))
            .fetch_optional(pool)
            .await?);
        row.map(read).transpose()
    }

    /// Answers a question about the tree: a root, or the hashes of a proof.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn ask(&self, question: Question) -> Result<Vec<Hash>, LedgerError> {
        let sql = "SELECT position, hash FROM ledger_hashes WHERE position = $1";
        let mut known = Known::default();
        for position in question.needs()? {
            let row: Option<HashRow> = on!(&self.0, pool => sqlx::query_as(sql)
                .bind(signed(position))
                .fetch_optional(pool)
                .await?);
            let row =
                row.ok_or_else(|| LedgerError::Broken(format!("hash {position} is missing")))?;
            known.0.insert(position, hash(row)?);
        }
        Ok(question.answer(&known)?)
    }

    /// The root at a size.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn root(&self, size: u64) -> Result<Hash, LedgerError> {
        let root = self.ask(Question::Root { size }).await?;
        root.first().copied().ok_or_else(|| LedgerError::Broken("it has no root".to_owned()))
    }

    /// The newest kept checkpoints, at most `count`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn checkpoints(&self, count: u32) -> sqlx::Result<Vec<String>> {
        let sql = "SELECT note FROM ledger_checkpoints ORDER BY size DESC LIMIT $1";
        Ok(on!(&self.0, pool => sqlx::query_scalar(sql)
            .bind(i64::from(count))
            .fetch_all(pool)
            .await?))
    }
}
