//! An alert rule over logs, as the evaluation needs it (azure-rest-api-specs, monitor, scheduledQueryRule 2023-12-01; Azure
//! Monitor, "Types of Azure Monitor alerts" and "service limits").

use analytics::{Checked, Type};
use serde_json::Value;
use time::Duration;

use super::word::{Comparison, one_of};
use crate::inner::Inner;
use crate::logs::ask::Unanswered;
use crate::when;

/// What `evaluationFrequency` and `windowSize` can be, in minutes (REST reference and portal); a window can also be two days.
const MINUTES: [i64; 14] = [1, 5, 10, 15, 20, 30, 45, 60, 120, 180, 240, 300, 360, 1_440];
const WINDOW_MINUTES_MAX: i64 = 2_880;
/// The most evaluation periods (ditto).
const PERIODS_MAX: i64 = 6;
/// The most dimensions of a rule.
const DIMENSIONS_MAX: usize = 6;

/// The longest query, and the most bytes of all properties; each alert has them, too. The service's limits are not documented.
const QUERY_BYTES_MAX: usize = 16 << 10;
const PROPERTIES_BYTES_MAX: usize = 64 << 10;

/// What a rule does with the rows of its query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregation {
    Count,
    Average,
    Minimum,
    Maximum,
    Total,
}

/// A column by which a rule is split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    pub name: String,
    is_included: bool,
    /// `*` is every value.
    values: Vec<String>,
}

impl Dimension {
    /// Whether the rule is about a value.
    pub fn has(&self, value: &str) -> bool {
        let is_named = self.values.iter().any(|one| one == "*" || one == value);
        is_named == self.is_included
    }
}

/// Where a rule's query runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The log workspace.
    pub workspace: String,
    /// The resource, if it is not the workspace itself.
    pub resource: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Rule {
    pub is_enabled: bool,
    /// The ARM id of the scope, as it was sent.
    pub target: String,
    pub frequency: Duration,
    pub window: Duration,
    /// The time range of the query, if it is not that of the periods.
    pub range: Option<Duration>,
    pub query: String,
    pub aggregation: Aggregation,
    pub column: Option<String>,
    pub dimensions: Vec<Dimension>,
    pub operator: Comparison,
    pub threshold: f64,
    pub periods: i32,
    /// How many of the periods must be violated.
    pub failing: i32,
    /// Whether an alert is resolved when its condition is over, and not fired again before.
    pub is_stateful: bool,
    pub mute: Option<Duration>,
    /// After how many evaluations without the condition an alert is resolved.
    pub healthy: i32,
    pub action_groups: Vec<String>,
    /// The properties as they are stored.
    pub properties: Value,
}

type Read<T> = Result<T, String>;

fn length(properties: &Value, name: &str) -> Option<Duration> {
    Duration::try_from(properties[name].as_str().and_then(when::duration)?).ok()
}

fn required(properties: &Value, name: &str, most: i64) -> Read<Duration> {
    let given = length(properties, name).filter(|given| {
        let minutes = given.whole_minutes();
        given.whole_seconds() == minutes * 60 && (MINUTES.contains(&minutes) || minutes == most)
    });
    given.ok_or_else(|| {
        format!("The {name} must be a duration such as PT5M, PT15M or PT1H, and at most PT{most}M.")
    })
}

const AGGREGATIONS: [(&str, Aggregation); 5] = [
    ("Count", Aggregation::Count),
    ("Average", Aggregation::Average),
    ("Minimum", Aggregation::Minimum),
    ("Maximum", Aggregation::Maximum),
    ("Total", Aggregation::Total),
];

