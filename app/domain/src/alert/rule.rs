//! An alert rule: a query that counts, and when the count is too high.

mod problems;

use crate::decimal::Decimal;
use crate::iso_duration::IsoDuration;
use crate::name::EndpointName;
use crate::vocabulary::vocabulary;
use serde::{Deserialize, Serialize};

const HOUR: u32 = 60;
const DAY: u32 = 24 * HOUR;

/// How often a rule can be evaluated, in minutes (`evaluationFrequency`; the values that the service accepts, as in the
/// Terraform provider azurerm).
pub const FREQUENCY_MINUTES: [u32; 13] =
    [1, 5, 10, 15, 30, 45, HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 5 * HOUR, 6 * HOUR, DAY];
/// The windows, in minutes (`windowSize`, the same source).
pub const WINDOW_MINUTES: [u32; 14] =
    [1, 5, 10, 15, 30, 45, HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 5 * HOUR, 6 * HOUR, DAY, 2 * DAY];
/// How long actions can be muted, in minutes (`muteActionsDuration`, the same source).
pub const MUTE_MINUTES: [u32; 13] =
    [5, 10, 15, 30, 45, HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 5 * HOUR, 6 * HOUR, DAY, 2 * DAY];
/// Maximum number of windows of a rule (`numberOfEvaluationPeriods`, the same source).
pub const PERIODS_MAX: u8 = 6;
/// The least severe level (`severity`: 0 is the worst).
pub const SEVERITY_MAX: u8 = 4;

/// The comparison of the count with the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operator {
    GreaterThan,
    GreaterThanOrEqual,
    LessThan,
    LessThanOrEqual,
    /// The service answers `Equals`, and some clients write `Equal`.
    #[serde(alias = "Equal")]
    Equals,
}

vocabulary!(
    Operator:
    /// All comparisons.
    ALL,
    /// The service's word.
    word,
    /// The sign on screens.
    label,
    GreaterThan = "GreaterThan", ">";
    GreaterThanOrEqual = "GreaterThanOrEqual", "≥";
    LessThan = "LessThan", "<";
    LessThanOrEqual = "LessThanOrEqual", "≤";
    Equals = "Equals", "=";
);

impl Operator {
    /// Whether a count violates the rule.
    #[must_use]
    pub fn violates(self, count: u64, threshold: Decimal) -> bool {
        // Counts are exact as floats far beyond any number of requests.
        let (count, threshold) = (count as f64, threshold.value());
        match self {
            Self::GreaterThan => count > threshold,
            Self::GreaterThanOrEqual => count >= threshold,
            Self::LessThan => count < threshold,
            Self::LessThanOrEqual => count <= threshold,
            Self::Equals => count == threshold,
        }
    }
}

/// What happens after an alert fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum After {
    /// The alert stays fired, and is resolved when the condition has not been met for a while (`autoMitigate`).
    Resolves,
    /// Each evaluation fires again. `mute`: the time without further actions.
    Repeats { mute: Option<IsoDuration> },
}

/// An alert rule that counts the rows of a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertRule {
    pub name: String,
    pub enabled: bool,
    /// 0 (critical) to [`SEVERITY_MAX`] (verbose).
    pub severity: u8,
    /// One of [`FREQUENCY_MINUTES`].
    pub frequency: IsoDuration,
    /// One of [`WINDOW_MINUTES`].
    pub window: IsoDuration,
    pub query: String,
    pub operator: Operator,
    pub threshold: Decimal,
    /// The number of windows that the rule looks back, 1 to [`PERIODS_MAX`].
    pub periods: u8,
    /// How many of them must violate the threshold, 1 to `periods`.
    pub failing: u8,
    pub after: After,
}

impl AlertRule {
    /// The rule that the workflow templates create for an endpoint: `{endpoint}-non-200-alert`, more than 10 answers other
    /// than 200 in 15 minutes, looked at every 5 minutes, severity 1. Its query is that of the templates; see
    /// [`query`](super::query) for what is wrong with it.
    #[must_use]
    pub fn of_templates(endpoint: &EndpointName) -> Self {
        Self {
            name: format!("{endpoint}-non-200-alert"),
            enabled: true,
            severity: 1,
            frequency: IsoDuration::minutes(5),
            window: IsoDuration::minutes(15),
            query: format!(
                "AmlOnlineEndpointTrafficLog | where ResponseCode != '200' and EndpointName == '{endpoint}'"
            ),
            operator: Operator::GreaterThan,
            threshold: Decimal::whole(10),
            periods: 1,
            failing: 1,
            after: After::Resolves,
        }
    }

    /// How far back an evaluation looks, in minutes.
    #[must_use]
    pub fn look_back_minutes(&self) -> u32 {
        self.window.whole_minutes().saturating_mul(u32::from(self.periods))
    }

    /// For how many evaluations in a row the condition must not be met before an alert is resolved (Azure docs: create a
    /// log search alert rule, automatically resolve alerts).
    #[must_use]
    pub fn quiet_evaluations(&self) -> u32 {
        match self.frequency.whole_minutes() {
            0..=1 => 10,
            2..=15 => 3,
            minutes if minutes < 11 * HOUR => 2,
            _ => 1,
        }
    }

    /// The rule in words: `More than 10 rows in 15 minutes, looked at every 5 minutes`.
    #[must_use]
    pub fn words(&self) -> String {
        let (window, often) = (self.window.words(), self.frequency.words());
        let compared = match self.operator {
            Operator::GreaterThan => "More than",
            Operator::GreaterThanOrEqual => "At least",
            Operator::LessThan => "Fewer than",
            Operator::LessThanOrEqual => "At most",
            Operator::Equals => "Exactly",
        };
        let periods = match (self.failing, self.periods) {
            (_, 1) => String::new(),
            (failing, periods) => format!(", in {failing} of the last {periods} such windows"),
        };
        format!("{compared} {} rows in {window}{periods}, looked at every {often}", self.threshold)
    }
}

#[cfg(test)]
mod tests;
