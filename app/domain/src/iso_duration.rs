//! Durations as Azure Monitor writes them: ISO 8601 without years and months, such as `PT5M` or `P1D`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A duration in whole seconds, at most [`IsoDuration::SECONDS_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IsoDuration(u32);

/// Why a text is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a duration. Write one such as PT5M, PT1H or P1D")]
pub struct NotADuration(String);

impl IsoDuration {
    /// The longest duration, in seconds: a year, longer than any that Azure Monitor allows.
    pub const SECONDS_MAX: u32 = 366 * 86_400;

    /// So many minutes; at most a year.
    #[must_use]
    pub const fn minutes(minutes: u32) -> Self {
        let seconds = minutes.saturating_mul(60);
        Self(if seconds > Self::SECONDS_MAX { Self::SECONDS_MAX } else { seconds })
    }

    /// In seconds.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.0
    }

    /// In whole minutes, rounded down.
    #[must_use]
    pub const fn whole_minutes(self) -> u32 {
        self.0 / 60
    }

    /// In words: `15 minutes`, `1 hour`, `90 seconds`.
    #[must_use]
    pub fn words(self) -> String {
        let (count, unit) = match self.0 {
            seconds if seconds > 0 && seconds.is_multiple_of(86_400) => (seconds / 86_400, "day"),
            seconds if seconds > 0 && seconds.is_multiple_of(3_600) => (seconds / 3_600, "hour"),
            seconds if seconds > 0 && seconds.is_multiple_of(60) => (seconds / 60, "minute"),
            seconds => (seconds, "second"),
        };
        let end = if count == 1 { "" } else { "s" };
        format!("{count} {unit}{end}")
    }
}

impl FromStr for IsoDuration {
    type Err = NotADuration;

    fn from_str(text: &str) -> Result<Self, NotADuration> {
        read(text).map(Self).ok_or_else(|| NotADuration(crate::text::shortened(text, 40)))
    }
}

/// The seconds of `P[nD][T[nH][nM][nS]]` with at least one part. A fraction of zeros, as .NET writes it, is allowed.
fn read(text: &str) -> Option<u32> {
    let rest = text.strip_prefix('P')?;
    let (date, time) = match rest.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (rest, ""),
    };
    let mut seconds = 0_u32;
    let mut parts = 0;
    for (mut text, units) in
        [(date, &[('D', 86_400)][..]), (time, &[('H', 3_600), ('M', 60), ('S', 1)][..])]
    {
        for (unit, factor) in units {
            let Some((number, rest)) = text.split_once(*unit) else { continue };
            let number = number.split_once('.').map_or(Some(number), |(whole, fraction)| {
                (!fraction.is_empty() && fraction.bytes().all(|digit| digit == b'0'))
                    .then_some(whole)
            })?;
            let is_number = (1..=8).contains(&number.len())
                && number.bytes().all(|digit| digit.is_ascii_digit());
            let number: u32 = number.parse().ok().filter(|_| is_number)?;
            seconds = seconds.checked_add(number.checked_mul(*factor)?)?;
            (text, parts) = (rest, parts + 1);
        }
        if !text.is_empty() {
            return None;
        }
    }
    (parts > 0 && seconds <= IsoDuration::SECONDS_MAX).then_some(seconds)
}

impl fmt::Display for IsoDuration {
    /// `PT5M`, `PT1H30M`, `P1D`, `PT0S`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, rest) = (self.0 / 86_400, self.0 % 86_400);
        f.write_str("P")?;
        if days > 0 {
            write!(f, "{days}D")?;
        }
        if rest == 0 && days > 0 {
            return Ok(());
        }
        f.write_str("T")?;
        let parts = [(rest / 3_600, 'H'), (rest / 60 % 60, 'M'), (rest % 60, 'S')];
        for (number, unit) in parts.into_iter().filter(|(number, _)| *number > 0) {
            write!(f, "{number}{unit}")?;
        }
        if rest == 0 { f.write_str("0S") } else { Ok(()) }
    }
}

impl TryFrom<String> for IsoDuration {
    type Error = NotADuration;

    fn try_from(text: String) -> Result<Self, NotADuration> {
        text.parse()
    }
}

impl From<IsoDuration> for String {
    fn from(duration: IsoDuration) -> Self {
        duration.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn durations_are_read_as_azure_monitor_writes_them() {
        for (text, seconds) in [
            ("PT1M", 60),
            ("PT15M", 900),
            ("PT1H", 3_600),
            ("PT1H30M", 5_400),
            ("P1D", 86_400),
            ("P1DT1H", 90_000),
            ("PT90S", 90),
            ("PT0S", 0),
            ("PT300.000S", 300),
        ] {
            assert_eq!(
                text.parse::<IsoDuration>().map(IsoDuration::seconds),
                Ok(seconds),
                "{text}"
            );
        }
        for wrong in [
            "",
            "P",
            "PT",
            "5M",
            "P5M",
            "PT5",
            "P1M",
            "P1Y",
            "P1W",
            "PT-5M",
            "PT1.5M",
            "PT1M1H",
            "pt5m",
            "PT5M ",
            "PT999999999M",
            "P99999D",
        ] {
            assert!(wrong.parse::<IsoDuration>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn words_use_the_largest_whole_unit() {
        for (seconds, words) in [
            (0, "0 seconds"),
            (60, "1 minute"),
            (900, "15 minutes"),
            (3_600, "1 hour"),
            (5_400, "90 minutes"),
            (172_800, "2 days"),
            (90, "90 seconds"),
        ] {
            assert_eq!(IsoDuration(seconds).words(), words);
        }
        assert_eq!(IsoDuration::minutes(u32::MAX).seconds(), IsoDuration::SECONDS_MAX);
    }

    proptest! {
        #[test]
        fn a_duration_survives_a_round_trip_through_its_text(seconds in 0..=IsoDuration::SECONDS_MAX) {
            let duration = IsoDuration(seconds);
            prop_assert_eq!(duration.to_string().parse::<IsoDuration>(), Ok(duration));
        }
    }
}
