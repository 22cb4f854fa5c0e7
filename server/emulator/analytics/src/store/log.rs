//! The log of a growing segment: frames with a length, a checksum and rows. A frame that a crash cut is the last one; what
//! is left of it is cut off.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::checksum::checksum;
use super::longs::Reader;
use crate::schema::Schema;
use crate::types::{Type, Value};

/// The longest frame: rows of one append.
pub(super) const FRAME_BYTES_MAX: usize = 64 << 20;
const HEAD_BYTES: usize = 8;

/// An open log.
#[derive(Debug)]
pub(super) struct Log {
    file: File,
    bytes: u64,
}

/// What a log contained.
#[derive(Debug, Default)]
pub(super) struct Replayed {
    /// The columns of its rows; `None` if not even they were written.
    pub(super) schema: Option<Schema>,
    /// When each row becomes visible, and the row.
    pub(super) rows: Vec<(i64, Vec<Value>)>,
    /// The bytes that were cut off.
    pub(super) cut: u64,
}

fn frame(payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(payload.len() + HEAD_BYTES);
    frame.extend_from_slice(&u32::try_from(payload.len()).unwrap_or(u32::MAX).to_le_bytes());
    frame.extend_from_slice(&checksum(payload).to_le_bytes());
    frame.extend_from_slice(payload);
    frame
}

impl Log {
    /// A new log for rows with these columns.
    pub(super) fn create(path: &Path, schema: &Schema) -> io::Result<Self> {
        let file =
            OpenOptions::new().create(true).truncate(true).read(true).write(true).open(path)?;
        let mut log = Self { file, bytes: 0 };
        log.write(&serde_json::to_vec(schema).map_err(io::Error::other)?)?;
        Ok(log)
    }

    /// Opens a log, reads its rows, and cuts off a frame that is not whole.
    pub(super) fn open(path: &Path) -> io::Result<(Self, Replayed)> {
        let mut file = OpenOptions::new().read(true).write(true).open(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let (replayed, kept) = replay(&bytes);
        if kept < bytes.len() {
            file.set_len(kept as u64)?;
        }
        file.seek(SeekFrom::Start(kept as u64))?;
        Ok((Self { file, bytes: kept as u64 }, replayed))
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Appends a frame of rows.
    pub(super) fn append(&mut self, visible: i64, rows: &[Vec<Value>]) -> io::Result<()> {
        let mut payload = visible.to_le_bytes().to_vec();
        payload
            .extend_from_slice(&u32::try_from(rows.len()).map_err(io::Error::other)?.to_le_bytes());
        for value in rows.iter().flatten() {
            put(value, &mut payload);
        }
        if payload.len() > FRAME_BYTES_MAX {
            return Err(io::Error::other("too many bytes in one append"));
        }
        self.write(&payload)
    }

    /// Writes a frame; after an error, the log is as before.
    fn write(&mut self, payload: &[u8]) -> io::Result<()> {
        let frame = frame(payload);
        if let Err(error) = self.file.write_all(&frame) {
            self.file.set_len(self.bytes)?;
            self.file.seek(SeekFrom::Start(self.bytes))?;
            return Err(error);
        }
        self.bytes += frame.len() as u64;
        Ok(())
    }
}

/// The rows of all whole frames, and where the last of these ends.
fn replay(bytes: &[u8]) -> (Replayed, usize) {
    let mut replayed = Replayed::default();
    let mut reader = Reader(bytes);
    let mut kept = 0;
    while let Some(payload) = whole_frame(&mut reader) {
        match &replayed.schema {
            None => match serde_json::from_slice(payload) {
                Ok(schema) => replayed.schema = Some(schema),
                Err(_) => break,
            },
            Some(schema) => match take_rows(payload, schema) {
                Some(rows) => replayed.rows.extend(rows),
                None => break,
            },
        }
        kept = bytes.len() - reader.0.len();
    }
    replayed.cut = (bytes.len() - kept) as u64;
    (replayed, kept)
}

fn whole_frame<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let (length, sum) = (reader.u32()? as usize, reader.u32()?);
    if length > FRAME_BYTES_MAX {
        return None;
    }
    reader.bytes(length).filter(|payload| checksum(payload) == sum)
}

fn take_rows(payload: &[u8], schema: &Schema) -> Option<Vec<(i64, Vec<Value>)>> {
    let mut reader = Reader(payload);
    let (visible, count) = (reader.i64()?, reader.u32()?);
    let mut rows = Vec::new();
    for _ in 0..count {
        let values = schema.columns().iter().map(|column| take(&mut reader, column.kind));
        rows.push((visible, values.collect::<Option<Vec<_>>>()?));
    }
    reader.0.is_empty().then_some(rows)
}

/// A value: what it is, and then its bytes.
fn put(value: &Value, out: &mut Vec<u8>) {
    let mut text = |tag: u8, text: &str| {
        out.push(tag);
        out.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend_from_slice(text.as_bytes());
    };
    match value {
        Value::Null => out.push(0),
        Value::Bool(is) => out.extend_from_slice(&[1, u8::from(*is)]),
        Value::Long(number) => {
            out.push(2);
            out.extend_from_slice(&number.to_le_bytes());
        }
        Value::Real(number) => {
            out.push(3);
            out.extend_from_slice(&number.to_bits().to_le_bytes());
        }
        Value::Text(value) => text(4, value),
        Value::Dynamic(value) => text(5, &value.to_string()),
    }
}

fn take(reader: &mut Reader<'_>, kind: Type) -> Option<Value> {
    let value = match reader.u8()? {
        0 => Value::Null,
        1 => Value::Bool(reader.u8()? == 1),
        2 => Value::Long(reader.i64()?),
        3 => Value::Real(f64::from_bits(reader.i64()? as u64)),
        tag @ (4 | 5) => {
            let length = reader.u32()? as usize;
            let text = std::str::from_utf8(reader.bytes(length)?).ok()?;
            if tag == 4 {
                Value::text(text)
            } else {
                Value::dynamic(serde_json::from_str(text).ok()?)
            }
        }
        _ => return None,
    };
    kind.holds(&value).then_some(value)
}
