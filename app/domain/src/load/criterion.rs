//! A criterion: one line that a run must meet.
//!
//! ```text
//! p95 < 300 ms                  the 95th percentile of all requests' response times
//! avg latency < 200 ms          the average time to the first byte
//! errors < 1 %                  failed requests
//! requests > 1000               how many requests there were
//! requests/s >= 50              how many per second
//! POST /score: p99 <= 1.5 s     only requests with this name
//! p95 <= baseline + 10 %        not more than 10 % slower than the last run that passed
//! requests/s >= baseline - 5 %  not less than 5 % fewer
//! ```

use super::measure::Measure;
use crate::decimal::Decimal;
use crate::text::{is_blank, shortened};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Maximum number of criteria of one test (Azure Load Testing: service limits).
pub const CRITERIA_MAX: usize = 50;
/// Maximum length of a line, in characters: our own limit.
pub const LINE_MAX: usize = 300;
/// Maximum length of the name of a request, in characters: our own limit.
pub const REQUEST_NAME_MAX: usize = 200;

/// The comparison with the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

impl Bound {
    /// The sign in criteria.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::Above => ">",
            Self::AtLeast => ">=",
        }
    }

    /// Whether the limit is a maximum.
    #[must_use]
    pub fn is_max(self) -> bool {
        matches!(self, Self::Below | Self::AtMost)
    }

    /// Whether a value meets the limit.
    #[must_use]
    pub fn holds<T: PartialOrd>(self, value: &T, limit: &T) -> bool {
        match self {
            Self::Below => value < limit,
            Self::AtMost => value <= limit,
            Self::Above => value > limit,
            Self::AtLeast => value >= limit,
        }
    }
}

/// The limit of a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// In the unit of the measure.
    Fixed(Decimal),
    /// Relative to the last run that passed: at most this many percent worse.
    Baseline { percent: Decimal },
}

/// The name of requests in a test plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestName(String);

impl FromStr for RequestName {
    type Err = CriterionError;

    fn from_str(text: &str) -> Result<Self, CriterionError> {
        let name = text.trim();
        let is_long = name.chars().nth(REQUEST_NAME_MAX).is_some();
        if is_blank(name) || is_long || name.chars().any(char::is_control) {
            return Err(CriterionError::RequestName(shortened(name, 60)));
        }
        Ok(Self(name.to_owned()))
    }
}

impl RequestName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a line is not a criterion. `Display` is shown to people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CriterionError {
    #[error("the line is empty. Write a criterion, such as p95 < 300 ms")]
    Empty,
    #[error("the line is longer than {LINE_MAX} characters. Write one criterion in each line")]
    Long,
    #[error("“{0}” has no comparison. Write <, <=, > or >= and a limit: p95 < 300 ms")]
    NoComparison(String),
    /// An unknown measure, with a hint.
    #[error("there is no measure “{word}”. {hint}")]
    Measure { word: String, hint: String },
    #[error(
        "“{0}” cannot name requests: use 1 to {REQUEST_NAME_MAX} visible characters in one line"
    )]
    RequestName(String),
    /// Not a number, or one with another unit.
    #[error("“{text}” is not a limit of {measure}. Write {example}")]
    Limit { text: String, measure: Measure, example: String },
    #[error("{0}")]
    Senseless(String),
}

/// A criterion. Every value can be met and missed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Criterion {
    request: Option<RequestName>,
    measure: Measure,
    bound: Bound,
    limit: Limit,
}

impl Criterion {
    /// A criterion of these parts.
    ///
    /// # Errors
    /// [`CriterionError::Senseless`] if every run would meet the criterion, or none, or if the measure has no such limit.
    pub fn new(
        request: Option<RequestName>,
        measure: Measure,
        bound: Bound,
        limit: Limit,
    ) -> Result<Self, CriterionError> {
        let new = Self { request, measure, bound, limit };
        new.senseless().map_or(Ok(new), |why| Err(CriterionError::Senseless(why)))
    }

