//! A question about a run's metrics, and its answer.

use std::collections::BTreeMap;

use load::Tally;
use serde_json::{Value, json};

use super::metrics::{Dimension, GRAINS, Metric, NAMESPACE, PERCENTILES};
use super::series::Series;
use super::statistics::rounded;
use crate::when;

/// The most series of one answer.
const SERIES_MAX: usize = 500;

/// A question.
#[derive(Clone, Debug)]
pub struct Query {
    pub metric: Metric,
    aggregation: Aggregation,
    grain_ms: i64,
    /// In Unix milliseconds, without the end.
    span: Option<(i64, i64)>,
    filters: Vec<(Dimension, Vec<String>)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Aggregation {
    Average,
    Percentile(f64),
    Total,
}

impl Query {
    /// Reads the parameters, whose names are in lower case, and the filters.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn read(parameters: &BTreeMap<String, String>, body: &Value) -> Result<Self, String> {
        let given = |name: &str| parameters.get(name).map(String::as_str).filter(|t| !t.is_empty());
        let name = given("metricname").ok_or("The query parameter metricname is missing.")?;
        let metric = Metric::named(name)?;
        let namespace = given("metricnamespace").unwrap_or(NAMESPACE);
        if !namespace.eq_ignore_ascii_case(NAMESPACE) {
            return Err(format!("The only metric namespace is {NAMESPACE}."));
        }
        let aggregation = match (metric, given("aggregation")) {
            (Metric::ResponseTime, None) => Aggregation::Percentile(0.9),
            (Metric::ResponseTime, Some(name)) => {
                let found = PERCENTILES.iter().find(|(one, _)| one.eq_ignore_ascii_case(name));
                match found {
                    Some((_, share)) => Aggregation::Percentile(*share),
                    None if name.eq_ignore_ascii_case("average") => Aggregation::Average,
                    None => {
                        return Err("The aggregation of ResponseTime is Average or a percentile."
                            .to_owned());
                    }
                }
            }
            (_, None) => Aggregation::Total,
            (_, Some(name)) if name.eq_ignore_ascii_case("total") => Aggregation::Total,
            _ => return Err(format!("The aggregation of {name} is Total.")),
        };
        let interval = given("interval").unwrap_or("PT1M");
        let grain = GRAINS.iter().find(|(one, _)| one.eq_ignore_ascii_case(interval));
        let grain = grain
            .ok_or_else(|| format!("The interval is one of {}.", GRAINS.map(|g| g.0).join(", ")))?;
        let span = given("timespan").map(timespan).transpose()?;
        let filters = filters(metric, body)?;
        Ok(Self { metric, aggregation, grain_ms: grain.1 * 1000, span, filters })
    }
}

fn timespan(text: &str) -> Result<(i64, i64), String> {
    let ms = |text: &str| when::parse(text).map(when::unix_ms);
    let read = text.split_once('/').and_then(|(from, to)| Some((ms(from)?, ms(to)?)));
    let wrong = "The timespan must be a start and an end in ISO 8601 with a slash between them.";
    read.filter(|(from, to)| from <= to).ok_or_else(|| wrong.to_owned())
}

fn filters(metric: Metric, body: &Value) -> Result<Vec<(Dimension, Vec<String>)>, String> {
    let wrong = || "A filter has a name and a list of values.".to_owned();
    let all = match &body["filters"] {
        Value::Null => return Ok(Vec::new()),
        Value::Array(all) => all,
        _ => return Err(wrong()),
    };
    let read = |filter: &Value| {
        let dimension = Dimension::named(metric, filter["name"].as_str().ok_or_else(wrong)?)?;
        let values = filter["values"].as_array().map(Vec::as_slice).unwrap_or_default();
        let values = values.iter().map(|value| value.as_str().map(str::to_owned));
        Ok((dimension, values.collect::<Option<Vec<_>>>().ok_or_else(wrong)?))
    };
    all.iter().map(read).collect()
}

/// What belongs to one point of an answer.
#[derive(Default)]
struct Bucket {
    tally: Tally,
    users: BTreeMap<u32, u32>,
}

