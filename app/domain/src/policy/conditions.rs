//! Conditions that a share must meet while it bakes, evaluated on Azure Monitor's measurements. A missing measurement
//! never meets a condition.

use crate::decimal::Decimal;
use crate::name::DeploymentName;
use crate::traffic::{Minute, Series, minute_p99_ms};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Minimum number of requests for a clear breach, if the policy sets no `requests_min`.
const REQUESTS_USUAL: u32 = 100;
/// Minimum number of errors for a clear breach.
const ERRORS_CLEAR_MIN: f64 = 10.0;
/// Multiple of the limit at which the error rate is a clear breach.
const CLEARLY_TIMES: u64 = 2;

/// One kind of condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// The number of requests.
    RequestsMin,
    /// Responses with a status of 400 or above, in percent.
    ErrorsPercentMax,
    /// The [minute p99](minute_p99_ms) over the bake, in milliseconds. It is not the p99 of all the bake's requests.
    #[serde(rename = "p99_ms_max")]
    MinuteP99MsMax,
    /// The minute p99 as a multiple of the other live deployments'.
    #[serde(rename = "p99_ratio_max")]
    MinuteP99RatioMax,
}

impl Condition {
    /// The name of the measurement on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::RequestsMin => "Requests",
            Self::ErrorsPercentMax => "Errors",
            Self::MinuteP99MsMax => "Minute p99",
            Self::MinuteP99RatioMax => "Minute p99 against the others’",
        }
    }

    /// Whether the condition limits a minute p99.
    #[must_use]
    pub fn is_minute_p99(self) -> bool {
        matches!(self, Self::MinuteP99MsMax | Self::MinuteP99RatioMax)
    }

    /// A value with its unit.
    #[must_use]
    pub fn value(self, number: Decimal) -> String {
        match self {
            Self::RequestsMin => number.to_string(),
            Self::ErrorsPercentMax => format!("{number} %"),
            Self::MinuteP99MsMax => format!("{number} ms"),
            Self::MinuteP99RatioMax => format!("{number} ×"),
        }
    }

    /// The limit in words: `at most 1 %`.
    #[must_use]
    pub fn limit(self, limit: Decimal) -> String {
        let side = if self == Self::RequestsMin { "at least" } else { "at most" };
        format!("{side} {}", self.value(limit))
    }

    /// Whether a measurement meets the limit.
    #[must_use]
    pub fn holds(self, limit: Decimal, observed: Decimal) -> bool {
        match self {
            Self::RequestsMin => observed >= limit,
            Self::ErrorsPercentMax | Self::MinuteP99MsMax | Self::MinuteP99RatioMax => {
                observed <= limit
            }
        }
    }

    /// Measures the condition for one deployment, relative to `others` where needed.
    fn observed(self, minutes: &[Minute], others: &[Minute]) -> Option<Decimal> {
        match self {
            Self::RequestsMin => Decimal::at_most(requests(minutes)?),
            Self::ErrorsPercentMax => errors_percent(minutes),
            Self::MinuteP99MsMax => Decimal::at_least(minute_p99_ms(minutes)?.into()),
            Self::MinuteP99RatioMax => {
                let (own, theirs) = (minute_p99_ms(minutes)?, minute_p99_ms(others)?);
                (theirs > 0.0).then(|| Decimal::at_least(f64::from(own) / f64::from(theirs)))?
            }
        }
    }
}

/// The conditions of a policy; at least one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Conditions(Written);

/// The format in a policy.
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
            Written { requests_min: Some(0), .. } => "requests_min: 0 has no effect; remove it",
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
                    "promotion: conditions: {most} has more than two decimals, the precision of measurements"
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
                "there are no conditions. Set at least one of requests_min, errors_percent_max, p99_ms_max and \
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
    /// The conditions with their limits.
    #[must_use]
    pub fn all(&self) -> Vec<(Condition, Decimal)> {
        let Written { requests_min, errors_percent_max, p99_ms_max, p99_ratio_max } = self.0;
        let all = [
            (Condition::RequestsMin, requests_min.map(Decimal::whole)),
            (Condition::ErrorsPercentMax, errors_percent_max),
            (Condition::MinuteP99MsMax, p99_ms_max.map(Decimal::whole)),
            (Condition::MinuteP99RatioMax, p99_ratio_max),
        ];
        all.into_iter().filter_map(|(what, limit)| Some((what, limit?))).collect()
    }

    /// Evaluates the conditions for one deployment. `others`: the minutes of the deployments to compare with.
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

    /// Whether the bake can fail before its end: enough requests, enough errors, and more than twice the allowed error
    /// rate. Latency fluctuates and is evaluated only at the end.
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

/// `None` if Azure Monitor has no data.
fn requests(minutes: &[Minute]) -> Option<f64> {
    let measured = || minutes.iter().filter_map(|minute| minute.requests);
    measured().next()?;
    Some(measured().map(f64::from).sum())
}

fn errors(minutes: &[Minute]) -> f64 {
    minutes.iter().filter_map(|minute| minute.errors).map(f64::from).sum()
}

/// `None` without requests, because the error rate of zero requests is undefined.
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
            Condition::MinuteP99MsMax => format!("a minute p99 of at most {limit} ms"),
            Condition::MinuteP99RatioMax => {
                format!("a minute p99 of at most {limit} × the others’")
            }
        };
        let all: Vec<_> = self.all().into_iter().map(words).collect();
        f.write_str(&all.join(", "))
    }
}

/// The observed value of one condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    pub deployment: DeploymentName,
    pub condition: Condition,
    pub limit: Decimal,
    /// The observed value; `None` if not measured.
    pub observed: Option<Decimal>,
}

impl Reading {
    /// Whether the condition is met. A missing value never meets it.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.observed.is_some_and(|observed| self.condition.holds(self.limit, observed))
    }

    /// The observed value as text.
    #[must_use]
    pub fn found(&self) -> String {
        let value = |observed| self.condition.value(observed);
        self.observed.map_or_else(|| "not measured".to_owned(), value)
    }
}

impl fmt::Display for Reading {
    /// `anet-green: Errors 10.2 % (required: at most 1 %)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { deployment, condition, limit, .. } = self;
        let (label, limit) = (condition.label(), condition.limit(*limit));
        write!(f, "{deployment}: {label} {} (required: {limit})", self.found())
    }
}

#[cfg(test)]
mod tests;
