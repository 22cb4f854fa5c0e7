//! The canonical form of an entry: RFC 8785 (JSON Canonicalization Scheme) in one line.
//!
//! No code sorts at run time: the structs declare their fields in alphabetical order, maps are sorted, there are no
//! floats, and `serde_json` escapes strings as RFC 8785 requires. A test compares with a general canonicalizer. Reading
//! is as strict: a line in any other form is refused, so that no byte can be changed unnoticed.

use crate::entry::Entry;
use crate::{LINE_BYTES_MAX, VERSION};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why a line is not in its canonical form.
#[derive(Debug, thiserror::Error)]
pub enum NotCanonical {
    #[error("it is longer than {LINE_BYTES_MAX} bytes")]
    TooLong,
    /// The line is not JSON of this shape.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// Another version has written the line.
    #[error("it is in format {0}, but this version of Understudy reads format {VERSION}")]
    Version(u32),
    /// The line is valid JSON of this shape, but not in canonical form.
    #[error(
        "it is not written as the ledger writes (RFC 8785): white space, order or escapes differ"
    )]
    Form,
}

/// Writes a value whose fields are declared in alphabetical order.
pub(crate) fn write<T: Serialize>(value: &T) -> Vec<u8> {
    // Cannot fail: all keys are strings, and there are no floats.
    serde_json::to_vec(value).unwrap_or_default()
}

/// Reads what [`write`] wrote, and rejects any other form.
pub(crate) fn read<T: Serialize + DeserializeOwned>(
    line: &[u8],
    again: &mut Vec<u8>,
) -> Result<T, NotCanonical> {
    if line.len() > LINE_BYTES_MAX {
        return Err(NotCanonical::TooLong);
    }
    let value: T = serde_json::from_slice(line)?;
    again.clear();
    serde_json::to_writer(&mut *again, &value)?;
    if again == line { Ok(value) } else { Err(NotCanonical::Form) }
}

/// An entry's line, without the line end.
///
/// # Errors
/// [`NotCanonical::TooLong`].
pub fn line(entry: &Entry) -> Result<Vec<u8>, NotCanonical> {
    let line = write(entry);
    if line.len() > LINE_BYTES_MAX { Err(NotCanonical::TooLong) } else { Ok(line) }
}

/// Reads a line, without the line end.
///
/// # Errors
/// [`NotCanonical`].
pub fn entry(line: &[u8]) -> Result<Entry, NotCanonical> {
    Reader::default().entry(line)
}

/// Reads many lines with one buffer.
#[derive(Debug, Default)]
pub struct Reader {
    again: Vec<u8>,
}

impl Reader {
    /// Reads a line, without the line end.
    ///
    /// # Errors
    /// [`NotCanonical`].
    pub fn entry(&mut self, line: &[u8]) -> Result<Entry, NotCanonical> {
        let entry: Entry = read(line, &mut self.again)?;
        if entry.v == VERSION { Ok(entry) } else { Err(NotCanonical::Version(entry.v)) }
    }
}
