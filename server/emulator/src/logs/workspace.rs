//! One Log Analytics workspace: its store and its tables.

use std::path::Path;
use std::time::Duration;

use analytics::{LogStore, Schema, StoreError, Value, tables, ticks};
use parking_lot::Mutex;
use time::OffsetDateTime;

use super::entry::Entry;
use super::route::Table;

/// How long rows are kept (`retentionInDays` of the workspace).
pub const RETENTION_DAYS: i64 = 30;
/// How often, and how long, a store is tried that a query of an emulator that has just stopped still reads.
const TRIES: u32 = 50;
const TRY_AGAIN: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub struct Workspace {
    /// `properties.customerId`.
    pub customer_id: String,
    pub store: LogStore,
    schemas: Vec<Schema>,
    /// `TenantId` of its rows.
    tenant: Value,
    /// The day on which old rows were removed, in ticks.
    cleared: Mutex<i64>,
}

impl Workspace {
    /// Opens a workspace, or creates it, and removes what is too old.
    ///
    /// # Errors
    /// If its files are in use or cannot be read or written.
    pub fn open(folder: &Path, customer_id: &str, now: OffsetDateTime) -> Result<Self, StoreError> {
        let store = opened(folder)?;
        let mut schemas = Vec::new();
        for name in Table::ALL.map(Table::name).into_iter().chain([tables::DIAGNOSTICS]) {
            if let Some(schema) = tables::schema(name) {
                let schema = schema?;
                store.create(name, &schema)?;
                schemas.push(store.schema(name).unwrap_or(schema));
            }
        }
        let workspace = Self {
            customer_id: customer_id.to_owned(),
            store,
            schemas,
            tenant: Value::text(customer_id),
            cleared: Mutex::new(0),
        };
        workspace.clear(ticks::from_time(now))?;
        Ok(workspace)
    }

    /// Appends rows, those that become visible together in one step.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn write(&self, table: Table, entries: &[&Entry]) -> Result<(), StoreError> {
        let schema = &self.schemas[table as usize];
        for group in entries.chunk_by(|a, b| a.visible == b.visible) {
            let rows: Result<Vec<_>, _> =
                group.iter().map(|entry| entry.row(schema, &self.tenant)).collect();
            let visible = group.first().map_or(0, |entry| entry.visible);
            self.store.append(table.name(), visible, &rows?)?;
        }
        let last = entries.last().map_or(0, |entry| ticks::from_time(entry.at));
        self.clear(last)
    }

    /// Once a day, removes rows that are too old.
    fn clear(&self, now: i64) -> Result<(), StoreError> {
        let mut cleared = self.cleared.lock();
        if now < *cleared + ticks::DAY {
            return Ok(());
        }
        *cleared = now;
        for table in Table::ALL {
            self.store.retain(table.name(), now - RETENTION_DAYS * ticks::DAY)?;
        }
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "an emulator that starts serves nobody yet")]
fn opened(folder: &Path) -> Result<LogStore, StoreError> {
    for _ in 0..TRIES {
        match LogStore::open(folder) {
            Err(StoreError::InUse) => std::thread::sleep(TRY_AGAIN),
            opened => return opened,
        }
    }
    LogStore::open(folder)
}
