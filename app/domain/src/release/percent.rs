//! Percentages of a release.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Declares a type of percentage, from a minimum to 100, with the error for other numbers.
macro_rules! percentage {
    ($(#[$attribute:meta])* $type:ident, $min:literal, $(#[$error_attribute:meta])* $error:ident) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "u8", into = "u8")]
        pub struct $type(u8);

        #[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
        $(#[$error_attribute])*
        pub struct $error(pub i64);

        impl $type {
            /// The number.
            #[must_use]
            pub fn get(self) -> u8 {
                self.0
            }
        }

        impl TryFrom<i64> for $type {
            type Error = $error;
            fn try_from(number: i64) -> Result<Self, $error> {
                match u8::try_from(number) {
                    Ok(percent @ $min..=100) => Ok(Self(percent)),
                    _ => Err($error(number)),
                }
            }
        }

        impl TryFrom<u8> for $type {
            type Error = $error;
            fn try_from(number: u8) -> Result<Self, $error> {
                Self::try_from(i64::from(number))
            }
        }

        impl From<$type> for u8 {
            fn from(percent: $type) -> Self {
                percent.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} %", self.0)
            }
        }
    };
}

percentage!(
    /// A percentage from 1 to 100. An input of 0 counts as not given.
    Percent,
    1,
    /// The number is outside 1 to 100.
    #[error("{0} is not a valid percentage. Use a whole number from 1 to 100, or 0 to omit the value")]
    PercentError
);
percentage!(
    /// A share of live traffic from 0 to 100 percent. An omitted share is 0.
    #[derive(Default)]
    Share,
    0,
    /// The number is outside 0 to 100.
    #[error("{0} is not a valid percentage. Use a whole number from 0 to 100")]
    ShareError
);
