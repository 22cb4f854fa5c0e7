//! A rule of an autoscale setting: when a metric is like this, change the number of instances like that.

use serde_json::Value;
use time::Duration;

use super::Scope;
use super::catalogue::{self, Metric};
use super::filter::{self, Filter};
use super::word::{Comparison, one_of};
use crate::inner::Inner;
use crate::when;

/// Limits of the specification.
const GRAIN_MINUTES: std::ops::RangeInclusive<i64> = 1..=720;
const WINDOW_MINUTES: std::ops::RangeInclusive<i64> = 5..=720;
const COOLDOWN_MINUTES: std::ops::RangeInclusive<i64> = 1..=10_080;

type Read<T> = Result<T, String>;

/// What happens to the number of instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Count,
    Percent,
    Exact,
}

/// How the values of a time window become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    Average,
    Minimum,
    Maximum,
    Total,
    Count,
    Last,
}

#[derive(Clone, Debug)]
pub struct ScaleRule {
    pub scope: Scope,
    pub metric: &'static Metric,
    pub filter: Filter,
    /// In minutes, and its name in a query.
    pub grain: i64,
    /// The aggregation within a grain, as metrics call it.
    pub statistic: &'static str,
    pub window: Duration,
    pub over: Over,
    pub test: Comparison,
    pub threshold: f64,
    pub is_per_instance: bool,
    pub is_increase: bool,
    pub change: Change,
    pub value: i64,
    pub cooldown: Duration,
}

/// The endpoint or deployment with an ARM id.
pub fn scope(inner: &Inner, uri: &str) -> Option<Scope> {
    let lower = uri.to_lowercase();
    let segments: Vec<&str> = lower.split('/').filter(|one| !one.is_empty()).collect();
    super::scope(inner, &segments).ok()
}

fn minutes(value: &Value, name: &str, range: std::ops::RangeInclusive<i64>) -> Read<i64> {
    let given = value.as_str().and_then(when::duration);
    let whole = given.map(|given| given.as_secs() / 60).and_then(|given| i64::try_from(given).ok());
    whole.filter(|given| range.contains(given)).ok_or_else(|| {
        format!(
            "The {name} of a rule must be a duration from PT{}M to PT{}M.",
            range.start(),
            range.end()
        )
    })
}

const STATISTICS: [(&str, &str); 5] = [
    ("Average", "Average"),
    ("Min", "Minimum"),
    ("Max", "Maximum"),
    ("Sum", "Total"),
    ("Count", "Count"),
];
const OVER: [(&str, Over); 6] = [
    ("Average", Over::Average),
    ("Minimum", Over::Minimum),
    ("Maximum", Over::Maximum),
    ("Total", Over::Total),
    ("Count", Over::Count),
    ("Last", Over::Last),
];
const CHANGES: [(&str, Change); 3] = [
    ("ChangeCount", Change::Count),
    ("PercentChangeCount", Change::Percent),
    ("ExactCount", Change::Exact),
];

/// Reads a rule; without a resource of its own, its metric is that of the target.
///
/// # Errors
/// The broken rule, in words.
pub fn rule(inner: &Inner, given: &Value, target: &Scope) -> Read<ScaleRule> {
    let (trigger, action) = (&given["metricTrigger"], &given["scaleAction"]);
    let uri = trigger["metricResourceUri"].as_str().filter(|uri| !uri.is_empty());
    let scope = match uri {
        Some(uri) => scope(inner, uri).ok_or_else(|| {
            format!("The metricResourceUri [{uri}] must be an online endpoint or deployment that exists.")
        })?,
        None => target.clone(),
    };
    let name = trigger["metricName"].as_str().unwrap_or_default();
    let metric = catalogue::of(&scope).iter().find(|metric| metric.name.eq_ignore_ascii_case(name));
    let metric =
        metric.ok_or_else(|| format!("The metric [{name}] does not exist for {}.", scope.id))?;
    let grain = minutes(&trigger["timeGrain"], "timeGrain", GRAIN_MINUTES)?;
    let window = minutes(&trigger["timeWindow"], "timeWindow", WINDOW_MINUTES)?;
    if window < grain {
        return Err("The timeWindow of a rule must be at least its timeGrain.".to_owned());
    }
    let directions = [("Increase", true), ("Decrease", false)];
    let value = &action["value"];
    let value = value.as_str().map_or_else(|| value.as_i64().or(Some(1)), |text| text.parse().ok());
    let cooldown = minutes(&action["cooldown"], "cooldown", COOLDOWN_MINUTES)?;
    Ok(ScaleRule {
        filter: dimensions(metric, &trigger["dimensions"])?,
        scope,
        metric,
        grain,
        statistic: one_of(&trigger["statistic"], "statistic", &STATISTICS)?,
        window: Duration::minutes(window),
        over: one_of(&trigger["timeAggregation"], "timeAggregation", &OVER)?,
        test: one_of(&trigger["operator"], "operator", &Comparison::ALL)?,
        threshold: trigger["threshold"].as_f64().ok_or("A rule needs a threshold.")?,
        is_per_instance: trigger["dividePerInstance"] == true,
        is_increase: one_of(&action["direction"], "direction", &directions)?,
        change: one_of(&action["type"], "type", &CHANGES)?,
        value: value
            .filter(|value| *value >= 1)
            .ok_or("The value of a rule's action must be 1 or more.")?,
        cooldown: Duration::minutes(cooldown),
    })
}

/// `[{"DimensionName": "statusCode", "Operator": "Equals", "Values": ["429"]}]`
fn dimensions(metric: &Metric, given: &Value) -> Read<Filter> {
    let mut clauses = Vec::new();
    for one in given.as_array().into_iter().flatten() {
        let name = one["DimensionName"].as_str().unwrap_or_default();
        let operators = [("Equals", "eq"), ("NotEquals", "ne")];
        let operator = one_of(&one["Operator"], "Operator", &operators)?;
        let values = one["Values"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let tests =
            values.map(|value| format!("{name} {operator} '{}'", value.replace('\'', "''")));
        clauses.push(tests.collect::<Vec<_>>().join(" or "));
    }
    let filter = filter::parse(&clauses.join(" and "))?;
    filter.check(metric)?;
    Ok(filter)
}
