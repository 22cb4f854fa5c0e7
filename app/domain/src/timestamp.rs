//! Points in time.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// `2026-11-23T09:47:12Z`, for `<time datetime>` and exact times.
    #[must_use]
    pub fn iso(self) -> String {
        let (date, clock) = self.parts();
        format!("{date}T{clock}Z")
    }

    /// `2026-11-23 09:47:12 UTC`.
    #[must_use]
    pub fn utc(self) -> String {
        let (date, clock) = self.parts();
        format!("{date} {clock} UTC")
    }

    /// Parses a form field in UTC: `2026-11-23T09:47`, with or without seconds.
    #[must_use]
    pub fn parse_utc(text: &str) -> Option<Self> {
        let (date, clock) = text.trim_end_matches('Z').split_once(['T', ' '])?;
        let [year, month, day] = numbers(date, '-')?[..] else { return None };
        let (hour, minute, second) = match numbers(clock, ':')?[..] {
            [hour, minute] => (hour, minute, 0),
            [hour, minute, second] => (hour, minute, second),
            _ => return None,
        };
        let is_clock = hour < 24 && minute < 60 && second < 60;
        let days = days(year, month, day);
        // A date that does not exist, such as 31 February, does not survive the round trip.
        let is_date = (1..=12).contains(&month) && civil(days) == (year, month, day);
        let ms = ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000;
        (is_date && is_clock).then_some(Self(ms))
    }

    /// `2026-11-23T09:47:12`, the value of a form field in UTC.
    #[must_use]
    pub fn field(self) -> String {
        let (date, clock) = self.parts();
        format!("{date}T{clock}")
    }

    /// `09:47`, the label of a chart's axis.
    #[must_use]
    pub fn hour_minute(self) -> String {
        let (_, clock) = self.parts();
        clock.chars().take(5).collect()
    }

    /// The age at `now` in words: `just now`, `12 s ago`, `3 min ago`, `5 h ago`, `2 d ago`.
    #[must_use]
    pub fn ago(self, now: Timestamp) -> String {
        let seconds = (now.0 - self.0).max(0) / 1000;
        match seconds {
            0..=4 => "just now".to_owned(),
            5..=59 => format!("{seconds} s ago"),
            60..=3599 => format!("{} min ago", seconds / 60),
            3600..=86_399 => format!("{} h ago", seconds / 3600),
            _ => format!("{} d ago", seconds / 86_400),
        }
    }

    /// Milliseconds since an earlier time; 0 if `earlier` is later, for example after a clock was set back.
    #[must_use]
    pub fn since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0).max(0)
    }

    fn parts(self) -> (String, String) {
        let seconds = self.0.div_euclid(1000);
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let date = format!("{year:04}-{month:02}-{day:02}");
        let clock = format!("{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
        (date, clock)
    }
}

/// The proleptic Gregorian date of a day number (0 = 1970-01-01). Counting years from March puts the
/// leap day last, so that months need no table.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The day number of a date; the inverse of [`civil`].
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let march_month = (month + 9) % 12;
    let day_of_year = (153 * march_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Whole numbers of at most four digits.
fn numbers(text: &str, by: char) -> Option<Vec<i64>> {
    let number = |part: &str| {
        let is_number = (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        part.parse().ok().filter(|_| is_number)
    };
    text.split(by).map(number).collect()
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iso())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_right_at_the_edges() {
        for (ms, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(Timestamp(ms).iso(), expected);
        }
    }

    #[test]
    fn a_time_survives_a_round_trip_through_its_field() {
        for ms in [0, 951_782_400_000, 1_709_251_199_000, 4_107_542_400_000, 1_790_000_000_000] {
            assert_eq!(Timestamp::parse_utc(&Timestamp(ms).field()), Some(Timestamp(ms)));
            assert_eq!(Timestamp::parse_utc(&Timestamp(ms).iso()), Some(Timestamp(ms)));
        }
        assert_eq!(Timestamp::parse_utc("1970-01-01T00:01"), Some(Timestamp(60_000)));
        for text in [
            "",
            "2026-02-29T00:00",
            "2026-13-01T00:00",
            "2026-01-01T24:00",
            "2026-01-01",
            "x-01-01T00:00",
            "2026-01-01T00:00:00:00",
            "99999-01-01T00:00",
            "+026-01-01T00:00",
        ] {
            assert_eq!(Timestamp::parse_utc(text), None, "{text}");
        }
    }

    #[test]
    fn ages_use_the_largest_whole_unit() {
        let now = Timestamp(1_000_000_000);
        for (ms, expected) in [
            (0, "just now"),
            (-5_000, "just now"),
            (12_000, "12 s ago"),
            (119_000, "1 min ago"),
            (7_200_000, "2 h ago"),
            (172_800_000, "2 d ago"),
        ] {
            assert_eq!(Timestamp(now.0 - ms).ago(now), expected);
        }
    }
}
