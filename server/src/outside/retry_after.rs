//! When a service asks to be asked again.

use domain::timestamp::Timestamp;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The pause that a response asks for: `retry-after-ms` (Azure's own, more precise), or `Retry-After` (RFC 9110
/// §10.2.3) as seconds or as a date. A date counts from the response's own `Date` if it has one, so that clocks that
/// differ do no harm, and otherwise from `now`; without either it says nothing. A date in the past is no pause. The
/// pause is not bounded here.
#[must_use]
pub fn pause(headers: &HeaderMap, now: Option<Timestamp>) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(milliseconds) = text("retry-after-ms").and_then(|value| value.parse().ok()) {
        return Some(Duration::from_millis(milliseconds));
    }
    let value = text(RETRY_AFTER.as_str())?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    let sent = text(DATE.as_str()).and_then(|value| httpdate::parse_http_date(value).ok());
    let from = sent.or_else(|| now.map(time_of))?;
    Some(date.duration_since(from).unwrap_or_default())
}

fn time_of(now: Timestamp) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(now.0).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-09-21T14:13:20Z.
    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    fn asked(headers: &[(&'static str, &'static str)]) -> Option<Duration> {
        let parsed = headers
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")));
        pause(&parsed.collect(), Some(NOW))
    }

    #[test]
    fn seconds_milliseconds_and_dates_are_read() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        for (headers, expected) in [
            (&[("retry-after", "120")][..], seconds(120)),
            (&[("retry-after", " 7 ")], seconds(7)),
            (&[("retry-after", "9"), ("retry-after-ms", "250")], Some(Duration::from_millis(250))),
            (&[("retry-after", "Mon, 21 Sep 2026 14:13:50 GMT")], seconds(30)),
            (&[("retry-after", "Mon, 21 Sep 2026 14:00:00 GMT")], seconds(0)),
            // The service's clock is an hour ahead.
            (
                &[
                    ("date", "Mon, 21 Sep 2026 15:13:20 GMT"),
                    ("retry-after", "Mon, 21 Sep 2026 15:13:35 GMT"),
                ],
                seconds(15),
            ),
            (&[("retry-after", "soon")], None),
            (&[("retry-after", "-1")], None),
            (&[("retry-after", "")], None),
            (&[], None),
        ] {
            assert_eq!(asked(headers), expected, "{headers:?}");
        }
    }
}