/// The series of an answer: one, or one for each combination of filtered values.
///
/// # Errors
/// If there are too many.
pub fn answer(series: &Series, query: &Query) -> Result<Vec<Value>, String> {
    let mut combinations: Vec<Vec<(Dimension, String)>> = vec![Vec::new()];
    for (dimension, values) in &query.filters {
        let is_any = values.is_empty() || values.iter().any(|value| value == "*");
        let values = if is_any { dimension.values(series) } else { values.clone() };
        let longer = |chosen: &Vec<(Dimension, String)>| {
            let with = |value: &String| {
                let mut chosen = chosen.clone();
                chosen.push((*dimension, value.clone()));
                chosen
            };
            values.iter().map(with).collect::<Vec<_>>()
        };
        combinations = combinations.iter().flat_map(longer).collect();
        if combinations.len() > SERIES_MAX {
            return Err(format!("The filters ask for more than {SERIES_MAX} series."));
        }
    }
    Ok(combinations.iter().map(|chosen| element(series, query, chosen)).collect())
}

fn element(series: &Series, query: &Query, chosen: &[(Dimension, String)]) -> Value {
    let of =
        |dimension: Dimension| chosen.iter().find(|(one, _)| *one == dimension).map(|(_, v)| v);
    let (name, kind) = (of(Dimension::RequestName), of(Dimension::Errors));
    let in_region = of(Dimension::EngineRegion).is_none_or(String::is_empty);
    let mut buckets: BTreeMap<i64, Bucket> = BTreeMap::new();
    for (at, request, point) in series.points().filter(|_| in_region) {
        let start = at.div_euclid(query.grain_ms) * query.grain_ms;
        // A span that begins within a grain includes the grain.
        let is_inside =
            query.span.is_none_or(|(from, to)| start + query.grain_ms > from && start < to);
        if !is_inside || name.is_some_and(|name| name != request) {
            continue;
        }
        let bucket = buckets.entry(start).or_default();
        bucket.tally.merge(&point.tally);
        for (engine, users) in &point.users {
            let highest = bucket.users.entry(*engine).or_default();
            *highest = (*highest).max(*users);
        }
    }
    let value = |bucket: &Bucket| value(query, bucket, kind.map(String::as_str));
    let data: Vec<Value> = buckets
        .iter()
        .filter_map(|(at, bucket)| {
            Some(json!({ "timestamp": when::milli(*at), "value": value(bucket)? }))
        })
        .collect();
    let mut element = json!({ "data": data });
    if !chosen.is_empty() {
        let shown = chosen.iter().map(|(one, value)| json!({ "name": one.name(), "value": value }));
        element["dimensionValues"] = shown.collect();
    }
    element
}

/// `None` if there is nothing to show.
fn value(query: &Query, bucket: &Bucket, kind: Option<&str>) -> Option<f64> {
    let some = |count: u64| (count > 0).then_some(count as f64);
    let latencies = &bucket.tally.latencies;
    match query.metric {
        Metric::VirtualUsers => Some(f64::from(bucket.users.values().sum::<u32>())),
        Metric::TotalRequests => some(bucket.tally.count),
        Metric::Errors => some(match kind {
            Some(kind) => bucket.tally.failures.get(kind).copied().unwrap_or(0),
            None => bucket.tally.failed(),
        }),
        Metric::ResponseTime if latencies.count() == 0 => None,
        Metric::ResponseTime => Some(rounded(match query.aggregation {
            Aggregation::Percentile(share) => latencies.quantile_us(share) as f64 / 1000.0,
            _ => latencies.mean_us() / 1000.0,
        })),
    }
}

#[cfg(test)]
mod tests {
    use load::Sample;

    use super::*;