impl Rule {
    /// Reads the properties of a rule.
    ///
    /// # Errors
    /// The broken rule, in words.
    pub fn read(properties: &Value) -> Read<Self> {
        let conditions = properties["criteria"]["allOf"].as_array().map_or(&[][..], Vec::as_slice);
        let [condition] = conditions else {
            return Err("A rule has exactly one condition in criteria.allOf.".to_owned());
        };
        let frequency = required(properties, "evaluationFrequency", 1_440)?;
        let window = required(properties, "windowSize", WINDOW_MINUTES_MAX)?;
        let (periods, failing) = periods(&condition["failingPeriods"])?;
        let (is_stateful, mute) = state(properties)?;
        let text =
            |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let aggregation = one_of(&condition["timeAggregation"], "timeAggregation", &AGGREGATIONS)?;
        let query = text(&condition["query"]).ok_or("A condition needs a query.")?;
        let bytes = properties.to_string().len();
        if query.len() > QUERY_BYTES_MAX || bytes > PROPERTIES_BYTES_MAX {
            return Err("The rule is too long.".to_owned());
        }
        let column = text(&condition["metricMeasureColumn"]);
        if column.is_none() && aggregation != Aggregation::Count {
            return Err("The metricMeasureColumn is required unless rows are counted.".to_owned());
        }
        Ok(Self {
            is_enabled: properties["enabled"].as_bool().unwrap_or(true),
            target: text(&properties["scopes"][0]).unwrap_or_default(),
            frequency,
            window,
            range: length(properties, "overrideQueryTimeRange"),
            query,
            aggregation,
            column,
            dimensions: dimensions(condition)?,
            operator: one_of(&condition["operator"], "operator", &Comparison::ALL[..5])?,
            threshold: condition["threshold"].as_f64().ok_or("A condition needs a threshold.")?,
            periods,
            failing,
            is_stateful,
            mute,
            healthy: healthy(properties, frequency),
            action_groups: action_groups(properties),
            properties: properties.clone(),
        })
    }

    /// Refuses a query that the service would refuse; a rule can ask not to.
    ///
    /// # Errors
    /// What is wrong, in the service's words where they are known.
    pub fn check_query(&self, inner: &Inner) -> Read<()> {
        let Some(scope) = self.scope(inner) else { return Ok(()) };
        if self.properties["skipQueryValidation"] == true {
            return Ok(());
        }
        match inner.logs.check(&scope.workspace, &self.query, inner.clock.now()) {
            Ok(checked) => self.check_columns(&checked),
            // The service passes on the answer of the query API as text.
            Err(Unanswered::Query(error)) => {
                Err(serde_json::json!({ "error": error.to_json() }).to_string())
            }
            Err(other) => Err(other.to_string()),
        }
    }

    fn check_columns(&self, checked: &Checked) -> Read<()> {
        let kind = |name: &str| {
            checked.columns.iter().find(|column| column.name == name).map(|column| column.kind)
        };
        if let Some(column) = &self.column
            && self.aggregation != Aggregation::Count
        {
            match kind(column) {
                Some(Type::Int | Type::Long | Type::Real) => {}
                Some(_) => {
                    return Err(format!("The metricMeasureColumn '{column}' is not a number."));
                }
                None => return Err(format!("The query has no column '{column}' to measure.")),
            }
        }
        match self.dimensions.iter().find(|dimension| kind(&dimension.name).is_none()) {
            Some(Dimension { name, .. }) => {
                Err(format!("The query has no column '{name}' for a dimension."))
            }
            None => Ok(()),
        }
    }

    /// Where the query runs; `None` if the emulator does not know the scope.
    pub fn scope(&self, inner: &Inner) -> Option<Scope> {
        let target = self.target.trim_end_matches('/').to_lowercase();
        let group = inner.group_id().to_lowercase();
        let logs = format!("{group}/providers/microsoft.operationalinsights/workspaces/");
        if let Some(name) = target.strip_prefix(&logs) {
            inner.logs.customer_id(name)?;
            return Some(Scope { workspace: name.to_owned(), resource: None });
        }
        let subscription = format!("/subscriptions/{}", inner.subscription).to_lowercase();
        let is_ours = target == subscription || target == group || {
            target.starts_with(&format!("{group}/providers/microsoft.machinelearningservices/"))
        };
        if !is_ours {
            return None;
        }
        let workspace = inner.logs.of_resource(&target).into_iter().next();
        let workspace = workspace.or_else(|| inner.logs.any())?;
        Some(Scope { workspace, resource: Some(target) })
    }
}

