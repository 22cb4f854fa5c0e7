//! Pass/fail criteria. A criterion says what must not be: `error percentage > 50` fails the test if it is true.
//!
//! Sources: azure-rest-api-specs, loadtestservice, `PassFailMetric`; learn.microsoft.com, define fail criteria.

use std::collections::BTreeMap;

use load::Tally;
use serde_json::{Map, Value, json};

use super::kept::Verdict;
use super::statistics::{Totals, per_second, quantile_ms, rounded};

/// Criteria of a test (learn.microsoft.com, service limits).
const CRITERIA_MAX: usize = 50;

/// What a criterion measures.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Measure {
    Average,
    Minimum,
    Maximum,
    /// The share of requests that were as fast.
    Quantile(f64),
    ErrorPercent,
    Requests,
    RequestsPerSecond,
}

/// One criterion on what clients measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Criterion {
    measure: Measure,
    /// `>`; otherwise `<`.
    is_above: bool,
    value: f64,
    /// Whether the test stops once it is met.
    pub stops: bool,
    request: Option<String>,
}

const QUANTILES: [(&str, f64); 10] = [
    ("p50", 0.5),
    ("p75", 0.75),
    ("p90", 0.9),
    ("p95", 0.95),
    ("p96", 0.96),
    ("p97", 0.97),
    ("p98", 0.98),
    ("p99", 0.99),
    ("p99.9", 0.999),
    ("p99.99", 0.9999),
];

fn measure(metric: &str, aggregate: &str) -> Option<Measure> {
    let quantile =
        || QUANTILES.iter().find(|(name, _)| *name == aggregate).map(|(_, share)| *share);
    match (metric, aggregate) {
        ("response_time_ms" | "latency", "avg") => Some(Measure::Average),
        ("response_time_ms" | "latency", "min") => Some(Measure::Minimum),
        ("response_time_ms" | "latency", "max") => Some(Measure::Maximum),
        ("response_time_ms" | "latency", _) => quantile().map(Measure::Quantile),
        ("error", "percentage") => Some(Measure::ErrorPercent),
        ("requests", "count") => Some(Measure::Requests),
        ("requests_per_sec", "avg") => Some(Measure::RequestsPerSecond),
        _ => None,
    }
}

impl Criterion {
    /// Reads a criterion.
    ///
    /// # Errors
    /// The broken rule.
    pub fn read(sent: &Value) -> Result<Self, String> {
        let text = |name: &str| sent[name].as_str().unwrap_or_default();
        let (metric, aggregate) = (text("clientMetric"), text("aggregate"));
        let measure = measure(metric, aggregate).ok_or_else(|| {
            format!(
                "The aggregate '{}' of the client metric '{}' is not valid. Use avg, min, max or a percentile such as p95 \
                 for response_time_ms and latency, percentage for error, count for requests, avg for requests_per_sec.",
                aggregate.escape_default(),
                metric.escape_default()
            )
        })?;
        let is_above = match text("condition") {
            ">" => true,
            "<" => false,
            _ => return Err("The condition of a criterion must be > or <.".to_owned()),
        };
        let value = sent["value"].as_f64().filter(|value| *value >= 0.0);
        let value = value.ok_or("The value of a criterion must be a number of at least 0.")?;
        if measure == Measure::ErrorPercent && value > 100.0 {
            return Err("The value of an error percentage must be from 0 to 100.".to_owned());
        }
        let stops = match text("action") {
            "" | "continue" => false,
            "stop" => true,
            _ => return Err("The action of a criterion must be continue or stop.".to_owned()),
        };
        let request = Some(text("requestName")).filter(|name| !name.is_empty());
        Ok(Self { measure, is_above, value, stops, request: request.map(str::to_owned) })
    }

    /// The present value; `None` if there is no request of its name.
    pub fn actual(&self, totals: &Totals) -> Option<f64> {
        let tally: &Tally = totals.of(self.request.as_deref()).filter(|tally| tally.count > 0)?;
        let latencies = &tally.latencies;
        Some(match self.measure {
            Measure::Average => rounded(latencies.mean_us() / 1000.0),
            Measure::Minimum => rounded(latencies.min_us() as f64 / 1000.0),
            Measure::Maximum => rounded(latencies.max_us() as f64 / 1000.0),
            Measure::Quantile(share) => quantile_ms(tally, share),
            Measure::ErrorPercent => rounded(tally.error_percent()),
            Measure::Requests => tally.count as f64,
            Measure::RequestsPerSecond => per_second(tally.count as f64, totals.seconds),
        })
    }

    fn is_met(&self, actual: f64) -> bool {
        if self.is_above { actual > self.value } else { actual < self.value }
    }

    /// Whether a running test must stop. A value below its limit stops nothing, because each one begins at 0.
    pub fn must_stop(&self, totals: &Totals) -> bool {
        self.stops && self.is_above && self.actual(totals).is_some_and(|actual| self.is_met(actual))
    }
}

