//! An autoscale setting as ARM has it (API 2022-10-01; 2015-04-01 has the same fields).

use crate::iso_duration::IsoDuration;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

/// Maximum number of profiles of a setting (Azure docs: understand autoscale settings).
pub const PROFILES_MAX: usize = 20;
/// Maximum number of rules of a profile (the same).
pub const RULES_MAX: usize = 10;

/// A number of instances or a percentage, which ARM writes as a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "String")]
pub struct Count(pub u32);

impl TryFrom<Value> for Count {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let number = match &value {
            Value::String(text) => text.trim().parse::<u32>().ok(),
            Value::Number(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
            _ => None,
        };
        number.map(Self).ok_or_else(|| "a number of instances is not a whole number".to_owned())
    }
}

impl From<Count> for String {
    fn from(count: Count) -> Self {
        count.0.to_string()
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub properties: Properties,
    /// Everything else: location, tags, system data.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// The setting's properties.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Properties {
    /// Azure's default depends on the API version, so this console always writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The ARM id of the deployment that is scaled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_resource_uri: Option<String>,
    /// At most [`PROFILES_MAX`].
    pub profiles: Vec<Profile>,
    /// Everything else: notifications, predictive autoscale.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// Limits and rules, always or at certain times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    pub name: String,
    pub capacity: Capacity,
    /// At most [`RULES_MAX`].
    pub rules: Vec<Rule>,
    /// A single period. Its format does not matter here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed_date: Option<Value>,
    /// Days and times at which the profile begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence: Option<Value>,
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// The limits of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capacity {
    pub minimum: Count,
    pub maximum: Count,
    /// The number of instances while metrics are missing.
    pub default: Count,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    pub metric_trigger: Trigger,
    pub scale_action: Action,
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// The comparison of a trigger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operator {
    Equals,
    NotEquals,
    GreaterThan,
    GreaterThanOrEqual,
    LessThan,
    LessThanOrEqual,
}

impl Operator {
    /// The sign on screens.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equals => "=",
            Self::NotEquals => "≠",
            Self::GreaterThan => ">",
            Self::GreaterThanOrEqual => "≥",
            Self::LessThan => "<",
            Self::LessThanOrEqual => "≤",
        }
    }

    /// Whether high values trigger (`Some(true)`), low ones (`Some(false)`), or neither.
    #[must_use]
    pub fn is_high(self) -> Option<bool> {
        match self {
            Self::GreaterThan | Self::GreaterThanOrEqual => Some(true),
            Self::LessThan | Self::LessThanOrEqual => Some(false),
            Self::Equals | Self::NotEquals => None,
        }
    }
}

/// When a rule acts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trigger {
    pub metric_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric_namespace: Option<String>,
    /// The ARM id of the resource that has the metric.
    pub metric_resource_uri: String,
    /// The interval of the samples, 1 minute to 12 hours.
    pub time_grain: IsoDuration,
    /// How the samples of several instances are combined: `Average`, `Max`, …
    pub statistic: String,
    /// The period of the samples, 5 minutes to 12 hours.
    pub time_window: IsoDuration,
    /// How the samples of the period are combined: `Average`, `Last`, …
    pub time_aggregation: String,
    pub operator: Operator,
    pub threshold: f64,
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// The direction of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    None,
    Increase,
    Decrease,
}

/// How an action changes the number of instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// By a number of instances.
    ChangeCount,
    /// By a percentage of the instances.
    PercentChangeCount,
    /// To a number of instances.
    ExactCount,
    /// To the next size that a service allows. Online deployments have no such sizes.
    ServiceAllowedNextValue,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Action {
    pub direction: Direction,
    #[serde(rename = "type")]
    pub step: Step,
    /// By default 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Count>,
    /// The time without another action, 1 minute to 1 week.
    pub cooldown: IsoDuration,
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl Setting {
    /// Whether the setting scales anything.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.properties.enabled.unwrap_or(true)
    }
}

impl Action {
    /// The number of instances after a step from `count`, before the profile's limits. A percentage is rounded to at
    /// least one instance.
    #[must_use]
    pub fn count_after(&self, count: u32) -> u32 {
        let value = self.value.map_or(1, |value| value.0);
        let change = match self.step {
            Step::ChangeCount => value,
            Step::PercentChangeCount => {
                let share = u64::from(count) * u64::from(value) / 100;
                u32::try_from(share).unwrap_or(u32::MAX).max(u32::from(value > 0))
            }
            Step::ExactCount => return value,
            Step::ServiceAllowedNextValue => 0,
        };
        match self.direction {
            Direction::Increase => count.saturating_add(change),
            Direction::Decrease => count.saturating_sub(change),
            Direction::None => count,
        }
    }
}

impl fmt::Display for Rule {
    /// `CpuUtilizationPercentage > 70 for 5 minutes: add 2, then wait 1 hour`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Trigger { metric_name, operator, threshold, time_window, .. } = &self.metric_trigger;
        let Action { direction, step, value, cooldown, .. } = &self.scale_action;
        let value = value.map_or(1, |value| value.0);
        let unit = if *step == Step::PercentChangeCount { " %" } else { "" };
        let action = match (direction, step) {
            (_, Step::ExactCount) => format!("set {value}"),
            (Direction::Increase, _) => format!("add {value}{unit}"),
            (Direction::Decrease, _) => format!("remove {value}{unit}"),
            (Direction::None, _) => "do nothing".to_owned(),
        };
        let (sign, window, wait) = (operator.sign(), time_window.words(), cooldown.words());
        write!(f, "{metric_name} {sign} {threshold} for {window}: {action}, then wait {wait}")
    }
}

#[cfg(test)]
mod tests;
