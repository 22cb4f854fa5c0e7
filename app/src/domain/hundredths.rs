//! Numbers with two decimals, exactly: limits that people write, and what is measured against them. Floats
//! would make plans that cannot be compared.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A number that is not negative, in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Hundredths(u64);

impl Hundredths {
    /// Largest, in hundredths: below it floats are off by far less than [`Self::SLACK`].
    const MAX: u64 = 1_000_000_000_000;
    /// What a float may be off by, in hundredths, and still mean the number that was written.
    const SLACK: f64 = 1e-3;

    /// A whole number.
    #[must_use]
    pub const fn whole(number: u32) -> Self {
        Self(number as u64 * 100)
    }

    /// The next hundredth that is not below: for what must not be above a limit.
    #[must_use]
    pub fn at_least(number: f64) -> Option<Self> {
        Self::checked((number * 100.0 - Self::SLACK).ceil())
    }

    /// The next hundredth that is not above: for what must reach a limit.
    #[must_use]
    pub fn at_most(number: f64) -> Option<Self> {
        Self::checked((number * 100.0 + Self::SLACK).floor())
    }

    /// So many times as much; the largest that there is when it would be more.
    #[must_use]
    pub fn times(self, factor: u64) -> Self {
        Self(self.0.saturating_mul(factor).min(Self::MAX))
    }

    fn checked(hundredths: f64) -> Option<Self> {
        // In range both conversions are exact; -0 is 0.
        (0.0..=Self::MAX as f64).contains(&hundredths).then_some(Self(hundredths as u64))
    }
}

impl fmt::Display for Hundredths {
    /// `1.5`, `100`, `0.25`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 100, self.0 % 100);
        match (rest, rest % 10) {
            (0, _) => write!(f, "{whole}"),
            (_, 0) => write!(f, "{whole}.{}", rest / 10),
            _ => write!(f, "{whole}.{rest:02}"),
        }
    }
}

impl TryFrom<f64> for Hundredths {
    type Error = String;

    fn try_from(number: f64) -> Result<Self, String> {
        let nearest = (number * 100.0).round();
        let is_near = (number * 100.0 - nearest).abs() <= Self::SLACK;
        let found = Self::checked(nearest).filter(|_| is_near);
        found.ok_or_else(|| format!("{number} is not a number of at least 0 with two decimals"))
    }
}

impl From<Hundredths> for f64 {
    fn from(number: Hundredths) -> Self {
        // Below MAX this is exact to the hundredth.
        number.0 as f64 / 100.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_written_as_people_write_them() {
        for (number, text) in
            [(0.0, "0"), (1.0, "1"), (1.5, "1.5"), (0.05, "0.05"), (99.99, "99.99")]
        {
            assert_eq!(Hundredths::try_from(number).expect(text).to_string(), text);
        }
        for number in [-1.0, 0.001, 1.005, f64::NAN, f64::INFINITY, 1e13] {
            assert!(Hundredths::try_from(number).is_err(), "{number}");
        }
    }

    #[test]
    fn rounding_never_makes_a_measurement_better() {
        let limit = Hundredths::whole(1);
        assert_eq!(Hundredths::at_least(1.0), Some(limit));
        assert!(Hundredths::at_least(1.001).expect("a number") > limit);
        assert!(Hundredths::at_most(0.999).expect("a number") < limit);
        assert_eq!(Hundredths::at_most(1.0), Some(limit));
        assert_eq!(Hundredths::at_least(-0.1), None);
        assert_eq!(Hundredths::at_least(f64::NAN), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(hundredths in 0..=Hundredths::MAX) {
            let number = Hundredths(hundredths);
            prop_assert_eq!(Hundredths::try_from(f64::from(number)), Ok(number));
            let text = serde_json::to_string(&number).expect("JSON");
            prop_assert_eq!(serde_json::from_str::<Hundredths>(&text).expect("a number"), number);
            prop_assert_eq!(Hundredths::at_least(f64::from(number)), Some(number));
            prop_assert_eq!(Hundredths::at_most(f64::from(number)), Some(number));
        }
    }
}
