//! `failureCriteria`: a list of client criteria, or a mapping with `clientMetrics` and `serverMetrics`.

use super::list::at_key;
use super::model::{ClientCriterion, Condition, ServerCriterion};
use super::resource::ResourceId;
use crate::nearest::nearest;
use crate::reader::{Field, Fields, Keys, Reader};
use crate::yaml::{Value, short};

/// Maximum number of criteria of one test (Azure Load Testing: service limits).
pub const CRITERIA_MAX: usize = 50;

/// The client metrics.
pub const METRICS: [&str; 5] =
    ["response_time_ms", "latency", "error", "requests", "requests_per_sec"];
/// The aggregates as files spell them. `count` is for `requests`, `percentage` for `error`.
pub const AGGREGATES: [&str; 15] = [
    "avg",
    "min",
    "max",
    "p50",
    "p75",
    "p90",
    "p95",
    "p96",
    "p97",
    "p98",
    "p99",
    "p999",
    "p9999",
    "count",
    "percentage",
];
/// The service's spelling of aggregates, which files may use too.
const DOTTED: [(&str, &str); 2] = [("p99.9", "p999"), ("p99.99", "p9999")];
/// The largest threshold: far above every measurement, and exact as a float.
const VALUE_MAX: f64 = 1.0e10;

const KEYS: Keys = Keys { known: &["clientMetrics", "serverMetrics"], ignored: &[] };
const SERVER_KEYS: Keys = Keys {
    known: &["resourceId", "metricNamespace", "metricName", "aggregation", "condition", "value"],
    ignored: &[],
};
const EXAMPLE: &str = "- avg(response_time_ms) > 300, one criterion in each line below";

/// The aggregates of a metric.
fn aggregates(metric: &str) -> &'static [&'static str] {
    match metric {
        "error" => &AGGREGATES[14..],
        "requests" => &AGGREGATES[13..14],
        "requests_per_sec" => &AGGREGATES[..1],
        _ => &AGGREGATES[..13],
    }
}

impl Reader<'_> {
    /// Reads both kinds of criteria.
    pub(super) fn failure_criteria(
        &mut self,
        fields: &Fields<'_>,
    ) -> (Vec<ClientCriterion>, Vec<ServerCriterion>) {
        let Some(field) = self.optional(fields, "failureCriteria") else {
            return (Vec::new(), Vec::new());
        };
        if !matches!(field.node.value, Value::Map(_)) {
            return (self.client_criteria(&field), Vec::new());
        }
        let Some(fields) = self.fields(&field, KEYS) else { return (Vec::new(), Vec::new()) };
        let client = self.optional(&fields, "clientMetrics");
        let client = client.map(|field| self.client_criteria(&field)).unwrap_or_default();
        let server = self.mappings_of(&fields, "serverMetrics", CRITERIA_MAX, SERVER_KEYS);
        let server: Vec<_> =
            server.iter().filter_map(|fields| self.server_criterion(fields)).collect();
        let count = client.len() + server.len();
        if count > CRITERIA_MAX {
            let message = format!(
                "there are {count} criteria, but Azure Load Testing allows {CRITERIA_MAX}. Remove {}",
                count - CRITERIA_MAX
            );
            self.push(field.problem(message));
        }
        (client, server)
    }

    fn client_criteria(&mut self, field: &Field<'_>) -> Vec<ClientCriterion> {
        let items = self.items(field, CRITERIA_MAX, EXAMPLE);
        items.iter().filter_map(|item| self.client_criterion(item)).collect()
    }

    fn client_criterion(&mut self, item: &Field<'_>) -> Option<ClientCriterion> {
        let (request, field) = match &item.node.value {
            Value::Map(map) => {
                let [entry] = map.entries.as_slice() else {
                    let message = format!(
                        "this has {} keys, but a criterion has one: the name of a request. Write one criterion in each item",
                        map.entries.len()
                    );
                    return self.refuse(item.problem(message));
                };
                let name = entry.key.text.clone();
                let path = format!("{}.{name}", item.path);
                (Some(name), Field { path, node: &entry.value })
            }
            _ => (None, item.clone()),
        };
        let text = self.text(Some(field.clone()))?;
        match criterion(&text) {
            Ok(read) => Some(ClientCriterion { request, ..read }),
            Err(why) => self.refuse(field.problem(why)),
        }
    }

    fn server_criterion(&mut self, fields: &Fields<'_>) -> Option<ServerCriterion> {
        let resource = self.resource_of(fields, "resourceId");
        // By default the type of the resource, as in the CLI.
        let namespace = self.words_of(fields, "metricNamespace");
        let (metric, aggregation) =
            (self.needed_of(fields, "metricName"), self.needed_of(fields, "aggregation"));
        for key in ["condition", "value"] {
            if self.optional(fields, key).is_none() {
                self.push(at_key(fields, key, format!("the key {key} is missing. Add it")));
            }
        }
        let condition = self.exact_of(fields, "condition", &["GreaterThan", "LessThan"]);
        let value = self.number_of(fields, "value", -VALUE_MAX..=VALUE_MAX);
        let resource = resource?;
        let namespace =
            namespace.or_else(|| Some(ResourceId::parse(&resource)?.kind.to_owned()))?;
        let condition = match condition? {
            "GreaterThan" => Condition::Above,
            _ => Condition::Below,
        };
        let (metric, aggregation, value) = (metric?, aggregation?, value?);
        Some(ServerCriterion { resource, namespace, metric, aggregation, condition, value })
    }

    /// The ARM id of a key that must exist.
    pub(super) fn resource_of(&mut self, fields: &Fields<'_>, key: &str) -> Option<String> {
        let id = self.needed_of(fields, key)?;
        if ResourceId::parse(&id).is_none() {
            let message = format!(
                "“{}” is not the ARM id of a resource. Write /subscriptions/…/resourceGroups/…/providers/…",
                short(&id)
            );
            return self.refuse(at_key(fields, key, message));
        }
        Some(id)
    }
}

