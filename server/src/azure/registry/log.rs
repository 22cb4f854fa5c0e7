//! A run's log, read by pieces while ACR writes it. The log is an append blob. ACR sets its metadata `complete` after
//! the last piece.

use super::Registry;
use super::runs::is_run_id;
use super::upload::refused;
use crate::azure::arm::{self, Arm};
use crate::azure::error::Error;
use crate::azure::hosts;
use crate::azure::secret_url::SecretUrl;
use crate::outside::answer;
use crate::outside::caps::LOG_PIECE_BYTES_MAX;
use bytes::Bytes;
use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, HeaderMap, RANGE};
use reqwest::{Method, Response};
use serde_json::Value;

/// The code of the error when a link has expired.
pub const LINK_EXPIRED: &str = "LinkExpired";
/// Longest value of the metadata, in bytes. Source: ACR writes a status.
const COMPLETE_BYTES_MAX: usize = 60;

/// The end of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complete {
    /// ACR's word for the build's outcome, such as `successful`.
    pub outcome: String,
}

/// A piece of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPiece {
    /// Empty if there is nothing new.
    pub bytes: Bytes,
    /// Where the next piece begins, in bytes.
    pub next: u64,
    /// Only with the last piece.
    pub end: Option<Complete>,
}

/// Whether a new link to the log solves an error.
#[must_use]
pub fn is_link_expired(error: &Error) -> bool {
    matches!(error, Error::Rejected { code, .. } if code == LINK_EXPIRED)
}

pub(super) fn expired() -> Error {
    let message = "the link to the storage account is invalid or has expired. Request a new one";
    Error::Rejected { code: LINK_EXPIRED.to_owned(), message: message.to_owned() }
}

/// The URL of a run's log. It expires after some time.
///
/// # Errors
/// [`Error`]; [`Error::NotFound`] if the run has no log yet; [`Error::Garbled`] if the URL is not a storage URL of this
/// cloud.
pub async fn log_url(arm: &Arm, registry: &Registry, id: &str) -> Result<SecretUrl, Error> {
    is_run_id(id)?;
    let url = registry.url(arm, &["runs", id, "listLogSasUrl"], &[])?;
    let body = arm.send(Method::POST, url, None).await?.body;
    let Value::Object(fields) = body else { return Err(Error::garbled("a log without a link")) };
    let link = fields.get("logLink").and_then(Value::as_str).filter(|link| !link.is_empty());
    let link = link.ok_or_else(|| Error::NotFound("the run has no log yet".to_owned()))?;
    SecretUrl::parse(arm.cloud(), link)
}

/// The part of a log that begins at the byte `from`, with at most `max` bytes (and at most 1 MiB). It is sent once.
///
/// # Errors
/// [`Error`]; [`is_link_expired`] errors need a new link.
pub async fn log_piece(
    arm: &Arm,
    url: &SecretUrl,
    from: u64,
    max: usize,
) -> Result<LogPiece, Error> {
    let max = max.clamp(1, LOG_PIECE_BYTES_MAX);
    let last = from.saturating_add(max as u64 - 1);
    let answer = ask(arm, Method::GET, url, Some((from, last))).await?;
    match answer.status().as_u16() {
        206 => partial(answer, from, max).await,
        // A server without ranges sends the whole log.
        200 if from == 0 => {
            let total = length(answer.headers());
            let complete = complete(answer.headers());
            let (bytes, is_whole) = answer::beginning(answer, max).await.map_err(arm::unread)?;
            let total = if is_whole { Some(bytes.len() as u64) } else { total };
            Ok(piece(bytes, 0, total, complete))
        }
        200 => Err(Error::garbled("a log that ignores ranges")),
        // The blob appears with the first line.
        404 => Ok(LogPiece { bytes: Bytes::new(), next: from, end: None }),
        416 => nothing_new(arm, url, from).await,
        _ => Err(refused(&answer)),
    }
}

async fn ask(
    arm: &Arm,
    method: Method,
    url: &SecretUrl,
    range: Option<(u64, u64)>,
) -> Result<Response, Error> {
    let url = hosts::blob(arm.cloud(), url.expose())?;
    let mut request = arm.http().request(method, url).timeout(arm.within().answer);
    if let Some((from, last)) = range {
        request = request.header(RANGE, format!("bytes={from}-{last}"));
    }
    request.send().await.map_err(|error| arm::broken(&error))
}

async fn partial(answer: Response, from: u64, max: usize) -> Result<LogPiece, Error> {
    let range = answer.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
    let (begin, total) = range.and_then(content_range).unwrap_or((from, None));
    if begin != from {
        return Err(Error::garbled("another part of a log than the requested one"));
    }
    let complete = complete(answer.headers());
    let bytes = answer::whole(answer, max).await.map_err(arm::unread)?;
    Ok(piece(bytes, from, total, complete))
}

fn piece(bytes: Vec<u8>, from: u64, total: Option<u64>, complete: Option<Complete>) -> LogPiece {
    let next = from.saturating_add(bytes.len() as u64);
    let is_last = total.is_some_and(|total| next >= total);
    LogPiece { bytes: bytes.into(), next, end: complete.filter(|_| is_last) }
}

/// After 416, which carries no metadata.
async fn nothing_new(arm: &Arm, url: &SecretUrl, from: u64) -> Result<LogPiece, Error> {
    let answer = ask(arm, Method::HEAD, url, None).await?;
    if !answer.status().is_success() {
        return Err(refused(&answer));
    }
    let total = length(answer.headers());
    if total.is_some_and(|total| total < from) {
        return Err(Error::garbled("a log that has become shorter"));
    }
    Ok(piece(Vec::new(), from, total, complete(answer.headers())))
}

/// The first byte and the total of `bytes 0-99/1234`.
fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (begin, _) = range.split_once('-')?;
    Some((begin.trim().parse().ok()?, total.trim().parse().ok()))
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn complete(headers: &HeaderMap) -> Option<Complete> {
    let outcome = headers.get("x-ms-meta-complete")?.to_str().unwrap_or_default();
    let plain = |c: &char| c.is_ascii_graphic();
    Some(Complete { outcome: outcome.chars().filter(plain).take(COMPLETE_BYTES_MAX).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_with_and_without_its_total() {
        for (text, expected) in [
            ("bytes 0-99/1234", Some((0, Some(1234)))),
            ("bytes 100-199/*", Some((100, None))),
            ("bytes */1234", None),
            ("lines 1-2/3", None),
            ("", None),
        ] {
            assert_eq!(content_range(text), expected, "{text}");
        }
    }
}
