//! Numbers with at most four decimals: what a policy asks for and what was measured. Kept as whole
//! ten-thousandths, so that they are compared and hashed exactly.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Parts of one.
const PARTS: f64 = 10_000.0;
/// The largest that is taken: far above every count, latency or ratio, and exact as a 64-bit float.
const MAX: f64 = 1_000_000_000.0;
/// How far a float may be from a whole part and still stand for it.
const SLACK: f64 = 0.01;

/// A number from 0 to 1,000,000,000 with at most four decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Decimal(u64);

impl Decimal {
    /// A whole number.
    #[must_use]
    pub const fn whole(number: u32) -> Self {
        Self(number as u64 * 10_000)
    }

    /// A number of ten-thousandths: `parts(15_000)` is 1.5.
    #[must_use]
    pub const fn parts(parts: u32) -> Self {
        Self(parts as u64)
    }

    /// A measured value to two decimals; `None` when it is no such number.
    #[must_use]
    pub fn measured(value: f64) -> Option<Self> {
        if !(0.0..=MAX).contains(&value) {
            return None;
        }
        Some(Self((value * 100.0).round() as u64 * 100))
    }

    /// As a float.
    #[must_use]
    pub fn value(self) -> f64 {
        self.0 as f64 / PARTS
    }

    /// How many times `other` this is, to two decimals; `None` when `other` is 0.
    #[must_use]
    pub fn times(self, other: Self) -> Option<Self> {
        if other.0 == 0 { None } else { Self::measured(self.0 as f64 / other.0 as f64) }
    }
}

impl TryFrom<f64> for Decimal {
    type Error = String;

    fn try_from(value: f64) -> Result<Self, String> {
        if !(0.0..=MAX).contains(&value) {
            return Err(format!("{value} is not between 0 and {MAX}"));
        }
        let parts = value * PARTS;
        if (parts - parts.round()).abs() > SLACK {
            return Err(format!("{value} has more than four decimals; round it"));
        }
        Ok(Self(parts.round() as u64))
    }
}

impl From<Decimal> for f64 {
    fn from(decimal: Decimal) -> Self {
        decimal.value()
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_those_with_four_decimals() {
        for (text, shown) in [("1", "1"), ("1.5", "1.5"), ("0.001", "0.001"), ("0.0001", "0.0001")]
        {
            let number: Decimal = serde_json::from_str(text).expect(text);
            assert_eq!(number.to_string(), shown);
        }
        for wrong in ["-0.1", "0.00005", "1e10", "\"1\"", "null"] {
            assert!(serde_json::from_str::<Decimal>(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Decimal::measured(f64::NAN), None);
        assert_eq!(Decimal::measured(12.345_6).map(|ms| ms.to_string()), Some("12.35".to_owned()));
        assert_eq!(Decimal::whole(3).times(Decimal::whole(2)), Some(Decimal::parts(15_000)));
        assert_eq!(Decimal::whole(3).times(Decimal::whole(0)), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(parts in 0_u64..=10_000_000_000_000) {
            let text = serde_json::to_string(&Decimal(parts)).expect("a number");
            prop_assert_eq!(serde_json::from_str::<Decimal>(&text).expect("a number"), Decimal(parts));
        }
    }
}