    fn senseless(&self) -> Option<String> {
        let Self { measure, bound, limit, .. } = self;
        let hundred = Decimal::whole(100);
        match (measure, limit) {
            (Measure::Errors, _) if !bound.is_max() => {
                Some("a run cannot have too few errors. Write a maximum: errors < 1 %".to_owned())
            }
            (Measure::Errors, Limit::Fixed(limit)) if *limit > hundred => {
                Some(format!("{limit} % is more than all requests. Write a number up to 100"))
            }
            (Measure::Errors, Limit::Fixed(limit))
                if *limit == hundred && *bound == Bound::AtMost =>
            {
                Some("every run has at most 100 % errors. Write a lower maximum".to_owned())
            }
            (Measure::Errors | Measure::Requests, Limit::Baseline { .. }) => Some(format!(
                "{measure} cannot be compared with a baseline. Write a number: errors < 1 %, requests > 1000"
            )),
            (_, Limit::Baseline { .. }) if bound.is_max() != measure.is_cost() => Some(format!(
                "a run cannot be too good. Write {measure} {} baseline {} 10 %",
                if measure.is_cost() { "<=" } else { ">=" },
                if measure.is_cost() { "+" } else { "-" },
            )),
            (_, Limit::Baseline { percent }) if !bound.is_max() && *percent >= hundred => {
                Some(format!("every run reaches the baseline - {percent} %. Write less than 100"))
            }
            (_, Limit::Fixed(limit)) if *limit == Decimal::whole(0) => match bound {
                Bound::Below => {
                    Some(format!("nothing is below 0. Write {measure} <= 0 or a higher limit"))
                }
                Bound::AtLeast => {
                    Some(format!("every run reaches 0. Write {measure} > 0 or a higher limit"))
                }
                Bound::AtMost | Bound::Above => None,
            },
            _ => None,
        }
    }

    /// The name of the requests that are judged; `None` for all requests together.
    #[must_use]
    pub fn request(&self) -> Option<&str> {
        self.request.as_ref().map(RequestName::as_str)
    }

    /// What is measured.
    #[must_use]
    pub fn measure(&self) -> Measure {
        self.measure
    }

    /// The comparison.
    #[must_use]
    pub fn bound(&self) -> Bound {
        self.bound
    }

    /// The limit.
    #[must_use]
    pub fn limit(&self) -> Limit {
        self.limit
    }

    /// Whether the criterion needs an earlier run that passed.
    #[must_use]
    pub fn needs_baseline(&self) -> bool {
        matches!(self.limit, Limit::Baseline { .. })
    }
}

impl fmt::Display for Criterion {
    /// The line in its usual form: `POST /score: p95 < 300 ms`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { request, measure, bound, limit } = self;
        if let Some(request) = request {
            write!(f, "{}: ", request.0)?;
        }
        write!(f, "{measure} {} ", bound.sign())?;
        match limit {
            Limit::Fixed(limit) => write!(f, "{limit}{}", measure.unit()),
            Limit::Baseline { percent } => {
                let sign = if bound.is_max() { "+" } else { "-" };
                write!(f, "baseline {sign} {percent} %")
            }
        }
    }
}

impl TryFrom<String> for Criterion {
    type Error = CriterionError;

    fn try_from(line: String) -> Result<Self, CriterionError> {
        line.parse()
    }
}

impl From<Criterion> for String {
    fn from(criterion: Criterion) -> Self {
        criterion.to_string()
    }
}

/// Reads the criteria of a text, one in each line. Empty lines and lines that begin with `#` are skipped.
///
/// # Errors
/// All problems, each with the number of its line from 1; 0 for a problem of the whole text.
pub fn lines(text: &str) -> Result<Vec<Criterion>, Vec<(usize, String)>> {
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match line.parse::<Criterion>() {
            Ok(criterion) if all.contains(&criterion) => {
                problems.push((number, format!("{criterion} occurs twice. Remove one")));
            }
            Ok(criterion) => all.push(criterion),
            Err(error) => problems.push((number, error.to_string())),
        }
        if all.len() + problems.len() > CRITERIA_MAX {
            problems.push((0, format!("a test has at most {CRITERIA_MAX} criteria. Remove some")));
            break;
        }
    }
    if problems.is_empty() { Ok(all) } else { Err(problems) }
}
