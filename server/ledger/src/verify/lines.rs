//! Reads lines of bounded length, without the line ends.

use crate::LINE_BYTES_MAX;
use std::io::{BufRead, Read as _, Result};

/// The result of a read.
pub(super) enum Line<'a> {
    /// A line that has a line end.
    Text(&'a [u8]),
    /// The last bytes, without a line end.
    Unended(&'a [u8]),
    TooLong,
    End,
}

/// Reads lines into one buffer.
pub(super) struct Lines<R> {
    from: R,
    buffer: Vec<u8>,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from, buffer: Vec::new(), number: 0 }
    }

    /// The number of the last line read, counted from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn next(&mut self) -> Result<Line<'_>> {
        self.buffer.clear();
        self.number += 1;
        let limit = u64::try_from(LINE_BYTES_MAX).unwrap_or(u64::MAX) + 1;
        let count = (&mut self.from).take(limit).read_until(b'\n', &mut self.buffer)?;
        Ok(match self.buffer.split_last() {
            None => Line::End,
            Some((b'\n', line)) => Line::Text(line),
            Some(_) if count > LINE_BYTES_MAX => Line::TooLong,
            Some(_) => Line::Unended(&self.buffer),
        })
    }
}
