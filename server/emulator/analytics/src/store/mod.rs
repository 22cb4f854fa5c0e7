//! Tables of log rows on disk.
//!
//! | file | what it is |
//! | --- | --- |
//! | `{Table}/schema.json` | the columns |
//! | `{Table}/{number}.log` | the rows of the last segment, which still grows: frames with a length and a checksum |
//! | `{Table}/{number}.segment` | a full segment: one encoded block for each column, then a footer |
//!
//! A row is in the log before [`LogStore::append`] returns. Full logs become segments: the segment is written beside the
//! log, synchronised, renamed, and then the log is removed. A start that finds both removes the log.

mod bits;
mod checksum;
mod encode;
mod files;
mod growing;
mod log;
mod longs;
mod segment;
mod table;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};

use crate::schema::{Schema, SchemaError, check_name};
use crate::types::Value;
pub(crate) use segment::Damaged;
use table::Table;
pub(crate) use table::{Block, Snapshot};

/// What a store cannot do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(transparent)]
    Schema(#[from] SchemaError),
    #[error("There is no table {0}.")]
    NoTable(String),
    #[error("Another process has the log store open.")]
    InUse,
    #[error("The log store could not read or write its files.")]
    Io(#[from] io::Error),
}

/// Log tables in a folder. All methods block; a query may take seconds.
#[derive(Debug)]
pub struct LogStore {
    folder: PathBuf,
    tables: RwLock<BTreeMap<String, Arc<Mutex<Table>>>>,
    problems: Mutex<Vec<String>>,
    /// Locked while the store is open.
    _lock: File,
}

impl LogStore {
    /// Opens or creates the store in a folder. What a crash left behind is repaired, and [`LogStore::problems`] says so.
    ///
    /// # Errors
    /// If another process has it open, or the folder cannot be read or written.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(folder)?;
        let lock = File::create(folder.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(StoreError::InUse),
            Err(fs::TryLockError::Error(error)) => return Err(error.into()),
        }
        let (mut tables, mut problems) = (BTreeMap::new(), Vec::new());
        for name in files::folders(folder)? {
            if check_name(&name).is_err() {
                continue;
            }
            match Table::open(&folder.join(&name), &mut problems)? {
                Some(table) => drop(tables.insert(name, Arc::new(Mutex::new(table)))),
                None => problems
                    .push(format!("{name} has no columns that can be read. It is left out.")),
            }
        }
        for problem in &problems {
            tracing::warn!(problem, "the log store was not closed in order");
        }
        let (tables, problems) = (RwLock::new(tables), Mutex::new(problems));
        Ok(Self { folder: folder.to_owned(), tables, problems, _lock: lock })
    }

    /// What was cut off or left out when the store was opened, in sentences.
    pub fn problems(&self) -> Vec<String> {
        self.problems.lock().clone()
    }

    /// Creates a table, or adds the columns to it that it does not have yet; rows from before have no values in them.
    ///
    /// # Errors
    /// If the name is not valid, or a column has another type than before.
    pub fn create(&self, name: &str, schema: &Schema) -> Result<(), StoreError> {
        check_name(name)?;
        let mut tables = self.tables.write();
        match tables.get(name) {
            Some(table) => table.lock().grow(schema)?,
            None => {
                let mut problems = self.problems.lock();
                let table = Table::create(&self.folder.join(name), schema, &mut problems)?;
                tables.insert(name.to_owned(), Arc::new(Mutex::new(table)));
            }
        }
        Ok(())
    }

    fn table(&self, name: &str) -> Result<Arc<Mutex<Table>>, StoreError> {
        self.tables.read().get(name).cloned().ok_or_else(|| StoreError::NoTable(name.to_owned()))
    }

    /// The columns of a table.
    pub fn schema(&self, name: &str) -> Option<Schema> {
        Some(self.table(name).ok()?.lock().schema().clone())
    }

    /// The names of all tables, sorted.
    pub fn tables(&self) -> Vec<String> {
        self.tables.read().keys().cloned().collect()
    }

    /// Appends rows, in the order of the table's columns. Queries see them from `visible` on, in ticks (see
    /// [`crate::ticks`]); that is also what `ingestion_time()` answers. When it returns, a crash of the process loses none of
    /// them; a power failure may lose the last ones.
    ///
    /// # Errors
    /// If there is no such table or a row does not fit, none of the rows is appended. If they cannot be written, none of the
    /// rest: they are written in groups of at most 65,536.
    pub fn append(&self, name: &str, visible: i64, rows: &[Vec<Value>]) -> Result<(), StoreError> {
        self.table(name)?.lock().append(visible, rows)
    }

    /// Removes rows whose `TimeGenerated` is before a time, in ticks. Like the service, it removes whole segments: a row
    /// goes when the youngest of its segment is old enough.
    ///
    /// # Errors
    /// If there is no such table, or a file cannot be removed.
    pub fn retain(&self, name: &str, before: i64) -> Result<(), StoreError> {
        self.table(name)?.lock().retain(before)
    }

    /// The number of rows of a table, and of the bytes of its files.
    pub fn size(&self, name: &str) -> Option<(u64, u64)> {
        Some(self.table(name).ok()?.lock().size())
    }

    /// A table as it is now.
    pub(crate) fn snapshot(&self, name: &str) -> Option<Snapshot> {
        Some(self.table(name).ok()?.lock().snapshot())
    }
}
