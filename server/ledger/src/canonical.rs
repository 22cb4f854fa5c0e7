//! The one way in which an entry is written: RFC 8785 (JSON Canonicalization Scheme) in one line.
//!
//! Nothing sorts at run time: the structs declare their fields in alphabetical order, maps are sorted,
//! there are no floats, and `serde_json` escapes strings as RFC 8785 wants. A test compares with a
//! general canonicalizer. Reading is as strict: what would not be written the same way is refused, so
//! that every change of a byte is a change of the ledger.

use crate::entry::Entry;
use crate::{LINE_BYTES_MAX, VERSION};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why a line is not in its canonical form.
#[derive(Debug, thiserror::Error)]
pub enum NotCanonical {
    /// It is longer than [`LINE_BYTES_MAX`].
    #[error("it is longer than {LINE_BYTES_MAX} bytes")]
    TooLong,
    /// It is not JSON of this shape.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// It was written by a version that this one does not know.
    #[error("it is in format {0}, and this version of Understudy reads format {VERSION}")]
    Version(u32),
    /// It means something, but was not written like this.
    #[error(
        "it is not written as the ledger writes (RFC 8785): white space, order or escapes differ"
    )]
    Form,
}

/// Writes a value whose fields are declared in alphabetical order.
pub(crate) fn write<T: Serialize>(value: &T) -> Vec<u8> {
    // No maps with odd keys and no floats: it cannot fail.
    serde_json::to_vec(value).unwrap_or_default()
}

/// Reads what [`write`] wrote and nothing else.
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

/// An entry's line, without its end.
///
/// # Errors
/// [`NotCanonical::TooLong`].
pub fn line(entry: &Entry) -> Result<Vec<u8>, NotCanonical> {
    let line = write(entry);
    if line.len() > LINE_BYTES_MAX { Err(NotCanonical::TooLong) } else { Ok(line) }
}

/// Reads a line, without its end.
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
    /// Reads a line, without its end.
    ///
    /// # Errors
    /// [`NotCanonical`].
    pub fn entry(&mut self, line: &[u8]) -> Result<Entry, NotCanonical> {
        let entry: Entry = read(line, &mut self.again)?;
        if entry.v == VERSION { Ok(entry) } else { Err(NotCanonical::Version(entry.v)) }
    }
}
