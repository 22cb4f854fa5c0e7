//! Times and time spans as KQL counts them: in ticks of 100 ns, times since the beginning of the year 1
//! (Kusto: the datetime data type, the timespan data type).

use time::{Date, Month, OffsetDateTime};

/// Ticks of one second.
pub const SECOND: i64 = 10_000_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
/// Ticks of one day.
pub const DAY: i64 = 24 * HOUR;
/// The Unix epoch.
const EPOCH: i64 = 621_355_968_000_000_000;
/// The last tick of the year 9999.
const MAX: i64 = 3_155_378_975_999_999_999;
/// The Julian day of 1 January of the year 1.
const FIRST_DAY: i64 = 1_721_426;

/// The ticks of a time.
pub fn from_time(time: OffsetDateTime) -> i64 {
    let ticks = time.unix_timestamp_nanos() / 100 + i128::from(EPOCH);
    i64::try_from(ticks).unwrap_or(0).clamp(0, MAX)
}

/// The time of ticks; the epoch for ticks that are not a time.
pub fn to_time(ticks: i64) -> OffsetDateTime {
    let nanoseconds = (i128::from(ticks) - i128::from(EPOCH)) * 100;
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Whether ticks are a time from the years 1 to 9999.
pub(crate) fn is_time(ticks: i64) -> bool {
    (0..=MAX).contains(&ticks)
}

pub(crate) fn date(ticks: i64) -> Option<Date> {
    let day = i32::try_from(ticks.div_euclid(DAY) + FIRST_DAY).ok()?;
    Date::from_julian_day(day).ok()
}

/// The time of a date's beginning.
pub(crate) fn of_date(date: Date) -> i64 {
    (i64::from(date.to_julian_day()) - FIRST_DAY) * DAY
}

/// `2026-11-30T19:06:10.25Z`, as Log Analytics answers times.
pub fn format_time(ticks: i64) -> String {
    let Some(date) = date(ticks) else { return String::new() };
    let rest = ticks.rem_euclid(DAY);
    let (hours, minutes, seconds) = (rest / HOUR, rest % HOUR / MINUTE, rest % MINUTE / SECOND);
    let fraction = fraction(rest % SECOND, true);
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}{fraction}Z")
}

/// Seven digits after a point; nothing if they are all zero.
fn fraction(ticks: i64, is_trimmed: bool) -> String {
    if ticks == 0 {
        return String::new();
    }
    let digits = format!(".{ticks:07}");
    if is_trimmed { digits.trim_end_matches('0').to_owned() } else { digits }
}

/// `1.02:03:04.0500000`, as Log Analytics answers time spans.
pub fn format_span(ticks: i64) -> String {
    let sign = if ticks < 0 { "-" } else { "" };
    let ticks = ticks.saturating_abs();
    let days = if ticks >= DAY { format!("{}.", ticks / DAY) } else { String::new() };
    let (hours, minutes) = (ticks % DAY / HOUR, ticks % HOUR / MINUTE);
    let (seconds, fraction) = (ticks % MINUTE / SECOND, fraction(ticks % SECOND, false));
    format!("{sign}{days}{hours:02}:{minutes:02}:{seconds:02}{fraction}")
}

/// A time in one of the ISO 8601 formats that Kusto lists: a date, or a date with hours and minutes, seconds, a fraction and
/// an offset.
pub fn parse_time(text: &str) -> Option<i64> {
    let text = text.trim();
    let (day, rest) = match text.split_once(['T', 't', ' ']) {
        Some((day, rest)) => (day, Some(rest.trim_start())),
        None => (text, None),
    };
    let mut parts = day.split('-');
    let (year, month) = (number(parts.next()?, 4)?, number(parts.next()?, 2)?);
    let day = number(parts.next()?, 2)?;
    if parts.next().is_some() {
        return None;
    }
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(year as i32, month, u8::try_from(day).ok()?).ok()?;
    let start = of_date(date);
    let ticks = match rest {
        Some(rest) => start + time_of_day(rest)?,
        None => start,
    };
    is_time(ticks).then_some(ticks)
}

fn number(text: &str, digits_max: usize) -> Option<i64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || text.len() > digits_max {
        return None;
    }
    text.parse().ok()
}

/// `19:06[:10[.25]][Z|+01:00]`, in ticks from UTC's midnight.
fn time_of_day(text: &str) -> Option<i64> {
    let at = text.find(['Z', 'z', '+', '-', 'G']).unwrap_or(text.len());
    let (clock, zone) = text.split_at(at);
    let offset = match zone.trim() {
        "" | "Z" | "z" | "GMT" => 0,
        zone => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            sign * clock_ticks(zone.get(1..)?)?
        }
    };
    Some(clock_ticks(clock.trim())? - offset)
}