/// Reads `aggregate(metric) condition threshold`.
fn criterion(text: &str) -> Result<ClientCriterion, String> {
    const FORM: &str = "Write aggregate(metric) > threshold, such as avg(response_time_ms) > 300";
    let unreadable = || format!("“{}” is not a criterion. {FORM}", short(text));
    let (aggregate, rest) = text.split_once('(').ok_or_else(unreadable)?;
    let (metric, rest) = rest.split_once(')').ok_or_else(unreadable)?;
    let rest = rest.trim();
    let (condition, value) = match rest.split_at_checked(1) {
        Some((">", value)) => (Condition::Above, value.trim()),
        Some(("<", value)) => (Condition::Below, value.trim()),
        _ => return Err(unreadable()),
    };
    if value.starts_with('=') {
        return Err(format!(
            "Azure Load Testing compares with > and < only. “{}” cannot be said; write {} and the threshold",
            short(rest),
            condition.sign()
        ));
    }
    let metric = known(metric.trim(), &METRICS, "metric")?;
    let aggregate = aggregate.trim();
    let dotted = DOTTED.iter().find(|(dotted, _)| *dotted == aggregate).map(|(_, plain)| *plain);
    let aggregate = known(dotted.unwrap_or(aggregate), &AGGREGATES, "aggregate")?;
    if !aggregates(metric).contains(&aggregate) {
        let allowed = aggregates(metric).join(", ");
        return Err(format!("{metric} has no aggregate {aggregate}. Write one of: {allowed}"));
    }
    if metric == "error" && condition == Condition::Below {
        return Err(
            "a test cannot fail because of too few errors. Write percentage(error) > 1".to_owned()
        );
    }
    let value = threshold(metric, value)?;
    Ok(ClientCriterion { request: None, aggregate, metric, condition, value })
}

