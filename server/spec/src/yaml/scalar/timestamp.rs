//! Dates and times of YAML 1.1: recognised, checked, and told in UTC, as the SDK sends them.

use super::short;

/// Whether PyYAML takes a plain scalar for a date: `2024-01-02`, or with a time, then also `2024-1-2 3:04:05`.
pub(super) fn looks(text: &str) -> bool {
    parts(text).is_some_and(|parts| parts.time.is_some() || text.len() == "2024-01-02".len())
}

struct Parts<'a> {
    date: [u32; 3],
    time: Option<Time<'a>>,
}

struct Time<'a> {
    clock: [u32; 3],
    fraction: &'a str,
    zone: Option<Zone>,
}

/// Minutes east of Greenwich.
struct Zone(i32);

/// Takes `least` to `most` digits off the front.
fn digits<'a>(text: &mut &'a str, least: usize, most: usize) -> Option<&'a str> {
    let count = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if count < least {
        return None;
    }
    let (taken, rest) = text.split_at(count);
    *text = rest;
    Some(taken)
}

fn number(text: &mut &str, least: usize, most: usize) -> Option<u32> {
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
    let date = [year, month, day];
    if rest.is_empty() {
        return Some(Parts { date, time: None });
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
    let zone = zone(rest.trim_start_matches(blank), rest.is_empty())?;
    Some(Parts { date, time: Some(Time { clock: [hour, minute, second], fraction, zone }) })
}

fn zone(mut text: &str, absent: bool) -> Option<Option<Zone>> {
    if absent {
        return Some(None);
    }
    if text == "Z" {
        return Some(Some(Zone(0)));
    }
    let sign =
        if skip(&mut text, "-").is_some() { -1 } else { skip(&mut text, "+").map(|()| 1)? };
    let hours = number(&mut text, 1, 2)?;
    let minutes = match skip(&mut text, ":") {
        Some(()) => number(&mut text, 2, 2)?,
        None => 0,
    };
    let minutes = i32::try_from(hours * 60 + minutes).ok()?;
    text.is_empty().then_some(Some(Zone(sign * minutes)))
}

/// A date, or a date with a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timestamp {
    date: [u32; 3],
    time: Option<([u32; 3], u32, Option<i32>)>,
}

impl Timestamp {
    /// In ISO 8601 and UTC: `2024-01-02`, `2024-01-02T03:04:05.100000Z`. A time without zone is taken for
    /// UTC. `None` where that leaves the years 1 to 9999.
    #[must_use]
    pub fn in_utc(&self) -> Option<String> {
        let [year, month, day] = self.date;
        let Some(([hour, minute, second], micros, zone)) = self.time else {
            return Some(format!("{year:04}-{month:02}-{day:02}"));
        };
        let clock = i64::from(hour * 60 + minute) - i64::from(zone.unwrap_or(0));
        let (year, month, day) = date_of(day_of(self.date) + clock.div_euclid(24 * 60));
        let clock = clock.rem_euclid(24 * 60);
        let fraction = if micros == 0 { String::new() } else { format!(".{micros:06}") };
        let (hour, minute) = (clock / 60, clock % 60);
        (1..=9999).contains(&year).then(|| {
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
        })
    }
}

/// Days since 0000-03-01 of a date of the Gregorian calendar (years begin in March, so that leap days end them).
fn day_of([year, month, day]: [u32; 3]) -> i64 {
    let (year, month) = (i64::from(year) - i64::from(month <= 2), (i64::from(month) + 9) % 12);
    year * 365 + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * month + 2) / 5
        + i64::from(day)
        - 1
}

fn date_of(days: i64) -> (i64, i64, i64) {
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let year = era * 400 + year + i64::from(month >= 10);
    (year, if month < 10 { month + 3 } else { month - 9 }, day)
}

/// Reads what is a date of the calendar.
pub(super) fn read(text: &str) -> Result<Timestamp, String> {
    let wrong =
        || format!("“{}” is not a date of the calendar. Correct it, or quote it", short(text));
    let Parts { date, time } = parts(text).ok_or_else(wrong)?;
    let [year, month, day] = date;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    if year == 0 || !(1..=days).contains(&day) {
        return Err(wrong());
    }
    let Some(Time { clock, fraction, zone }) = time else {
        return Ok(Timestamp { date, time: None });
    };
    let [hour, minute, second] = clock;
    let zone = zone.map(|Zone(minutes)| minutes);
    if hour > 23 || minute > 59 || second > 59 || zone.is_some_and(|zone| zone.abs() >= 24 * 60) {
        return Err(wrong());
    }
    let micros = format!("{fraction:0<6.6}").parse().map_err(|_| wrong())?;
    Ok(Timestamp { date, time: Some((clock, micros, zone)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_utc() {
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

    #[test]
    fn days_count_up_one_by_one() {
        for days in 300..800_000 {
            let (year, month, day) = date_of(days);
            let number = |value| u32::try_from(value).expect("not negative");
            assert_eq!(day_of([number(year), number(month), number(day)]), days);
        }
    }
}
