//! Dates and times of YAML 1.1, converted to UTC as the SDK does.

use super::short;
use std::str::FromStr;
use time::{Date, Duration, Month, PrimitiveDateTime, Time};

/// Whether PyYAML reads a plain scalar as a date: `2024-01-02`, or with a time also `2024-1-2 3:04:05`.
pub(super) fn looks(text: &str) -> bool {
    parts(text).is_some_and(|parts| parts.clock.is_some() || text.len() == "2024-01-02".len())
}

/// The numbers of a date as written, which need not exist.
struct Parts<'a> {
    date: (i32, u8, u8),
    clock: Option<Clock<'a>>,
}

struct Clock<'a> {
    time: (u8, u8, u8),
    fraction: &'a str,
    /// Minutes east of Greenwich.
    east: i64,
}

/// Splits `least` to `most` digits off the front.
fn digits<'a>(text: &mut &'a str, least: usize, most: usize) -> Option<&'a str> {
    let count = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if count < least {
        return None;
    }
    let (taken, rest) = text.split_at(count);
    *text = rest;
    Some(taken)
}

fn number<T: FromStr>(text: &mut &str, least: usize, most: usize) -> Option<T> {
    digits(text, least, most)?.parse().ok()
}

fn skip(text: &mut &str, prefix: &str) -> Option<()> {
    *text = text.strip_prefix(prefix)?;
    Some(())
}

fn parts(text: &str) -> Option<Parts<'_>> {
    let mut rest = text;
    let year = number(&mut rest, 4, 4)?;
    skip(&mut rest, "-")?;
    let month = number(&mut rest, 1, 2)?;
    skip(&mut rest, "-")?;
    let day = number(&mut rest, 1, 2)?;
    let date = (year, month, day);
    if rest.is_empty() {
        return Some(Parts { date, clock: None });
    }
    let blank = [' ', '\t'];
    rest = match rest.strip_prefix(['T', 't']) {
        Some(rest) => rest,
        None => rest.strip_prefix(blank)?.trim_start_matches(blank),
    };
    let hour = number(&mut rest, 1, 2)?;
    skip(&mut rest, ":")?;
    let minute = number(&mut rest, 2, 2)?;
    skip(&mut rest, ":")?;
    let second = number(&mut rest, 2, 2)?;
    let mut fraction = "";
    if skip(&mut rest, ".").is_some() {
        fraction = digits(&mut rest, 0, usize::MAX)?;
    }
    // A time without a zone is UTC.
    let east = if rest.is_empty() { 0 } else { zone(rest.trim_start_matches(blank))? };
    Some(Parts { date, clock: Some(Clock { time: (hour, minute, second), fraction, east }) })
}

fn zone(mut text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let sign =
        if skip(&mut text, "-").is_some() { -1 } else { skip(&mut text, "+").map(|()| 1)? };
    let hours: i64 = number(&mut text, 1, 2)?;
    let minutes: i64 = match skip(&mut text, ":") {
        Some(()) => number(&mut text, 2, 2)?,
        None => 0,
    };
    text.is_empty().then_some(sign * (hours * 60 + minutes))
}

/// A date, or a date with a time and its zone in minutes east of Greenwich.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timestamp {
    date: Date,
    time: Option<(Time, i64)>,
}

impl Timestamp {
    /// In ISO 8601 and UTC: `2024-01-02`, `2024-01-02T03:04:05.100000Z`. `None` outside the years 1 to 9999.
    #[must_use]
    pub fn in_utc(&self) -> Option<String> {
        let shown = |date: Date| {
            format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
        };
        let Some((time, east)) = self.time else { return Some(shown(self.date)) };
        let utc = PrimitiveDateTime::new(self.date, time).checked_sub(Duration::minutes(east))?;
        let (hour, minute, second, micros) = utc.as_hms_micro();
        let fraction = if micros == 0 { String::new() } else { format!(".{micros:06}") };
        (1..=9999).contains(&utc.year()).then(|| {
            let date = shown(utc.date());
            format!("{date}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
        })
    }
}

/// Reads and checks a date.
pub(super) fn read(text: &str) -> Result<Timestamp, String> {
    let wrong = || {
        format!(
            "the date “{}” does not exist. Correct it, or quote it if it is a text",
            short(text)
        )
    };
    parts(text).and_then(existing).ok_or_else(wrong)
}

fn existing(Parts { date: (year, month, day), clock }: Parts<'_>) -> Option<Timestamp> {
    let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?;
    if year == 0 {
        return None;
    }
    let Some(Clock { time: (hour, minute, second), fraction, east }) = clock else {
        return Some(Timestamp { date, time: None });
    };
    let micros = format!("{fraction:0<6.6}").parse().ok()?;
    let time = Time::from_hms_micro(hour, minute, second, micros).ok()?;
    (east.abs() < 24 * 60).then_some(Timestamp { date, time: Some((time, east)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_converted_to_utc() {
        for (text, utc) in [
            ("2024-02-29", "2024-02-29"),
            ("2024-1-2 3:04:05", "2024-01-02T03:04:05Z"),
            ("2001-12-14t21:59:43.10-05:00", "2001-12-15T02:59:43.100000Z"),
            ("2024-03-01 00:30:00 +1", "2024-02-29T23:30:00Z"),
            ("1999-12-31 23:30:00 -01:00", "2000-01-01T00:30:00Z"),
            ("0001-01-01 00:00:00Z", "0001-01-01T00:00:00Z"),
        ] {
            assert!(looks(text), "{text}");
            assert_eq!(read(text).map(|time| time.in_utc()), Ok(Some(utc.to_owned())), "{text}");
        }
        for text in ["2024-1-2", "2024-01-02T", "2024-01-02 03:04", "20240102", "2024-01-02x"] {
            assert!(!looks(text), "{text}");
        }
        for text in ["2023-02-29", "0000-01-01", "2024-01-02 24:00:00", "2024-01-01 00:00:00 +24"] {
            assert!(looks(text) && read(text).is_err(), "{text}");
        }
        assert_eq!(read("0001-01-01 00:00:00 +1").map(|time| time.in_utc()), Ok(None));
    }
}
