//! Percentages of a release.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A percentage that is given: 1 to 100. An input of 0 counts as not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Percent(u8);

/// Why a number is no percentage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no percentage: give a whole number from 1 to 100, or 0 to leave it out")]
pub struct PercentError(pub i64);

impl Percent {
    /// The number.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<i64> for Percent {
    type Error = PercentError;
    fn try_from(number: i64) -> Result<Self, PercentError> {
        match u8::try_from(number) {
            Ok(percent @ 1..=100) => Ok(Self(percent)),
            _ => Err(PercentError(number)),
        }
    }
}

impl TryFrom<u8> for Percent {
    type Error = PercentError;
    fn try_from(number: u8) -> Result<Self, PercentError> {
        Self::try_from(i64::from(number))
    }
}

impl From<Percent> for u8 {
    fn from(percent: Percent) -> Self {
        percent.0
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.0)
    }
}

/// A share of live traffic: 0 to 100. A written 0 is a share, and one that is left out arrives as 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Share(u8);

/// Why a number is no share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no percentage: give a whole number from 0 to 100")]
pub struct ShareError(pub i64);

impl Share {
    /// The number.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<i64> for Share {
    type Error = ShareError;
    fn try_from(number: i64) -> Result<Self, ShareError> {
        match u8::try_from(number) {
            Ok(share @ 0..=100) => Ok(Self(share)),
            _ => Err(ShareError(number)),
        }
    }
}

impl TryFrom<u8> for Share {
    type Error = ShareError;
    fn try_from(number: u8) -> Result<Self, ShareError> {
        Self::try_from(i64::from(number))
    }
}

impl From<Share> for u8 {
    fn from(share: Share) -> Self {
        share.0
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.0)
    }
}
