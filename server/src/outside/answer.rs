//! Reading a body from outside.
//!
//! Bytes are counted as they come, so that a body without an end is dropped when it has too many. Nothing is
//! decompressed: the console asks for no compression, and an answer that is compressed nevertheless is refused. So
//! the bytes on the wire are all the bytes there are. How long it may take is the request's own deadline, which
//! goes to the last byte of the answer.

use super::caps::{DEPTH_MAX, VALUES_MAX};
use reqwest::Response;
use reqwest::header::CONTENT_ENCODING;

/// Why a body was not read.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// It has more bytes than are taken.
    #[error("it has more than {0} bytes")]
    TooLarge(usize),
    /// It is compressed.
    #[error("it is compressed, which was not asked for")]
    Compressed,
    /// The connection broke, or it took too long.
    #[error("the connection broke")]
    Broken(#[source] reqwest::Error),
}

/// Why a document is not parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Heavy {
    /// Too much of it.
    #[error("it holds more than {VALUES_MAX} values")]
    Values,
    /// Too deep.
    #[error("it is nested more than {DEPTH_MAX} levels deep")]
    Depth,
}

/// A whole body of at most so many bytes.
///
/// # Errors
/// [`Unread`]; what was read until then is dropped.
pub async fn whole(answer: Response, bytes_max: usize) -> Result<Vec<u8>, Unread> {
    let (bytes, is_whole) = beginning(answer, bytes_max).await?;
    if is_whole { Ok(bytes) } else { Err(Unread::TooLarge(bytes_max)) }
}

/// At most so many bytes of a body, from its beginning, and whether that is all of it.
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

/// Weighs a document of JSON before it is parsed: a short one may need much memory. What is no JSON weighs nothing
/// that the parser would not refuse.
///
/// # Errors
/// [`Heavy`].
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
            // A field counts twice: its name is a text, too.
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
    fn a_document_is_weighed_without_what_stands_in_its_texts() {
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
