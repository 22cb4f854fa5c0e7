//! What a stage asks before something is done to it: approvals, hours, and how fast traffic may move.

use super::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// A stage's policy. The default is that of a stage that is not protected: the proposer's word is enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// How many people must approve, 0 to [`Policy::APPROVALS_MAX`]. The proposer is never among them.
    pub approvals: u8,
    /// The sign-in names of those who may approve; whoever has the right may when this is empty.
    pub approvers: BTreeSet<String>,
    /// Sign-in names that belong to one person: approving one's own proposal with another account does
    /// not count.
    pub same_person: Vec<BTreeSet<String>>,
    /// When changes may start; at any time when this is empty.
    pub windows: Vec<Window>,
    /// Hours after which a change that still waits expires, 1 to [`Policy::EXPIRY_HOURS_MAX`].
    pub expiry_hours: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            approvals: 0,
            approvers: BTreeSet::new(),
            same_person: Vec::new(),
            windows: Vec::new(),
            expiry_hours: 72,
        }
    }
}

impl Policy {
    /// Most approvals that can be asked for: more people than a team has on duty would never agree.
    pub const APPROVALS_MAX: u8 = 5;
    /// A quarter of a year: what was decided longer ago was decided about something else.
    pub const EXPIRY_HOURS_MAX: u32 = 24 * 92;

    /// Whether a second person has to agree.
    #[must_use]
    pub fn is_protected(&self) -> bool {
        self.approvals > 0
    }

    /// What is wrong with it, naming the key; `None` when it can be used.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let Self { approvals, approvers, windows, expiry_hours, .. } = self;
        if *approvals > Self::APPROVALS_MAX {
            return Some(format!(
                "approvals: {approvals} is too many; 0 to {} can be asked for",
                Self::APPROVALS_MAX
            ));
        }
        let enough = approvers.is_empty() || approvers.len() >= usize::from(*approvals);
        if !enough {
            return Some(format!(
                "approvers: {} are named, and {approvals} must approve: nothing could ever start",
                approvers.len()
            ));
        }
        if !(1..=Self::EXPIRY_HOURS_MAX).contains(expiry_hours) {
            return Some(format!(
                "expiry_hours: {expiry_hours} is not between 1 and {}",
                Self::EXPIRY_HOURS_MAX
            ));
        }
        windows.iter().find_map(Window::problem)
    }

    /// Whether two sign-in names are one person's. Entra compares them without regard to case.
    #[must_use]
    pub fn are_one_person(&self, one: &str, other: &str) -> bool {
        let has = |names: &BTreeSet<String>, name: &str| {
            names.iter().any(|known| known.eq_ignore_ascii_case(name))
        };
        one.eq_ignore_ascii_case(other)
            || self.same_person.iter().any(|names| has(names, one) && has(names, other))
    }

    /// Whether the approvers' list, if there is one, has this sign-in name.
    #[must_use]
    pub fn names_as_approver(&self, username: &str) -> bool {
        self.approvers.is_empty()
            || self.approvers.iter().any(|name| name.eq_ignore_ascii_case(username))
    }

    /// When a change that is proposed now expires.
    #[must_use]
    pub fn expiry(&self, proposed: Timestamp) -> Timestamp {
        Timestamp(proposed.0.saturating_add(i64::from(self.expiry_hours) * 3_600_000))
    }
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

impl Weekday {
    /// All, in ISO 8601's order.
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

/// A time of day, in minutes after midnight; written `09:30`. `24:00` is the end of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// From minutes after midnight, at most 1,440.
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
        let wrong = || format!("“{text}” is not a time of day; write it as 09:30");
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

/// Hours in which changes may start, on some days, in one place's time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The place, as the IANA time zone database names it: `Europe/Berlin`.
    pub time_zone: String,
    /// The days.
    pub days: BTreeSet<Weekday>,
    /// From when.
    pub from: TimeOfDay,
    /// Until when, this minute not included.
    pub to: TimeOfDay,
}

impl Window {
    fn problem(&self) -> Option<String> {
        if self.days.is_empty() {
            return Some("windows: one has no days; name at least one, such as monday".to_owned());
        }
        (self.from >= self.to).then(|| {
            format!(
                "windows: {} to {} is no time at all; a window ends later on the day on which it begins, \
                 at 24:00 at the latest",
                self.from, self.to
            )
        })
    }

    /// Whether it is open at a local day and time.
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
    fn times_of_day_are_read_strictly() {
        for (text, minutes) in [("00:00", 0), ("09:30", 570), ("23:59", 1_439), ("24:00", 1_440)] {
            let time = TimeOfDay::try_from(text.to_owned()).expect(text);
            assert_eq!((time.minutes(), time.to_string().as_str()), (minutes, text));
        }
        for text in ["", "9:30", "09:60", "24:01", "25:00", "+9:30", "09-30", "09:30:00", "٠٩:٣٠"]
        {
            assert!(TimeOfDay::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_policy_that_nothing_could_pass_is_refused() {
        let named = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let good = Policy { approvals: 1, ..Policy::default() };
        assert_eq!(good.problem(), None);
        for (policy, part) in [
            (Policy { approvals: 6, ..good.clone() }, "approvals: 6"),
            (
                Policy { approvals: 2, approvers: named(&["a@x"]), ..good.clone() },
                "could ever start",
            ),
            (Policy { expiry_hours: 0, ..good.clone() }, "expiry_hours: 0"),
            (Policy { windows: vec![window("10:00", "10:00")], ..good.clone() }, "no time at all"),
            (
                Policy {
                    windows: vec![Window { days: BTreeSet::new(), ..window("10:00", "11:00") }],
                    ..good.clone()
                },
                "no days",
            ),
        ] {
            assert!(policy.problem().expect(part).contains(part), "{policy:?}");
        }
    }

    #[test]
    fn accounts_of_one_person_are_known() {
        let pair = ["dana@x".to_owned(), "dana.admin@x".to_owned()];
        let policy = Policy { same_person: vec![pair.into()], ..Policy::default() };
        assert!(policy.are_one_person("Dana@X", "dana.ADMIN@x"));
        assert!(policy.are_one_person("lee@x", "LEE@x"));
        assert!(!policy.are_one_person("dana@x", "lee@x"));
    }
}
