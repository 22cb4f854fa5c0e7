//! Windows: the hours in which changes may start.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// All days, in ISO 8601's order.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];
}

impl fmt::Display for Weekday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A time of day in minutes after midnight, written `09:30`. `24:00` is the end of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// Converts minutes after midnight; `None` above 1,440.
    #[must_use]
    pub fn from_minutes(minutes: u16) -> Option<Self> {
        (minutes <= 1_440).then_some(Self(minutes))
    }

    /// Minutes after midnight.
    #[must_use]
    pub fn minutes(self) -> u16 {
        self.0
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("“{text}” is not a time of day. Write it like 09:30");
        let (hours, minutes) = text.split_once(':').ok_or_else(wrong)?;
        let number = |part: &str| {
            let is_number = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<u16>().ok().filter(|_| is_number)
        };
        let (hours, minutes) = number(hours).zip(number(minutes)).ok_or_else(wrong)?;
        let total = hours * 60 + minutes;
        (minutes < 60).then(|| Self::from_minutes(total)).flatten().ok_or_else(wrong)
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

/// Hours on certain days, in one time zone, in which changes may start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The name of the time zone in the IANA database: `Europe/Berlin`.
    pub time_zone: String,
    pub days: BTreeSet<Weekday>,
    pub from: TimeOfDay,
    /// The end of the window, exclusive.
    pub to: TimeOfDay,
}

impl fmt::Display for Window {
    /// `Monday, Friday 09:00 to 16:30 (Europe/Berlin)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days: Vec<_> = self.days.iter().map(ToString::to_string).collect();
        write!(f, "{} {} to {} ({})", days.join(", "), self.from, self.to, self.time_zone)
    }
}

impl Window {
    /// The problem with the window, if any.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        if self.days.is_empty() {
            return Some("windows: one has no days. Name at least one, such as monday".to_owned());
        }
        (self.from >= self.to).then(|| {
            format!(
                "windows: {} to {} is empty; a window must end after it begins on the same day, \
                 at 24:00 at the latest",
                self.from, self.to
            )
        })
    }

    /// Whether the window is open at a local day and time.
    #[must_use]
    pub fn is_open(&self, day: Weekday, time: TimeOfDay) -> bool {
        self.days.contains(&day) && self.from <= time && time < self.to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(from: &str, to: &str) -> Window {
        let time = |text: &str| TimeOfDay::try_from(text.to_owned()).expect("a time");
        Window {
            time_zone: "Europe/Berlin".to_owned(),
            days: [Weekday::Monday, Weekday::Friday].into(),
            from: time(from),
            to: time(to),
        }
    }

    #[test]
    fn a_window_is_open_from_its_first_minute_to_before_its_last() {
        let window = window("09:00", "16:30");
        for (day, minutes, expected) in [
            (Weekday::Monday, 539, false),
            (Weekday::Monday, 540, true),
            (Weekday::Monday, 989, true),
            (Weekday::Monday, 990, false),
            (Weekday::Tuesday, 600, false),
            (Weekday::Friday, 600, true),
        ] {
            let time = TimeOfDay::from_minutes(minutes).expect("a time");
            assert_eq!(window.is_open(day, time), expected, "{day} {time}");
        }
    }

    #[test]
    fn times_of_day_are_parsed_strictly() {
        for (text, minutes) in [("00:00", 0), ("09:30", 570), ("23:59", 1_439), ("24:00", 1_440)] {
            let time = TimeOfDay::try_from(text.to_owned()).expect(text);
            assert_eq!((time.minutes(), time.to_string().as_str()), (minutes, text));
        }
        for text in ["", "9:30", "09:60", "24:01", "25:00", "+9:30", "09-30", "09:30:00", "٠٩:٣٠"]
        {
            assert!(TimeOfDay::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