/// The known word, or a message with the nearest one.
fn known(word: &str, words: &[&'static str], what: &str) -> Result<&'static str, String> {
    words.iter().copied().find(|known| *known == word).ok_or_else(|| {
        // People write metrics in camelCase, as an example of Microsoft's reference does.
        let hint = match nearest(&crate::reader::snake(word), words.iter().copied()) {
            Some(near) => format!("Did you mean {near}?"),
            None => format!("Known: {}", words.join(", ")),
        };
        format!("there is no {what} {}. {hint}", short(word))
    })
}

fn threshold(metric: &str, text: &str) -> Result<f64, String> {
    if let Some((_, action)) =
        text.split_once(',').filter(|(_, action)| action.trim() != "continue")
    {
        return Err(format!(
            "a criterion cannot do “{}”. Remove it, and stop runs with autoStop",
            short(action.trim())
        ));
    }
    let text = text.split(',').next().unwrap_or_default().trim();
    let is_plain = !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit() || c == b'.');
    let value = text.parse::<f64>().ok().filter(|value| is_plain && *value <= VALUE_MAX);
    let Some(value) = value else {
        return Err(format!(
            "“{}” is not a threshold. Write a number without a unit: milliseconds, percent or requests",
            short(text)
        ));
    };
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let (max, unit) = match metric {
        "requests_per_sec" => (2, "requests per second with at most two decimals"),
        "error" => (2, "percent with at most two decimals"),
        "requests" => (0, "whole requests"),
        _ => (0, "whole milliseconds"),
    };
    if decimals > max {
        return Err(format!("the threshold of {metric} is in {unit}, but is {text}. Round it"));
    }
    if metric == "error" && value > 100.0 {
        return Err(format!("{text} is more than 100 percent. Write a number from 0 to 100"));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn criteria_are_read_with_any_spaces() {
        for (text, aggregate, metric, condition, value) in [
            ("avg(response_time_ms) > 300", "avg", "response_time_ms", Condition::Above, 300.0),
            ("percentage(error) >50", "percentage", "error", Condition::Above, 50.0),
            (" p99.9 ( latency )<20 ", "p999", "latency", Condition::Below, 20.0),
            ("p9999(latency) > 20", "p9999", "latency", Condition::Above, 20.0),
            ("avg(requests_per_sec) < 78.25", "avg", "requests_per_sec", Condition::Below, 78.25),
            ("count(requests) < 1000, continue", "count", "requests", Condition::Below, 1000.0),
        ] {
            let read = criterion(text).expect(text);
            assert_eq!(
                (read.aggregate, read.metric, read.condition, read.value),
                (aggregate, metric, condition, value),
                "{text}"
            );
        }
    }

    #[test]
    fn a_wrong_criterion_says_what_is_known() {
        for (text, part) in [
            ("p95 < 300", "is not a criterion"),
            ("avg(responseTimeMs) > 300", "Did you mean response_time_ms?"),
            ("avg(cpu) > 300", "Known: response_time_ms, latency"),
            ("p94(latency) > 300", "there is no aggregate p94. Did you mean p"),
            ("count(error) > 1", "error has no aggregate count. Write one of: percentage"),
            ("avg(error) > 1", "error has no aggregate avg"),
            ("percentage(error) < 1", "too few errors"),
            ("percentage(error) > 101", "more than 100 percent"),
            ("percentage(error) > 0.001", "at most two decimals"),
            ("avg(latency) >= 300", "with > and < only"),
            ("avg(latency) = 300", "is not a criterion"),
            ("avg(latency) > 300ms", "without a unit"),
            ("avg(latency) > 3.5", "whole milliseconds"),
            ("avg(latency) > -1", "is not a threshold"),
            ("avg(latency) >", "is not a threshold"),
            ("avg(latency) > 99999999999", "is not a threshold"),
            ("avg(latency) > 300, stop", "autoStop"),
            ("avg(latency) > nan", "is not a threshold"),
        ] {
            assert!(criterion(text).expect_err(text).contains(part), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,60}") {
            if let Ok(read) = criterion(&text) {
                prop_assert!(aggregates(read.metric).contains(&read.aggregate));
                prop_assert!(read.value.is_finite() && read.value >= 0.0);
            }
        }
    }
}
