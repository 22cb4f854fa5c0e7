//! What must have held while a share baked, and how that is judged from what Azure Monitor measured. What
//! was not measured is never good.

use crate::domain::decimal::Decimal;
use crate::domain::run::measured::Reading;
use crate::domain::traffic::{Minute, Series, p99_ms};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Requests from which on errors are a clear breach, where the policy does not say how many it wants.
const REQUESTS_USUAL: u32 = 100;
/// Errors from which on a breach is clear.
const ERRORS_CLEAR_MIN: f64 = 10.0;
/// How far above its limit a share of errors is a clear breach.
const CLEARLY_TIMES: u64 = 2;

/// One kind of condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Enough requests to judge by.
    RequestsMin,
    /// Answers with a status of 400 or above, in per cent.
    ErrorsPercentMax,
    /// The 99th percentile of the latency, in milliseconds.
    P99MsMax,
    /// The same as a multiple of the other live deployments'.
    P99RatioMax,
}

impl Condition {
    /// What is measured, for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::RequestsMin => "Requests",
            Self::ErrorsPercentMax => "Errors",
            Self::P99MsMax => "p99",
            Self::P99RatioMax => "p99 against the others’",
        }
    }

    /// A value with its unit.
    #[must_use]
    pub fn value(self, number: Decimal) -> String {
        match self {
            Self::RequestsMin => number.to_string(),
            Self::ErrorsPercentMax => format!("{number} %"),
            Self::P99MsMax => format!("{number} ms"),
            Self::P99RatioMax => format!("{number} ×"),
        }
    }

    /// Its limit in words: `at most 1 %`.
    #[must_use]
    pub fn limit(self, limit: Decimal) -> String {
        let side = if self == Self::RequestsMin { "at least" } else { "at most" };
        format!("{side} {}", self.value(limit))
    }

    /// Whether a measurement is good enough.
    #[must_use]
    pub fn holds(self, limit: Decimal, observed: Decimal) -> bool {
        match self {
            Self::RequestsMin => observed >= limit,
            Self::ErrorsPercentMax | Self::P99MsMax | Self::P99RatioMax => observed <= limit,
        }
    }

    /// What one deployment's minutes say of it, beside those of `others`.
    fn observed(self, minutes: &[Minute], others: &[Minute]) -> Option<Decimal> {
        match self {
            Self::RequestsMin => Decimal::at_most(requests(minutes)?),
            Self::ErrorsPercentMax => errors_percent(minutes),
            Self::P99MsMax => Decimal::at_least(p99_ms(minutes)?.into()),
            Self::P99RatioMax => {
                let (own, theirs) = (p99_ms(minutes)?, p99_ms(others)?);
                (theirs > 0.0).then(|| Decimal::at_least(f64::from(own) / f64::from(theirs)))?
            }
        }
    }
}

/// All conditions that a policy sets; there is at least one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Conditions(Written);

/// As a policy writes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    requests_min: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    errors_percent_max: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    p99_ms_max: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    p99_ratio_max: Option<Decimal>,
}

impl TryFrom<Written> for Conditions {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let zero = Decimal::whole(0);
        let problem = match &written {
            Written { requests_min: Some(0), .. } => {
                "requests_min: 0 asks for nothing; leave it out"
            }
            Written { errors_percent_max: Some(most), .. } if *most > Decimal::whole(100) => {
                return Err(format!(
                    "promotion: conditions: errors_percent_max: {most} is above 100 %"
                ));
            }
            Written { errors_percent_max: Some(most), .. }
            | Written { p99_ratio_max: Some(most), .. }
                if !most.is_hundredths() =>
            {
                return Err(format!(
                    "promotion: conditions: {most} has more than two decimals, to which it is measured"
                ));
            }
            Written { p99_ms_max: Some(0), .. } => "p99_ms_max: 0 can never be met",
            Written { p99_ratio_max: Some(most), .. } if *most == zero => {
                "p99_ratio_max: 0 can never be met"
            }
            Written {
                requests_min: None,
                errors_percent_max: None,
                p99_ms_max: None,
                p99_ratio_max: None,
            } => {
                "there is none. Name at least one of requests_min, errors_percent_max, p99_ms_max and \
                 p99_ratio_max"
            }
            _ => return Ok(Self(written)),
        };
        Err(format!("promotion: conditions: {problem}"))
    }
}

impl From<Conditions> for Written {
    fn from(conditions: Conditions) -> Self {
        conditions.0
    }
}

impl Conditions {
    /// Each with its limit.
    #[must_use]
    pub fn all(&self) -> Vec<(Condition, Decimal)> {
        let Written { requests_min, errors_percent_max, p99_ms_max, p99_ratio_max } = self.0;
        let all = [
            (Condition::RequestsMin, requests_min.map(Decimal::whole)),
            (Condition::ErrorsPercentMax, errors_percent_max),
            (Condition::P99MsMax, p99_ms_max.map(Decimal::whole)),
            (Condition::P99RatioMax, p99_ratio_max),
        ];
        all.into_iter().filter_map(|(what, limit)| Some((what, limit?))).collect()
    }

    /// Judges one deployment's minutes; `others` are those that it is compared with.
    #[must_use]
    pub fn judge(&self, newcomer: &Series, others: &[Minute]) -> Vec<Reading> {
        let reading = |(condition, limit): (Condition, Decimal)| Reading {
            deployment: newcomer.deployment.clone(),
            condition,
            limit,
            observed: condition.observed(&newcomer.minutes, others),
        };
        self.all().into_iter().map(reading).collect()
    }

    /// Whether it needs no more time to see that this goes wrong: among enough requests more than twice as
    /// many errors as are allowed, and not just a few. Latency is left to the end; it comes and goes.
    #[must_use]
    pub fn is_clearly_broken(&self, newcomer: &Series) -> bool {
        let Some(limit) = self.0.errors_percent_max else { return false };
        let enough = f64::from(self.0.requests_min.unwrap_or(REQUESTS_USUAL));
        let minutes = &newcomer.minutes;
        requests(minutes).is_some_and(|requests| requests >= enough)
            && errors(minutes) >= ERRORS_CLEAR_MIN
            && errors_percent(minutes).is_some_and(|percent| percent > limit.times(CLEARLY_TIMES))
    }
}

/// `None` when Azure Monitor has no point at all.
fn requests(minutes: &[Minute]) -> Option<f64> {
    let measured = || minutes.iter().filter_map(|minute| minute.requests);
    measured().next()?;
    Some(measured().map(f64::from).sum())
}

fn errors(minutes: &[Minute]) -> f64 {
    minutes.iter().filter_map(|minute| minute.errors).map(f64::from).sum()
}

/// `None` without requests: nothing of nothing is not none.
fn errors_percent(minutes: &[Minute]) -> Option<Decimal> {
    let requests = requests(minutes).filter(|requests| *requests > 0.0)?;
    Decimal::at_least(errors(minutes) * 100.0 / requests)
}

impl fmt::Display for Conditions {
    /// `at least 100 requests, at most 1 % errors`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = |(condition, limit): (Condition, Decimal)| match condition {
            Condition::RequestsMin => format!("at least {limit} requests"),
            Condition::ErrorsPercentMax => format!("at most {limit} % errors"),
            Condition::P99MsMax => format!("a p99 of at most {limit} ms"),
            Condition::P99RatioMax => format!("a p99 of at most {limit} × the others’"),
        };
        let all: Vec<_> = self.all().into_iter().map(words).collect();
        f.write_str(&all.join(", "))
    }
}

#[cfg(test)]
mod tests;
