//! Links to lines of a log: the fragment `#L120` or `#L120-L140`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Largest number of a line in a link: more than the longest log has.
pub const LINE_NUMBER_MAX: u64 = 999_999_999;

/// One line or several consecutive ones. Lines are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Lines {
    first: u64,
    last: u64,
}

/// The text does not name lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a link to lines looks like L120 or L120-L140")]
pub struct LinesError;

impl Lines {
    /// The lines between two, in either order.
    ///
    /// # Errors
    /// [`LinesError`] if a number is outside of 1 to [`LINE_NUMBER_MAX`].
    pub fn new(one: u64, other: u64) -> Result<Self, LinesError> {
        let legal = 1..=LINE_NUMBER_MAX;
        let is_legal = legal.contains(&one) && legal.contains(&other);
        is_legal.then_some(Self { first: one.min(other), last: one.max(other) }).ok_or(LinesError)
    }

    /// The number of the first line.
    #[must_use]
    pub fn first(self) -> u64 {
        self.first
    }

    /// The number of the last line.
    #[must_use]
    pub fn last(self) -> u64 {
        self.last
    }

    /// Whether a line is one of these.
    #[must_use]
    pub fn contains(self, number: u64) -> bool {
        (self.first..=self.last).contains(&number)
    }
}

fn number(text: &str) -> Option<u64> {
    let digits = text.strip_prefix('L')?;
    let is_number = (1..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number && !digits.starts_with('0'))
}

impl FromStr for Lines {
    type Err = LinesError;
    /// Parses a fragment, with or without `#`.
    fn from_str(text: &str) -> Result<Self, LinesError> {
        let text = text.strip_prefix('#').unwrap_or(text);
        let (one, other) = text.split_once('-').unwrap_or((text, text));
        Self::new(number(one).ok_or(LinesError)?, number(other).ok_or(LinesError)?)
    }
}

impl TryFrom<String> for Lines {
    type Error = LinesError;
    fn try_from(text: String) -> Result<Self, LinesError> {
        text.parse()
    }
}

impl From<Lines> for String {
    fn from(lines: Lines) -> Self {
        lines.to_string()
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.first == self.last {
            true => write!(f, "L{}", self.first),
            false => write!(f, "L{}-L{}", self.first, self.last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_fragment_names_a_line_or_a_range() {
        for (text, first, last, printed) in [
            ("L120", 120, 120, "L120"),
            ("#L120-L140", 120, 140, "L120-L140"),
            ("L140-L120", 120, 140, "L120-L140"),
            ("L7-L7", 7, 7, "L7"),
            ("L999999999", LINE_NUMBER_MAX, LINE_NUMBER_MAX, "L999999999"),
        ] {
            let lines: Lines = text.parse().expect(text);
            assert_eq!((lines.first(), lines.last()), (first, last));
            assert_eq!(lines.to_string(), printed);
            assert!(lines.contains(first) && lines.contains(last));
            assert!(!lines.contains(first - 1) && !lines.contains(last + 1));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "#",
            "L",
            "L0",
            "L01",
            "l1",
            "120",
            "L-1",
            "L+1",
            "L1-",
            "L1-2",
            "L1-L",
            "L1-L0",
            "-L1",
            "L1-L2-L3",
            "##L1",
            "L1 ",
            "L1000000000",
            "L99999999999999999999999",
            "L١",
            "S3L7",
            "L1\u{0}",
        ] {
            assert_eq!(text.parse::<Lines>(), Err(LinesError), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused_and_lines_survive_a_round_trip(
            text in "(#?L[0-9]{0,12}(-L?[0-9]{0,3})?|.{0,20})",
            one in 1..=LINE_NUMBER_MAX,
            other in 1..=LINE_NUMBER_MAX,
        ) {
            if let Ok(lines) = text.parse::<Lines>() {
                prop_assert_eq!(lines.to_string().parse::<Lines>(), Ok(lines));
            }
            let lines = Lines::new(one, other).expect("legal");
            prop_assert_eq!(lines.to_string().parse::<Lines>(), Ok(lines));
        }
    }
}
