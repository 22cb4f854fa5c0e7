//! Bodies of requests and answers that are files. A file may be large, or still grow, so it is read in chunks and never as
//! a whole.

use std::io::SeekFrom;
use std::path::Path;

use axum::body::Body;
use bytes::Bytes;
use futures::StreamExt;
use http::{HeaderMap, HeaderValue, header};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

/// The size of one read, in bytes.
const CHUNK_BYTES: u64 = 64 * 1024;

/// The part of a file that a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Everything: the request has no range, or none that can be understood (RFC 9110 §14.2).
    Whole,
    /// `length` bytes from `from`; at least one byte.
    Range { from: u64, length: u64 },
    /// The range begins at or after the end.
    Beyond,
}

impl Part {
    /// What `Range` asks of a file of `total` bytes. Only the form `bytes=from-[to]` exists, as in Azure Storage.
    pub fn asked(headers: &HeaderMap, total: u64) -> Self {
        let range = headers.get("x-ms-range").or_else(|| headers.get(header::RANGE));
        let read = |value: &HeaderValue| {
            let (from, to) = value.to_str().ok()?.strip_prefix("bytes=")?.split_once('-')?;
            let from: u64 = from.trim().parse().ok()?;
            let to = if to.trim().is_empty() { u64::MAX } else { to.trim().parse().ok()? };
            (from <= to).then_some((from, to))
        };
        match range.and_then(read) {
            None => Self::Whole,
            Some((from, _)) if from >= total => Self::Beyond,
            Some((from, to)) => Self::Range { from, length: to.min(total - 1) - from + 1 },
        }
    }
}

/// The bytes of a file from `from`.
///
/// # Errors
/// If the file cannot be opened. If it turns out to be shorter, the body ends with an error.
pub async fn read(path: &Path, from: u64, length: u64) -> std::io::Result<Body> {
    let mut file = tokio::fs::File::open(path).await?;
    file.seek(SeekFrom::Start(from)).await?;
    let chunks = futures::stream::try_unfold((file, length), |(mut file, left)| async move {
        let size = left.min(CHUNK_BYTES);
        let Ok(size @ 1..) = usize::try_from(size) else { return Ok(None) };
        let mut chunk = vec![0; size];
        file.read_exact(&mut chunk).await?;
        Ok::<_, std::io::Error>(Some((Bytes::from(chunk), (file, left - size as u64))))
    });
    Ok(Body::from_stream(chunks))
}

/// Why a body was not received.
#[derive(Debug)]
pub enum Unreceived {
    TooLong,
    /// The sender stopped in the middle.
    Broken,
    Disk(std::io::Error),
}

impl From<std::io::Error> for Unreceived {
    fn from(error: std::io::Error) -> Self {
        Self::Disk(error)
    }
}

/// Appends a request's body to a file, which is created if it does not exist. Returns the number of bytes.
///
/// # Errors
/// If the body has more than `bytes_max` bytes or does not end well, or the disk fails.
pub async fn receive(body: Body, file: &Path, bytes_max: u64) -> Result<u64, Unreceived> {
    let mut out = tokio::fs::File::options().append(true).create(true).open(file).await?;
    let mut chunks = body.into_data_stream();
    let mut received: u64 = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Unreceived::Broken)?;
        received += chunk.len() as u64;
        if received > bytes_max {
            return Err(Unreceived::TooLong);
        }
        out.write_all(&chunk).await?;
    }
    out.flush().await?;
    Ok(received)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_end_with_the_file_and_cannot_begin_there() {
        let asked = |range: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, HeaderValue::from_static(range));
            Part::asked(&headers, 10)
        };
        assert_eq!(asked("bytes=0-0"), Part::Range { from: 0, length: 1 });
        assert_eq!(asked("bytes=4-"), Part::Range { from: 4, length: 6 });
        assert_eq!(asked("bytes=9-400"), Part::Range { from: 9, length: 1 });
        assert_eq!(asked("bytes=10-"), Part::Beyond);
        assert_eq!(asked("bytes=0-18446744073709551615"), Part::Range { from: 0, length: 10 });
        for unclear in ["bytes=5-4", "bytes=-4", "lines=0-4", "bytes=a-b"] {
            assert_eq!(asked(unclear), Part::Whole, "{unclear}");
        }
        assert_eq!(Part::asked(&HeaderMap::new(), 0), Part::Whole);
    }
}
