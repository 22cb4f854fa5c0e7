//! A full segment in its file: the columns' blocks, then a footer that says where they are.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::checksum::checksum;
use super::encode;
use super::files;
use super::growing::{Growing, Rows};
use crate::schema::Schema;
use crate::types::Type;
use crate::vector::{NULL, Vector};

const MAGIC: &[u8; 8] = b"logseg1\n";
/// Length and checksum of the footer, and [`MAGIC`].
const TAIL_BYTES: usize = 16;
/// The longest footer that is read.
const FOOTER_BYTES_MAX: usize = 1 << 20;

/// Where a block is.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Place {
    name: String,
    #[serde(rename = "type")]
    kind: Type,
    offset: u64,
    length: u32,
    checksum: u32,
}

#[derive(Debug, Serialize, Deserialize)]
struct Footer {
    rows: usize,
    /// The first and the last time at which rows become visible.
    visible: (i64, i64),
    /// The last `TimeGenerated`.
    youngest: i64,
    columns: Vec<Place>,
    visible_at: Place,
}

/// A segment of which only the footer is in memory.
#[derive(Debug)]
pub(crate) struct Segment {
    path: PathBuf,
    footer: Footer,
    bytes: u64,
}

/// A block that cannot be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("The segment {path:?} is damaged: {what}.")]
pub(crate) struct Damaged {
    pub(crate) path: PathBuf,
    pub(crate) what: String,
    /// There is no file: it was removed because its rows are too old.
    pub(crate) is_gone: bool,
}

/// Writes rows as a segment.
pub(super) fn write(path: &Path, schema: &Schema, rows: &Rows) -> io::Result<()> {
    let mut bytes = MAGIC.to_vec();
    let mut put = |name: &str, kind: Type, column: &Growing| {
        let block = encode::encode(column);
        let place = Place {
            name: name.to_owned(),
            kind,
            offset: bytes.len() as u64,
            length: u32::try_from(block.len()).map_err(io::Error::other)?,
            checksum: checksum(&block),
        };
        bytes.extend(block);
        Ok::<_, io::Error>(place)
    };
    let columns = schema.columns().iter().zip(&rows.columns);
    let columns = columns.map(|(column, rows)| put(&column.name, column.kind, rows));
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    let visible_at = put("", Type::DateTime, &Growing::Longs(rows.visible.clone()))?;
    let least = rows.visible.iter().copied().min().unwrap_or(NULL);
    let last = rows.visible.iter().copied().max().unwrap_or(NULL);
    let youngest = youngest(schema, rows);
    let footer = Footer { rows: rows.len(), visible: (least, last), youngest, columns, visible_at };
    let footer = serde_json::to_vec(&footer).map_err(io::Error::other)?;
    bytes.extend_from_slice(&footer);
    bytes.extend_from_slice(&u32::try_from(footer.len()).map_err(io::Error::other)?.to_le_bytes());
    bytes.extend_from_slice(&checksum(&footer).to_le_bytes());
    bytes.extend_from_slice(MAGIC);
    files::write(path, &bytes)
}

/// The last `TimeGenerated`, or where a table has none the last time at which a row becomes visible.
pub(super) fn youngest(schema: &Schema, rows: &Rows) -> i64 {
    let times = match schema.index("TimeGenerated").and_then(|at| rows.columns.get(at)) {
        Some(Growing::Longs(times)) => times,
        _ => &rows.visible,
    };
    times.iter().copied().max().unwrap_or(NULL)
}

impl Segment {
    pub(super) fn open(path: &Path) -> Result<Self, Damaged> {
        let damaged =
            |what: &str| Damaged { path: path.to_owned(), what: what.to_owned(), is_gone: false };
        let (footer, bytes) = Self::read_footer(path)
            .map_err(|error| damaged(&error.to_string()))?
            .ok_or_else(|| damaged("it has no valid footer"))?;
        Ok(Self { path: path.to_owned(), footer, bytes })
    }

    fn read_footer(path: &Path) -> io::Result<Option<(Footer, u64)>> {
        let mut file = File::open(path)?;
        let bytes = file.seek(SeekFrom::End(0))?;
        let Some(tail_at) = bytes.checked_sub(TAIL_BYTES as u64) else { return Ok(None) };
        let mut tail = [0; TAIL_BYTES];
        file.read_exact_at(&mut tail, tail_at)?;
        let number =
            |at: usize| u32::from_le_bytes([tail[at], tail[at + 1], tail[at + 2], tail[at + 3]]);
        let length = number(0);
        if &tail[8..] != MAGIC || length as usize > FOOTER_BYTES_MAX {
            return Ok(None);
        }
        let Some(at) = tail_at.checked_sub(u64::from(length)) else { return Ok(None) };
        let mut footer = Vec::new();
        file.seek(SeekFrom::Start(at))?;
        file.take(u64::from(length)).read_to_end(&mut footer)?;
        if checksum(&footer) != number(4) {
            return Ok(None);
        }
        let footer: Option<Footer> = serde_json::from_slice(&footer).ok();
        Ok(footer.filter(|footer| footer.rows <= super::table::ROWS_MAX).map(|it| (it, bytes)))
    }

    pub(crate) fn rows(&self) -> usize {
        self.footer.rows
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn visible(&self) -> (i64, i64) {
        self.footer.visible
    }

    pub(super) fn youngest(&self) -> i64 {
        self.footer.youngest
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The values of a column; nothing in every row if the column is younger than the segment, or had another type.
    pub(crate) fn vector(&self, name: &str, kind: Type) -> Result<Vector, Damaged> {
        match self.footer.columns.iter().find(|place| place.name == name && place.kind == kind) {
            Some(place) => self.read(place),
            None => Ok(Vector::missing(kind, self.footer.rows)),
        }
    }

    /// When each row becomes visible.
    pub(crate) fn visible_at(&self) -> Result<Vector, Damaged> {
        self.read(&self.footer.visible_at)
    }

    fn read(&self, place: &Place) -> Result<Vector, Damaged> {
        let damaged = |what: String| Damaged { path: self.path.clone(), what, is_gone: false };
        if place.offset + u64::from(place.length) > self.bytes {
            return Err(damaged(format!("the column {} is beyond its end", place.name)));
        }
        let mut block = vec![0; place.length as usize];
        let read =
            File::open(&self.path).and_then(|file| file.read_exact_at(&mut block, place.offset));
        read.map_err(|error| Damaged {
            is_gone: error.kind() == io::ErrorKind::NotFound,
            ..damaged(error.to_string())
        })?;
        if checksum(&block) != place.checksum {
            return Err(damaged(format!("the checksum of the column {} is wrong", place.name)));
        }
        encode::decode(place.kind, &block, self.footer.rows)
            .ok_or_else(|| damaged(format!("the column {} cannot be decoded", place.name)))
    }
}