fn periods(given: &Value) -> Read<(i32, i32)> {
    let number = |name: &str| given[name].as_i64().unwrap_or(1);
    let (periods, failing) =
        (number("numberOfEvaluationPeriods"), number("minFailingPeriodsToAlert"));
    if !(1..=PERIODS_MAX).contains(&periods) || !(1..=periods).contains(&failing) {
        return Err(format!(
            "A condition looks at 1 to {PERIODS_MAX} periods, of which at least one and at most all must fail."
        ));
    }
    Ok((i32::try_from(periods).unwrap_or(1), i32::try_from(failing).unwrap_or(1)))
}

/// Whether it is stateful, and how long its actions are muted.
fn state(properties: &Value) -> Read<(bool, Option<Duration>)> {
    let mute = length(properties, "muteActionsDuration").filter(|mute| !mute.is_zero());
    let is_stateful = properties["autoMitigate"].as_bool();
    if is_stateful == Some(true) && mute.is_some() {
        return Err("A rule that resolves its alerts (autoMitigate) cannot mute actions (muteActionsDuration).".to_owned());
    }
    Ok((is_stateful.unwrap_or(mute.is_none()), mute))
}

fn dimensions(condition: &Value) -> Read<Vec<Dimension>> {
    let given = condition["dimensions"].as_array().map_or(&[][..], Vec::as_slice);
    if given.len() > DIMENSIONS_MAX {
        return Err(format!("A condition has at most {DIMENSIONS_MAX} dimensions."));
    }
    let read = |one: &Value| {
        let operators = [("Include", true), ("Exclude", false)];
        let values = one["values"].as_array().map_or(&[][..], Vec::as_slice);
        let values: Vec<String> =
            values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect();
        match one["name"].as_str().filter(|name| !name.is_empty() && !values.is_empty()) {
            Some(name) => Ok(Dimension {
                name: name.to_owned(),
                is_included: one_of(&one["operator"], "operator", &operators)?,
                values,
            }),
            None => Err("A dimension needs a name and values.".to_owned()),
        }
    };
    let mut dimensions: Vec<Dimension> = given.iter().map(read).collect::<Read<_>>()?;
    // A rule over many resources has one alert for each.
    if let Some(column) = condition["resourceIdColumn"].as_str().filter(|text| !text.is_empty()) {
        let values = vec!["*".to_owned()];
        dimensions.push(Dimension { name: column.to_owned(), is_included: true, values });
    }
    Ok(dimensions)
}

/// Azure Monitor, "Stateful alerts": when a log search alert is resolved. A rule can give its own time.
fn healthy(properties: &Value, frequency: Duration) -> i32 {
    let own = length(&properties["resolveConfiguration"], "timeToResolve");
    let minutes = frequency.whole_minutes().max(1);
    let evaluations = match (own, minutes) {
        (Some(own), _) => (own.whole_minutes() + minutes - 1) / minutes,
        (None, ..5) => (10 + minutes - 1) / minutes,
        (None, 5..=15) => 3,
        (None, 16..=660) => 2,
        (None, _) => 1,
    };
    i32::try_from(evaluations.max(1)).unwrap_or(1)
}

fn action_groups(properties: &Value) -> Vec<String> {
    let groups = properties["actions"]["actionGroups"].as_array().map_or(&[][..], Vec::as_slice);
    groups.iter().filter_map(|id| id.as_str().map(str::to_lowercase)).collect()
}

#[cfg(test)]
#[path = "rule_tests.rs"]
mod tests;