    /// Ten seconds, from 08:17:26, of two names on two engines.
    fn series() -> Series {
        let base_ms = when::parse("2024-10-09T08:17:26Z").map(when::unix_ms).expect("a time");
        let mut series = Series::new(base_ms);
        for second in 0..10 {
            for (engine, name) in [(0, "score"), (1, "score"), (0, "ready")] {
                let failures = [("HTTP 500".to_owned(), u64::from(name == "ready"))].into();
                let tally = Tally { count: 10, failures, ..Tally::default() };
                series.add(&Sample {
                    second,
                    engine,
                    name: name.to_owned(),
                    users: 3 + engine,
                    tally,
                });
            }
        }
        series
    }

    fn asked(parameters: &[(&str, &str)], body: Value) -> Result<Vec<Value>, String> {
        let named = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let query = Query::read(&parameters.iter().map(named).collect(), &body)?;
        answer(&series(), &query)
    }

    #[test]
    fn minutes_are_the_default_grain_and_are_whole() {
        let all = asked(&[("metricname", "TotalRequests")], Value::Null).expect("an answer");
        assert_eq!(
            all,
            [json!({ "data": [{ "timestamp": "2024-10-09T08:17:00.000Z", "value": 300.0 }] })]
        );
        let users = asked(&[("metricname", "virtualusers"), ("interval", "PT5S")], Value::Null);
        let users = users.expect("an answer");
        assert_eq!(
            users[0]["data"],
            json!([{ "timestamp": "2024-10-09T08:17:25.000Z", "value": 7.0 },
                { "timestamp": "2024-10-09T08:17:30.000Z", "value": 7.0 }])
        );
    }

    #[test]
    fn a_filter_makes_a_series_for_each_value() {
        let filter = json!({ "filters": [{ "name": "RequestName", "values": ["*"] }] });
        let all = asked(&[("metricname", "TotalRequests")], filter).expect("an answer");
        let shown: Vec<_> = all
            .iter()
            .map(|one| (&one["dimensionValues"][0]["value"], &one["data"][0]["value"]))
            .collect();
        assert_eq!(shown, [(&json!("ready"), &json!(100.0)), (&json!("score"), &json!(200.0))]);
        let filter = json!({ "filters": [{ "name": "RequestName", "values": ["score"] },
            { "name": "Errors", "values": ["HTTP 500"] }] });
        let none = asked(&[("metricname", "Errors")], filter).expect("an answer");
        assert_eq!(none[0]["data"], json!([]), "score has no failures");
        let errors = asked(&[("metricname", "Errors")], Value::Null).expect("an answer");
        assert_eq!(errors[0]["data"][0]["value"], json!(10.0));
    }

    #[test]
    fn a_span_keeps_what_it_touches() {
        let count = |span: &str| {
            let all = asked(
                &[("metricname", "TotalRequests"), ("interval", "PT5S"), ("timespan", span)],
                Value::Null,
            );
            all.expect("an answer")[0]["data"].as_array().map_or(0, Vec::len)
        };
        assert_eq!(count("2024-10-09T08:17:26Z/2024-10-09T08:17:36Z"), 2);
        assert_eq!(count("2024-10-09T08:17:26Z/2024-10-09T08:17:30Z"), 1);
        assert_eq!(count("2024-10-09T09:00:00Z/2024-10-09T10:00:00Z"), 0);
    }

    #[test]
    fn wrong_questions_are_refused() {
        for parameters in [
            &[][..],
            &[("metricname", "CPU")],
            &[("metricname", "Errors"), ("aggregation", "Average")],
            &[("metricname", "ResponseTime"), ("aggregation", "Percentile42")],
            &[("metricname", "Errors"), ("interval", "PT7S")],
            &[("metricname", "Errors"), ("timespan", "yesterday")],
            &[("metricname", "Errors"), ("timespan", "2024-10-09T08:17:26Z/2024-10-08T08:17:26Z")],
            &[("metricname", "Errors"), ("metricnamespace", "EngineHealthMetrics")],
        ] {
            assert!(asked(parameters, Value::Null).is_err(), "{parameters:?}");
        }
        let filter = json!({ "filters": [{ "name": "Colour", "values": [] }] });
        assert!(asked(&[("metricname", "Errors")], filter).is_err());
    }
}