/// `hh:mm[:ss[.fffffff]]`
fn clock_ticks(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let (hours, minutes) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let seconds = parts.next().unwrap_or("0");
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let whole = number(whole, 2)?;
    if parts.next().is_some() || hours > 23 || minutes > 59 || whole > 59 {
        return None;
    }
    Some(hours * HOUR + minutes * MINUTE + whole * SECOND + fraction_ticks(fraction)?)
}

fn fraction_ticks(digits: &str) -> Option<i64> {
    if digits.is_empty() {
        return Some(0);
    }
    let kept = &digits.get(..digits.len().min(7))?;
    let missing = u32::try_from(7 - kept.len()).ok()?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(kept.parse::<i64>().ok()? * 10_i64.pow(missing))
}

/// A unit of a time span, in ticks.
pub(crate) fn unit(name: &str) -> Option<i64> {
    Some(match name {
        "d" | "day" | "days" => DAY,
        "h" | "hr" | "hrs" | "hour" | "hours" => HOUR,
        "m" | "min" | "minute" | "minutes" => MINUTE,
        "s" | "sec" | "second" | "seconds" => SECOND,
        "ms" | "milli" | "millis" | "millisecond" | "milliseconds" => SECOND / 1000,
        "micro" | "micros" | "microsecond" | "microseconds" => 10,
        "nano" | "nanos" | "nanosecond" | "nanoseconds" => 0,
        "tick" | "ticks" => 1,
        _ => return None,
    })
}

/// A number and a unit, in ticks; nanoseconds are hundredths of ticks.
pub(crate) fn span(number: f64, name: &str) -> Option<i64> {
    let unit = unit(name)?;
    let ticks = if unit == 0 { number / 100.0 } else { number * unit as f64 };
    (ticks.abs() < 9.0e18).then_some(ticks.round() as i64)
}

/// `5m`, `15 seconds`, `2` (days), `0.12:34:56.7` (days, then a clock).
pub fn parse_span(text: &str) -> Option<i64> {
    let text = text.trim();
    let (is_negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text),
    };
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (head, tail) = text.split_at(at);
    let ticks = if tail.starts_with(':') {
        let (days, clock) = match head.split_once('.') {
            Some((days, _)) => (number(days, 7)?, text.get(days.len() + 1..)?),
            None => (0, text),
        };
        days * DAY + clock_ticks(clock)?
    } else {
        let tail = if tail.trim().is_empty() { "d" } else { tail.trim() };
        span(head.parse().ok()?, tail)?
    };
    Some(if is_negative { -ticks } else { ticks })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_the_iso_formats_and_written_back() {
        // Kusto, "The datetime data type", ISO 8601.
        for (text, written) in [
            ("2014-05-25T08:20:03.123456Z", "2014-05-25T08:20:03.123456Z"),
            ("2014-05-25T08:20", "2014-05-25T08:20:00Z"),
            ("2014-11-08 15:55:55", "2014-11-08T15:55:55Z"),
            ("2014-11-08", "2014-11-08T00:00:00Z"),
            ("2014-11-08T01:00:00+02:00", "2014-11-07T23:00:00Z"),
        ] {
            assert_eq!(parse_time(text).map(format_time).as_deref(), Some(written), "{text}");
        }
        for text in ["", "now()", "2014-13-01", "2014-02-30", "2014-11-08T25:00", "99999-01-01"] {
            assert_eq!(parse_time(text), None, "{text}");
        }
        let time = parse_time("2014-05-25T08:20:03.123456Z").expect("a time");
        assert_eq!(from_time(to_time(time)), time);
        // The page's example of ticks.
        assert_eq!(parse_time("0100-01-01"), Some(31_241_376_000_000_000));
    }

    #[test]
    fn time_spans_are_read_in_the_documented_formats() {
        // Kusto, "The timespan data type", timespan literals.
        for (text, ticks) in [
            ("2d", 2 * DAY),
            ("1.5h", 90 * MINUTE),
            ("30m", 30 * MINUTE),
            ("10s", 10 * SECOND),
            ("100ms", SECOND / 10),
            ("10microsecond", 100),
            ("1tick", 1),
            ("15 seconds", 15 * SECOND),
            ("2", 2 * DAY),
            ("0.12:34:56.7", 12 * HOUR + 34 * MINUTE + 56 * SECOND + 7_000_000),
            ("00:01:00", MINUTE),
            ("-1h", -HOUR),
        ] {
            assert_eq!(parse_span(text), Some(ticks), "{text}");
        }
        assert_eq!(parse_span("5x"), None);
        assert_eq!(format_span(DAY + 2 * HOUR + 5), "1.02:00:00.0000005");
        assert_eq!(format_span(-5 * MINUTE), "-00:05:00");
    }
}
