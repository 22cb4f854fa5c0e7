//! Times in the formats of Azure's wire. The clock itself is [`dataplane::Clock`].

use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

const ARM: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:7]+00:00");
const ZULU: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
const MILLI: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
const HTTP: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

fn in_utc(moment: OffsetDateTime, format: &[BorrowedFormatItem<'_>]) -> String {
    // Writing to memory cannot fail, and the formats name only what a moment has.
    moment.to_offset(UtcOffset::UTC).format(format).unwrap_or_default()
}

/// ARM's format: seven fractional digits and a numeric offset, for example
/// `2022-10-28T19:14:54.2541612+00:00`.
pub fn arm(moment: OffsetDateTime) -> String {
    in_utc(moment, ARM)
}

/// Azure Monitor's format: whole seconds and `Z`.
pub fn zulu(moment: OffsetDateTime) -> String {
    in_utc(moment, ZULU)
}

/// Azure Load Testing's format: Unix milliseconds as `2024-10-09T08:17:26.425Z`.
pub fn milli(ms: i64) -> String {
    let nanoseconds = i128::from(ms) * 1_000_000;
    let moment = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds);
    in_utc(moment.unwrap_or(OffsetDateTime::UNIX_EPOCH), MILLI)
}

/// Unix milliseconds.
pub fn unix_ms(moment: OffsetDateTime) -> i64 {
    i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

/// RFC 1123, as in HTTP's `Last-Modified`.
pub fn http(moment: OffsetDateTime) -> String {
    in_utc(moment, HTTP)
}

/// Reads RFC 3339 with any number of fractional digits; a time without a zone is UTC.
pub fn parse(text: &str) -> Option<OffsetDateTime> {
    let text = text.trim().replace(' ', "+");
    OffsetDateTime::parse(&text, &Rfc3339)
        .or_else(|_| OffsetDateTime::parse(&format!("{text}Z"), &Rfc3339))
        .or_else(|_| OffsetDateTime::parse(&format!("{text}T00:00:00Z"), &Rfc3339))
        .ok()
}

/// Reads the ISO 8601 durations that Azure ML uses: `PT5S`, `PT1M30S`, `PT0.5S`, `P1DT2H`.
pub fn duration(text: &str) -> Option<std::time::Duration> {
    let rest = text.trim().strip_prefix(['P', 'p'])?;
    let (mut seconds, mut in_time, mut number) = (0.0, false, String::new());
    for c in rest.chars() {
        match c.to_ascii_uppercase() {
            'T' => in_time = true,
            '0'..='9' | '.' => number.push(c),
            unit => {
                let value: f64 = std::mem::take(&mut number).parse().ok()?;
                seconds += value
                    * match (unit, in_time) {
                        ('D', false) => 86_400.0,
                        ('H', true) => 3_600.0,
                        ('M', true) => 60.0,
                        ('S', true) => 1.0,
                        _ => return None,
                    };
            }
        }
    }
    number.is_empty().then_some(())?;
    std::time::Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn durations_are_parsed_in_azures_format() {
        let check = |text, expect: Option<u64>| {
            assert_eq!(duration(text), expect.map(Duration::from_millis), "{text}");
        };
        check("PT5S", Some(5_000));
        check("PT1M30S", Some(90_000));
        check("PT0.5S", Some(500));
        check("P1D", Some(86_400_000));
        check("PT3", None);
        check("5s", None);
    }

    #[test]
    fn seven_digits_survive_a_round_trip() {
        let text = "2022-10-28T19:14:54.2541612+00:00";
        assert_eq!(parse(text).map(arm).as_deref(), Some(text));
    }
}
