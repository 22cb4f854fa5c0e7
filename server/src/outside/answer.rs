//! Reads bodies of responses, with limits.
//!
//! Bytes are counted as they arrive, so an endless body is dropped at the limit. The console requests no compression
//! and rejects compressed responses, so a body cannot grow after it was read. The request's timeout covers the response
//! up to its last byte.

use super::caps::{DEPTH_MAX, VALUES_MAX};
use reqwest::Response;
use reqwest::header::CONTENT_ENCODING;

/// Why a body was not read.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// The limit in bytes.
    #[error("it has more than {0} bytes")]
    TooLarge(usize),
    #[error("it is compressed, although the console did not request compression")]
    Compressed,
    /// The connection broke or the request timed out.
    #[error("the connection broke")]
    Broken(#[source] reqwest::Error),
}

/// Why a document is not parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Heavy {
    #[error("it holds more than {VALUES_MAX} values")]
    Values,
    #[error("it is nested more than {DEPTH_MAX} levels deep")]
    Depth,
}

/// Reads a whole body of at most `bytes_max` bytes.
pub async fn whole(answer: Response, bytes_max: usize) -> Result<Vec<u8>, Unread> {
    let (bytes, is_whole) = beginning(answer, bytes_max).await?;
    if is_whole { Ok(bytes) } else { Err(Unread::TooLarge(bytes_max)) }
}

/// Reads the first `bytes_max` bytes of a body. The second value is whether this is the whole body.
///
/// # Errors
/// [`Unread::Compressed`], [`Unread::Broken`].
pub async fn beginning(mut answer: Response, bytes_max: usize) -> Result<(Vec<u8>, bool), Unread> {
    let mut encodings = answer.headers().get_all(CONTENT_ENCODING).iter();
    if encodings.any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Unread::Compressed);
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(Unread::Broken)? {
        let room = bytes_max - bytes.len();
        bytes.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if chunk.len() > room {
            return Ok((bytes, false));
        }
    }
    Ok((bytes, true))
}

/// Checks the size of a JSON document before it is parsed, because a short document may need much memory. Invalid JSON
/// may pass; the parser rejects it.
pub fn weigh(json: &[u8]) -> Result<(), Heavy> {
    let (mut values, mut depth) = (1_usize, 0_usize);
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => skip_text(&mut bytes),
            b'[' | b'{' => {
                depth += 1;
                values += 1;
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            // A field counts twice, because its name is a string too.
            b',' | b':' => values += 1,
            _ => {}
        }
        if values > VALUES_MAX {
            return Err(Heavy::Values);
        }
        if depth > DEPTH_MAX {
            return Err(Heavy::Depth);
        }
    }
    Ok(())
}

fn skip_text(bytes: &mut std::slice::Iter<'_, u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => _ = bytes.next(),
            b'"' => return,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contents_of_strings_do_not_count() {
        let items = |count: usize, item: &str| format!("[{}]", vec![item; count].join(","));
        let deep = |levels| "[".repeat(levels) + &"]".repeat(levels);
        for (json, expected) in [
            (String::new(), Ok(())),
            ("null".to_owned(), Ok(())),
            (items(VALUES_MAX - 2, "0"), Ok(())),
            (items(VALUES_MAX + 1, "0"), Err(Heavy::Values)),
            (items(VALUES_MAX / 2 + 1, "[]"), Err(Heavy::Values)),
            (items(VALUES_MAX / 3 + 1, "{\"a\":0}"), Err(Heavy::Values)),
            (format!("[\"{}\"]", ",".repeat(VALUES_MAX * 2)), Ok(())),
            (format!("[\"\\\"{}\\\\\"]", "[".repeat(VALUES_MAX * 2)), Ok(())),
            (format!("[\"\\\\\",{}]", items(VALUES_MAX, "0")), Err(Heavy::Values)),
            (deep(DEPTH_MAX), Ok(())),
            (deep(DEPTH_MAX + 1), Err(Heavy::Depth)),
            ("{\"a\":".repeat(DEPTH_MAX + 1), Err(Heavy::Depth)),
            ("\"no end".to_owned(), Ok(())),
        ] {
            let shown = json.get(..30.min(json.len())).unwrap_or_default();
            assert_eq!(weigh(json.as_bytes()), expected, "{shown}… of {}", json.len());
        }
    }
}
