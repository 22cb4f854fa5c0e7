//! One table: its full segments, and the one that grows.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::StoreError;
use super::encode::Index;
use super::files;
use super::growing::Rows;
use super::log::Log;
use super::segment::{self, Damaged, Segment};
use crate::schema::{Column, Schema};
use crate::types::{Type, Value};
use crate::vector::{NULL, Vector};

/// The rows of a full segment: enough that a column's block is worth a read, and few enough that the log of the growing one
/// is replayed in a fraction of a second.
pub(crate) const ROWS_MAX: usize = 65_536;
/// A log of this many bytes becomes a segment too.
const LOG_BYTES_MAX: u64 = 64 << 20;

/// Longer strings are cut, as the service does (Kusto, "The string data type").
const TEXT_BYTES_MAX: usize = 1 << 20;

#[derive(Debug)]
pub(super) struct Table {
    folder: PathBuf,
    schema: Schema,
    segments: Vec<Arc<Segment>>,
    rows: Arc<Rows>,
    /// The strings that the growing columns have already.
    indexes: Vec<Index>,
    log: Log,
    /// The number of the growing segment.
    number: u64,
}

/// A table at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) columns: Vec<Column>,
    pub(crate) blocks: Vec<Block>,
}

/// Rows of a snapshot, at most [`ROWS_MAX`], in memory or on disk.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    Growing(Growing),
    Full(Arc<Segment>),
}

/// The growing rows of a snapshot.
#[derive(Clone, Debug)]
pub(crate) struct Growing(Arc<Rows>);

impl Block {
    pub(crate) fn rows(&self) -> usize {
        match self {
            Self::Growing(rows) => rows.0.len(),
            Self::Full(segment) => segment.rows(),
        }
    }

    /// The first and the last time at which rows become visible.
    pub(crate) fn visible(&self) -> (i64, i64) {
        match self {
            Self::Growing(rows) => {
                let times = &rows.0.visible;
                let (least, last) = (times.iter().min(), times.iter().max());
                (least.copied().unwrap_or(NULL), last.copied().unwrap_or(NULL))
            }
            Self::Full(segment) => segment.visible(),
        }
    }

    /// When each row becomes visible.
    pub(crate) fn visible_at(&self) -> Result<Vector, Damaged> {
        match self {
            Self::Growing(rows) => Ok(Vector::longs(rows.0.visible.clone())),
            Self::Full(segment) => segment.visible_at(),
        }
    }

    /// The values of a column, which has this place in the snapshot.
    pub(crate) fn vector(&self, at: usize, name: &str, kind: Type) -> Result<Vector, Damaged> {
        match self {
            Self::Growing(rows) => Ok(rows.0.vector(at, kind)),
            Self::Full(segment) => segment.vector(name, kind),
        }
    }

    /// The file, of a full segment.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::Growing(_) => None,
            Self::Full(segment) => Some(segment.path()),
        }
    }
}

impl Table {
    /// Creates a table. What a folder whose columns were lost has in its segments and its log is kept.
    pub(super) fn create(
        folder: &Path,
        schema: &Schema,
        problems: &mut Vec<String>,
    ) -> Result<Self, StoreError> {
        fs::create_dir_all(folder)?;
        write_schema(folder, schema)?;
        let table = Self::open(folder, problems)?;
        Ok(table.ok_or_else(|| io::Error::other("the columns cannot be read again"))?)
    }

    fn new(
        folder: &Path,
        schema: Schema,
        segments: Vec<Arc<Segment>>,
        log: Log,
        number: u64,
    ) -> Self {
        let rows = Arc::new(Rows::new(&schema));
        let indexes = schema.columns().iter().map(|_| Index::new()).collect();
        Self { folder: folder.to_owned(), schema, segments, rows, indexes, log, number }
    }

    /// Opens a table and repairs it; `None` if it has no schema.
    pub(super) fn open(folder: &Path, problems: &mut Vec<String>) -> io::Result<Option<Self>> {
        let schema = fs::read(folder.join("schema.json")).ok();
        let Some(schema) = schema.and_then(|text| serde_json::from_slice::<Schema>(&text).ok())
        else {
            return Ok(None);
        };
        let mut segments = Vec::new();
        let numbers = files::numbered(folder, "segment")?;
        for number in &numbers {
            match Segment::open(&folder.join(format!("{number}.segment"))) {
                Ok(segment) => segments.push(Arc::new(segment)),
                Err(damaged) => problems.push(format!("{damaged} Its rows are left out.")),
            }
        }
        let next = numbers.last().map_or(1, |last| last + 1);
        let mut logs = files::numbered(folder, "log")?;
        // A log whose segment was written already.
        for number in logs.extract_if(.., |number| *number < next) {
            fs::remove_file(folder.join(format!("{number}.log")))?;
        }
        let number = logs.first().copied().unwrap_or(next);
        let path = folder.join(format!("{number}.log"));
        if !path.exists() {
            let log = Log::create(&path, &schema)?;
            return Ok(Some(Self::new(folder, schema, segments, log, number)));
        }
        let (log, replayed) = Log::open(&path)?;
        if replayed.cut > 0 {
            let (name, cut) = (folder.file_name().unwrap_or_default().display(), replayed.cut);
            problems.push(format!(
                "The log of {name} ended within a write. Its last {cut} bytes were cut off."
            ));
        }
        let Some(columns) = replayed.schema else {
            let log = Log::create(&path, &schema)?;
            return Ok(Some(Self::new(folder, schema, segments, log, number)));
        };
        let mut table = Self::new(folder, columns.clone(), segments, log, number);
        for (visible, row) in &replayed.rows {
            table.push(*visible, row);
        }
        if columns != schema {
            table.seal(&schema)?;
        }
        Ok(Some(table))
    }

