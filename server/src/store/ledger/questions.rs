//! Queries of the stored ledger.

use super::{HashRow, Ledger, LedgerError, LineRow, at_most, hash, read, searchable};
use crate::store::on;
use crate::store::statement::{fetch_optional, scalar, scalars, signed, unsigned};
use domain::history_filter::Filter;
use domain::stage::EndpointKey;
use domain::timestamp::Timestamp;
use ledger::entry::Entry;
use ledger::tree::{Hash, Known, Question};
use sqlx::{Database, QueryBuilder};

/// Number of entries per page of the History screen.
pub const PAGE: u32 = 50;
/// Number of lines per read of an export.
const LINES_AT_ONCE: i64 = 1_000;

/// A search of the History screen.
#[derive(Debug)]
pub struct Search<'a> {
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
            (" AND stage = ", filter.stage.as_ref().map(domain::name::StageName::as_str)),
            (" AND endpoint = ", filter.endpoint.as_ref().map(domain::name::EndpointName::as_str)),
            (" AND kind = ", filter.kind.map(domain::history::Kind::word)),
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

/// A LIKE pattern that matches this text literally anywhere.
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
    /// The number of entries.
    pub async fn size(&self) -> Result<u64, LedgerError> {
        let sql = "SELECT coalesce(max(position), -1) + 1 FROM ledger";
        let size: i64 = scalar!(self.0, sql)?;
        Ok(unsigned(size))
    }

    /// The newest entries that match a filter: at most [`PAGE`], and one more if further pages follow.
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
    pub async fn entry(&self, index: u64) -> Result<Option<(Entry, String)>, LedgerError> {
        let sql = "SELECT position, line FROM ledger WHERE position = $1";
        let row: Option<LineRow> = fetch_optional!(self.0, sql, signed(index))?;
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
        Ok(scalars!(self.0, sql, signed(index), signed(size), LINES_AT_ONCE)?)
    }

    /// The entry with the route of an endpoint at a time: the newest one up to that time.
    pub async fn route_at(
        &self,
        at: &EndpointKey,
        time: Option<Timestamp>,
    ) -> Result<Option<Entry>, LedgerError> {
        let sql = "SELECT position, line FROM ledger
                   WHERE stage = $1 AND endpoint = $2 AND at <= $3 AND route IS NOT NULL
                   ORDER BY position DESC LIMIT 1";
        let row: Option<LineRow> = fetch_optional!(
            self.0,
            sql,
            at.stage.as_str().to_lowercase(),
            at.endpoint.as_str().to_lowercase(),
            at_most(time)
        )?;
        row.map(read).transpose()
    }

    /// The first entry about an endpoint's route after another one, or the first of all.
    pub async fn route_after(
        &self,
        at: &EndpointKey,
        after: Option<u64>,
    ) -> Result<Option<Entry>, LedgerError> {
        let sql = "SELECT position, line FROM ledger
                   WHERE stage = $1 AND endpoint = $2 AND position > $3 AND route IS NOT NULL
                   ORDER BY position LIMIT 1";
        let row: Option<LineRow> = fetch_optional!(
            self.0,
            sql,
            at.stage.as_str().to_lowercase(),
            at.endpoint.as_str().to_lowercase(),
            after.map_or(-1, signed)
        )?;
        row.map(read).transpose()
    }

    /// The hashes that answer a question about the tree: a root or a proof.
    pub async fn ask(&self, question: Question) -> Result<Vec<Hash>, LedgerError> {
        let sql = "SELECT position, hash FROM ledger_hashes WHERE position = $1";
        let mut known = Known::default();
        for position in question.needs()? {
            let row: Option<HashRow> = fetch_optional!(self.0, sql, signed(position))?;
            let row =
                row.ok_or_else(|| LedgerError::Broken(format!("hash {position} is missing")))?;
            known.0.insert(position, hash(row)?);
        }
        Ok(question.answer(&known)?)
    }

    /// The root of the first `size` entries.
    pub async fn root(&self, size: u64) -> Result<Hash, LedgerError> {
        let root = self.ask(Question::Root { size }).await?;
        root.first().copied().ok_or_else(|| LedgerError::Broken("the tree has no root".to_owned()))
    }

    /// The newest stored checkpoints, at most `count`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn checkpoints(&self, count: u32) -> sqlx::Result<Vec<String>> {
        let sql = "SELECT note FROM ledger_checkpoints ORDER BY size DESC LIMIT $1";
        scalars!(self.0, sql, i64::from(count))
    }
}