/// Reads all criteria of a body, by id.
///
/// # Errors
/// The broken rule.
pub fn read(body: &Map<String, Value>) -> Result<BTreeMap<String, Criterion>, String> {
    let all = body.get("passFailCriteria").and_then(|all| all.get("passFailMetrics"));
    let Some(all) = all.and_then(Value::as_object) else { return Ok(BTreeMap::new()) };
    if all.len() > CRITERIA_MAX {
        return Err(format!("A test has at most {CRITERIA_MAX} criteria."));
    }
    all.iter().map(|(id, sent)| Ok((id.clone(), Criterion::read(sent)?))).collect()
}

/// Writes values and results into the criteria of a body. Without `totals` there are no results.
pub fn judge(body: &mut Map<String, Value>, totals: Option<&Totals>) -> Verdict {
    let criteria = read(body).unwrap_or_default();
    let Some(Value::Object(all)) = body.get_mut("passFailCriteria") else {
        return Verdict::NotApplicable;
    };
    if let Some(Value::Object(server)) = all.get_mut("passFailServerMetrics") {
        // Nothing measures the resources of the server.
        server.values_mut().for_each(|criterion| criterion["result"] = json!("undetermined"));
    }
    let (mut passed, mut failed) = (0, 0);
    let metrics = all.get_mut("passFailMetrics").and_then(Value::as_object_mut);
    for (id, shown) in metrics.into_iter().flatten() {
        let criterion = criteria.get(id);
        let actual = criterion.zip(totals).and_then(|(one, totals)| one.actual(totals));
        shown["result"] = match criterion.zip(actual) {
            None => json!("undetermined"),
            Some((criterion, actual)) if criterion.is_met(actual) => {
                failed += 1;
                json!("failed")
            }
            Some(_) => {
                passed += 1;
                json!("passed")
            }
        };
        if let Some(actual) = actual {
            shown["actualValue"] = json!(actual);
        }
    }
    match (passed, failed) {
        (_, 1..) => Verdict::Failed,
        (1.., _) => Verdict::Passed,
        _ => Verdict::NotApplicable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn criterion(metric: &str, aggregate: &str, condition: &str, value: f64) -> Value {
        json!({ "clientMetric": metric, "aggregate": aggregate, "condition": condition, "value": value })
    }

    fn totals() -> Totals {
        let tally = Tally {
            count: 200,
            failures: [("HTTP 500".to_owned(), 10)].into(),
            ..Tally::default()
        };
        Totals::new([("score".to_owned(), tally)].into(), 10.0)
    }

    fn judged(criteria: Value) -> (Verdict, Value) {
        let mut body = Map::new();
        body.insert("passFailCriteria".to_owned(), json!({ "passFailMetrics": criteria }));
        let verdict = judge(&mut body, Some(&totals()));
        (verdict, body["passFailCriteria"]["passFailMetrics"].clone())
    }

    #[test]
    fn a_criterion_that_is_true_fails_the_test() {
        let (verdict, all) = judged(json!({
            "a": criterion("error", "percentage", ">", 4.0),
            "b": criterion("requests", "count", "<", 200.0),
            "c": criterion("requests_per_sec", "avg", "<", 20.5),
        }));
        assert_eq!(verdict, Verdict::Failed);
        assert_eq!(
            (&all["a"]["result"], &all["a"]["actualValue"]),
            (&json!("failed"), &json!(5.0))
        );
        assert_eq!(
            (&all["b"]["result"], &all["b"]["actualValue"]),
            (&json!("passed"), &json!(200.0))
        );
        assert_eq!(
            (&all["c"]["result"], &all["c"]["actualValue"]),
            (&json!("failed"), &json!(20.0))
        );
    }

    #[test]
    fn a_criterion_on_an_unknown_request_decides_nothing() {
        let mut other = criterion("requests", "count", "<", 1.0);
        other["requestName"] = json!("login");
        let (verdict, all) = judged(json!({ "a": other.clone() }));
        assert_eq!(
            (verdict, &all["a"]["result"]),
            (Verdict::NotApplicable, &json!("undetermined"))
        );
        let (verdict, _) =
            judged(json!({ "a": other, "b": criterion("error", "percentage", ">", 5.0) }));
        assert_eq!(verdict, Verdict::Passed, "the limit itself is allowed");
        assert_eq!(judge(&mut Map::new(), Some(&totals())), Verdict::NotApplicable);
    }

    #[test]
    fn wrong_pairs_and_values_are_refused() {
        for (metric, aggregate, condition, value) in [
            ("error", "avg", ">", 1.0),
            ("requests", "p95", ">", 1.0),
            ("latency", "p42", ">", 1.0),
            ("latency", "p95", ">=", 1.0),
            ("error", "percentage", ">", 101.0),
            ("error", "percentage", ">", -1.0),
        ] {
            let sent = criterion(metric, aggregate, condition, value);
            assert!(Criterion::read(&sent).is_err(), "{sent}");
        }
        let mut sent = criterion("latency", "p99.99", "<", 0.0);
        sent["action"] = json!("panic");
        assert!(Criterion::read(&sent).is_err());
    }

    #[test]
    fn only_an_upper_limit_with_the_action_stop_stops_a_test() {
        let stops = |condition: &str, action: &str| {
            let mut sent = criterion("error", "percentage", condition, 4.0);
            sent["action"] = json!(action);
            Criterion::read(&sent).expect("valid").must_stop(&totals())
        };
        assert!(stops(">", "stop") && !stops(">", "continue") && !stops("<", "stop"));
    }
}