    pub(super) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Adds columns.
    pub(super) fn grow(&mut self, wanted: &Schema) -> Result<(), StoreError> {
        if let Some(schema) = self.schema.grown(wanted)? {
            write_schema(&self.folder, &schema)?;
            self.seal(&schema)?;
        }
        Ok(())
    }

    pub(super) fn append(&mut self, visible: i64, rows: &[Vec<Value>]) -> Result<(), StoreError> {
        for row in rows {
            self.schema.check(row)?;
        }
        let cut = cut_long(rows);
        let mut rest = cut.as_deref().unwrap_or(rows);
        while !rest.is_empty() {
            if self.rows.len() >= ROWS_MAX || self.log.bytes() > LOG_BYTES_MAX {
                self.seal(&self.schema.clone())?;
            }
            let (next, later) = rest.split_at(rest.len().min(ROWS_MAX - self.rows.len()));
            self.log.append(visible, next)?;
            next.iter().for_each(|row| self.push(visible, row));
            rest = later;
        }
        Ok(())
    }

    fn push(&mut self, visible: i64, row: &[Value]) {
        let rows = Arc::make_mut(&mut self.rows);
        let columns = self.schema.columns().iter().zip(row);
        for ((column, value), (growing, index)) in
            columns.zip(rows.columns.iter_mut().zip(&mut self.indexes))
        {
            growing.push(column.kind, value, index);
        }
        rows.visible.push(visible);
    }

    /// Makes a full segment of the growing one, and begins another with these columns.
    fn seal(&mut self, schema: &Schema) -> io::Result<()> {
        let (old, number) = (self.number, self.number + 1);
        let mut segment = None;
        if self.rows.len() > 0 {
            let path = self.folder.join(format!("{old}.segment"));
            segment::write(&path, &self.schema, &self.rows)?;
            segment = Some(Arc::new(Segment::open(&path).map_err(io::Error::other)?));
        }
        // If this fails, the next append tries again and writes the segment again.
        self.log = Log::create(&self.folder.join(format!("{number}.log")), schema)?;
        self.segments.extend(segment);
        // The next start removes it if this fails.
        let _ = fs::remove_file(self.folder.join(format!("{old}.log")));
        self.number = number;
        self.schema = schema.clone();
        self.rows = Arc::new(Rows::new(schema));
        self.indexes = schema.columns().iter().map(|_| Index::new()).collect();
        Ok(())
    }

    pub(super) fn retain(&mut self, before: i64) -> Result<(), StoreError> {
        if self.rows.len() > 0 && segment::youngest(&self.schema, &self.rows) < before {
            self.seal(&self.schema.clone())?;
        }
        let is_old = |segment: &mut Arc<Segment>| segment.youngest() < before;
        let old: Vec<_> = self.segments.extract_if(.., is_old).collect();
        for segment in old {
            fs::remove_file(segment.path())?;
        }
        Ok(())
    }

    pub(super) fn size(&self) -> (u64, u64) {
        let rows =
            self.segments.iter().map(|segment| segment.rows()).sum::<usize>() + self.rows.len();
        let bytes = self.segments.iter().map(|segment| segment.bytes()).sum::<u64>();
        (rows as u64, bytes + self.log.bytes())
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let mut blocks: Vec<_> = self.segments.iter().cloned().map(Block::Full).collect();
        if self.rows.len() > 0 {
            blocks.push(Block::Growing(Growing(Arc::clone(&self.rows))));
        }
        Snapshot { columns: self.schema.columns().to_vec(), blocks }
    }
}

/// The rows with strings of at most [`TEXT_BYTES_MAX`] bytes; `None` if no string is longer.
fn cut_long(rows: &[Vec<Value>]) -> Option<Vec<Vec<Value>>> {
    let is_long = |value: &Value| value.as_text().is_some_and(|text| text.len() > TEXT_BYTES_MAX);
    if !rows.iter().flatten().any(is_long) {
        return None;
    }
    let cut = |value: &Value| match value {
        Value::Text(text) => Value::text(&text[..text.floor_char_boundary(TEXT_BYTES_MAX)]),
        value => value.clone(),
    };
    Some(rows.iter().map(|row| row.iter().map(cut).collect()).collect())
}

fn write_schema(folder: &Path, schema: &Schema) -> io::Result<()> {
    files::write(
        &folder.join("schema.json"),
        &serde_json::to_vec(schema).map_err(io::Error::other)?,
    )
}
