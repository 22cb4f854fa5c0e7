//! GitHub's error responses, including rate limits.

use super::error::Error;
use crate::outside::answer;
use crate::outside::line;
use domain::text::shortened;
use domain::timestamp::Timestamp;
use reqwest::header::HeaderMap;
use serde::Deserialize;

/// The wait after a rate limit without a time, in milliseconds.
const REST_MS: i64 = 60_000;
/// Longest message of GitHub that is shown, in characters.
const MESSAGE_CHARS_MAX: usize = 300;

/// GitHub's error body, read leniently.
#[derive(Debug, Default, Deserialize)]
struct Refused {
    #[serde(default)]
    message: String,
}

/// Maps an unsuccessful response to an error.
pub(super) fn error(
    status: u16,
    headers: &HeaderMap,
    body: Option<&[u8]>,
    now: Timestamp,
) -> Error {
    let body = body.filter(|body| answer::weigh(body).is_ok());
    let refused: Refused =
        body.and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
    let message = match refused.message.as_str() {
        "" => format!("HTTP {status}"),
        message => shortened(&line::field(message), MESSAGE_CHARS_MAX),
    };
    if let Some(until) = rests(status, headers, &message, now) {
        return Error::Limited { until };
    }
    match status {
        401 | 403 => Error::Denied(message),
        404 => Error::NotFound(message),
        408 | 500.. => Error::Unavailable(message),
        _ => Error::Rejected { status, message },
    }
}

/// The end of a rate limit, if the response is one.
fn rests(status: u16, headers: &HeaderMap, message: &str, now: Timestamp) -> Option<Timestamp> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.parse::<i64>().ok();
    if !matches!(status, 403 | 429) {
        return None;
    }
    if let Some(seconds) = number("retry-after") {
        return Some(Timestamp(now.0.saturating_add(seconds.clamp(1, 86_400) * 1_000)));
    }
    if number("x-ratelimit-remaining") == Some(0) {
        let reset = number("x-ratelimit-reset").map(|seconds| seconds.saturating_mul(1_000));
        let reset = reset.filter(|reset| *reset > now.0).unwrap_or(now.0 + REST_MS);
        return Some(Timestamp(reset.min(now.0 + 86_400_000)));
    }
    let is_limit = status == 429 || message.to_ascii_lowercase().contains("rate limit");
    is_limit.then(|| Timestamp(now.0 + REST_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            ((*name).parse().expect("a name"), value.parse().expect("a value"))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn rate_limits_are_distinguished_from_refusals() {
        let now = Timestamp(1_000_000);
        let check = |status, pairs: &[(&'static str, &str)], message, expected: Option<i64>| {
            let until = rests(status, &headers(pairs), message, now);
            assert_eq!(until, expected.map(Timestamp), "{status} {pairs:?} {message}");
        };
        check(429, &[("retry-after", "7")], "", Some(1_007_000));
        check(403, &[("retry-after", "7")], "", Some(1_007_000));
        check(
            403,
            &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "2000")],
            "",
            Some(2_000_000),
        );
        check(
            403,
            &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "5")],
            "",
            Some(1_060_000),
        );
        check(
            403,
            &[("x-ratelimit-remaining", "12")],
            "You have exceeded a secondary rate limit",
            Some(1_060_000),
        );
        check(403, &[("x-ratelimit-remaining", "12")], "Resource not accessible", None);
        check(429, &[], "", Some(1_060_000));
        check(404, &[("x-ratelimit-remaining", "0")], "", None);
        check(403, &[("retry-after", "99999999999")], "", Some(1_000_000 + 86_400_000));
    }
}
