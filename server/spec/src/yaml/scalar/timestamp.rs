//! Dates and times of YAML 1.1: recognised, checked, and written as Python's `isoformat` does.

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

/// The date in ISO 8601.
pub(super) fn read(text: &str) -> Result<String, String> {
    let wrong =
        || format!("“{}” is not a date of the calendar. Correct it, or quote it", short(text));
    let parts = parts(text).ok_or_else(wrong)?;
    let [year, month, day] = parts.date;
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
    let mut iso = format!("{year:04}-{month:02}-{day:02}");
    let Some(time) = parts.time else { return Ok(iso) };
    let [hour, minute, second] = time.clock;
    if hour > 23 || minute > 59 || second > 59 {
        return Err(wrong());
    }
    iso += &format!("T{hour:02}:{minute:02}:{second:02}");
    let micros = format!("{:0<6.6}", time.fraction);
    if micros.bytes().any(|c| c != b'0') {
        iso += &format!(".{micros}");
    }
    if let Some(Zone(minutes)) = time.zone {
        if minutes.abs() >= 24 * 60 {
            return Err(wrong());
        }
        let sign = if minutes < 0 { '-' } else { '+' };
        iso += &format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
    }
    Ok(iso)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_python_does() {
        for (text, iso) in [
            ("2024-02-29", "2024-02-29"),
            ("2024-1-2 3:04:05", "2024-01-02T03:04:05"),
            ("2001-12-14t21:59:43.10-05:00", "2001-12-14T21:59:43.100000-05:00"),
            ("2001-12-15T02:59:43.1Z", "2001-12-15T02:59:43.100000+00:00"),
            ("2001-12-15 02:59:43.0000009 +5", "2001-12-15T02:59:43+05:00"),
        ] {
            assert!(looks(text), "{text}");
            assert_eq!(read(text).as_deref(), Ok(iso));
        }
        for text in ["2024-1-2", "2024-01-02T", "2024-01-02 03:04", "20240102", "2024-01-02x"] {
            assert!(!looks(text), "{text}");
        }
        for text in ["2023-02-29", "0000-01-01", "2024-01-02 24:00:00", "2024-01-01 00:00:00 +24"] {
            assert!(looks(text) && read(text).is_err(), "{text}");
        }
    }
}
