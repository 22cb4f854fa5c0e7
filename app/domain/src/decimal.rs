//! Exact numbers with at most four decimals, for limits and measurements. Floats cannot be compared or hashed reliably,
//! which plans and evidence require.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Parts per unit.
const PARTS: u64 = 10_000;
/// Parts per hundredth: measurements have two decimals.
const PARTS_OF_HUNDREDTH: u64 = PARTS / 100;
/// Tolerance, in parts, when a float is converted to the number that was written. Larger than the error of floats near
/// [`Decimal::MAX`], smaller than a fifth decimal.
const SLACK: f64 = 0.05;

/// A number from 0 to 10,000,000,000 with at most four decimals, stored in ten-thousandths.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "f64", into = "f64")]
pub struct Decimal(u64);

impl Decimal {
    /// The maximum: above every count, latency and ratio, and small enough for exact floats.
    const MAX: Self = Self(10_000_000_000 * PARTS);

    /// A whole number.
    #[must_use]
    pub const fn whole(number: u32) -> Self {
        Self(number as u64 * PARTS)
    }

    /// A number of ten-thousandths: `parts(15_000)` is 1.5.
    #[must_use]
    pub const fn parts(parts: u32) -> Self {
        Self(parts as u64)
    }

    /// Rounds a measured value to the nearest hundredth for screens; `None` if out of range.
    #[must_use]
    pub fn measured(value: f64) -> Option<Self> {
        Self::hundredths((value * 100.0).round())
    }

    /// Rounds up to a hundredth, for values with an upper limit.
    #[must_use]
    pub fn at_least(value: f64) -> Option<Self> {
        Self::hundredths((value * 100.0 - Self::slack_of_hundredths()).ceil())
    }

    /// Rounds down to a hundredth, for values with a lower limit.
    #[must_use]
    pub fn at_most(value: f64) -> Option<Self> {
        Self::hundredths((value * 100.0 + Self::slack_of_hundredths()).floor())
    }

    /// The ratio to `other`, rounded up like [`Self::at_least`]; `None` if `other` is 0.
    #[must_use]
    pub fn over(self, other: Self) -> Option<Self> {
        if other.0 == 0 { None } else { Self::at_least(self.0 as f64 / other.0 as f64) }
    }

    /// Multiplies, saturating at the maximum.
    #[must_use]
    pub fn times(self, factor: u64) -> Self {
        Self(self.0.saturating_mul(factor)).min(Self::MAX)
    }

    /// Whether the number has at most two decimals, which limits for rounded measurements must have.
    #[must_use]
    pub fn is_hundredths(self) -> bool {
        self.0.is_multiple_of(PARTS_OF_HUNDREDTH)
    }

    /// As a float.
    #[must_use]
    pub fn value(self) -> f64 {
        // Up to MAX both operands are exact, so the quotient is the nearest float.
        self.0 as f64 / PARTS as f64
    }

    fn slack_of_hundredths() -> f64 {
        SLACK / PARTS_OF_HUNDREDTH as f64
    }

    fn hundredths(hundredths: f64) -> Option<Self> {
        Self::checked(hundredths * PARTS_OF_HUNDREDTH as f64)
    }

    /// Converts a float of whole parts. NaN is out of range, and -0 becomes 0.
    fn checked(parts: f64) -> Option<Self> {
        (0.0..=Self::MAX.0 as f64).contains(&parts).then_some(Self(parts as u64))
    }
}

impl fmt::Display for Decimal {
    /// `1.5`, `100`, `0.25`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

impl TryFrom<f64> for Decimal {
    type Error = String;

    fn try_from(value: f64) -> Result<Self, String> {
        let parts = value * PARTS as f64;
        if (parts - parts.round()).abs() > SLACK {
            return Err(format!("{value} has more than four decimals; round it"));
        }
        let found = Self::checked(parts.round());
        found.ok_or_else(|| format!("{value} is not between 0 and {}", Self::MAX))
    }
}

impl From<Decimal> for f64 {
    fn from(decimal: Decimal) -> Self {
        decimal.value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_serialized_without_trailing_zeros() {
        for text in ["0", "1", "1.5", "0.05", "99.99", "0.001", "0.0001", "4294967295"] {
            let number: Decimal = serde_json::from_str(text).expect(text);
            assert_eq!(number.to_string(), text);
        }
        for wrong in ["-0.1", "-1", "0.00005", "1.00001", "1e11", "\"1\"", "null"] {
            assert!(serde_json::from_str::<Decimal>(wrong).is_err(), "{wrong}");
        }
        for wrong in [f64::NAN, f64::INFINITY] {
            assert!(Decimal::try_from(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn rounding_never_makes_a_measurement_better() {
        let limit = Decimal::whole(1);
        assert_eq!(Decimal::at_least(1.0), Some(limit));
        assert!(Decimal::at_least(1.001).expect("a number") > limit);
        assert!(Decimal::at_most(0.999).expect("a number") < limit);
        assert_eq!(Decimal::at_most(1.0), Some(limit));
        assert_eq!(Decimal::at_least(-0.1), None);
        assert_eq!(Decimal::at_least(f64::NAN), None);
        let ratio = |one, other| Decimal::whole(one).over(Decimal::whole(other));
        assert_eq!(ratio(3, 2), Some(Decimal::parts(15_000)));
        assert_eq!(ratio(1_001, 1_000), Some(Decimal::parts(10_100)));
        assert_eq!(ratio(3, 0), None);
    }

    #[test]
    fn measured_values_round_to_the_nearest_hundredth() {
        let shown = |value| Decimal::measured(value).map(|number| number.to_string());
        assert_eq!(shown(12.345_6), Some("12.35".to_owned()));
        assert_eq!(shown(12.344_6), Some("12.34".to_owned()));
        assert_eq!(shown(f64::NAN), None);
    }

    proptest! {
        #[test]
        fn decimals_survive_serialization(parts in 0..=Decimal::MAX.0) {
            let number = Decimal(parts);
            prop_assert_eq!(Decimal::try_from(f64::from(number)), Ok(number));
            let text = serde_json::to_string(&number).expect("a number");
            prop_assert_eq!(serde_json::from_str::<Decimal>(&text).expect("a number"), number);
        }

        #[test]
        fn hundredths_are_not_rounded(hundredths in 0..=Decimal::MAX.0 / PARTS_OF_HUNDREDTH) {
            let number = Decimal(hundredths * PARTS_OF_HUNDREDTH);
            prop_assert!(number.is_hundredths());
            for rounded in [Decimal::measured, Decimal::at_least, Decimal::at_most] {
                prop_assert_eq!(rounded(number.value()), Some(number));
            }
        }
    }
}
