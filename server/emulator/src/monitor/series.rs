//! Time series from the data plane's minutes. A point without a measurement has only its time stamp, as in
//! Azure Monitor.

use std::collections::BTreeMap;

use dataplane::{InstanceState, MinuteTraffic};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::Scope;
use super::catalogue::{Measure, Metric, Percentile};
use super::filter::Filter;
use super::query::Query;
use crate::inner::Inner;
use crate::when;

/// The highest number of points per answer and series.
const POINTS_MAX: i64 = 50_000;

/// The buckets of an answer.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub from: OffsetDateTime,
    pub to: OffsetDateTime,
    minutes: i64,
}

impl Window {
    /// Buckets of `minutes`; the first one contains `from`'s minute.
    pub fn new(from: OffsetDateTime, to: OffsetDateTime, minutes: i64) -> Self {
        let floor = from.unix_timestamp().div_euclid(60) * 60;
        let from = OffsetDateTime::from_unix_timestamp(floor).unwrap_or(from);
        Self { from, to, minutes }
    }

    fn starts(&self) -> impl Iterator<Item = OffsetDateTime> {
        let (from, to, step) = (self.from, self.to, Duration::minutes(self.minutes));
        let count = ((to - from).whole_seconds() + step.whole_seconds() - 1) / step.whole_seconds();
        (0..count.clamp(0, POINTS_MAX)).map(move |n| from + step * i32::try_from(n).unwrap_or(0))
    }

    fn bucket(&self, minute: OffsetDateTime) -> OffsetDateTime {
        let passed = (minute - self.from).whole_minutes() / self.minutes;
        self.from + Duration::minutes(passed * self.minutes)
    }
}

/// A measured minute: a value, and its weight in an average over several minutes.
#[derive(Clone, Copy, Debug)]
struct Sample {
    value: f64,
    weight: f64,
}

type Labels = Vec<(String, String)>;
/// The samples of each minute.
type Minutes = BTreeMap<OffsetDateTime, Vec<Sample>>;
/// By series, then by minute, then the samples of that minute.
type Measured = BTreeMap<Labels, Minutes>;

/// The series of one metric, split by the dimensions that the filter names, up to the requested number.
pub fn of(
    inner: &Inner,
    scope: &Scope,
    metric: &Metric,
    query: &Query,
    aggregations: &[&str],
) -> Vec<Value> {
    let (filter, window) = (&query.filter, &query.window);
    let mut measured = match metric.measure {
        Measure::Cpu | Measure::Memory | Measure::Capacity => {
            instances(inner, scope, metric, filter, window)
        }
        Measure::Nothing => Measured::new(),
        _ => traffic(inner, scope, metric, filter, window),
    };
    if measured.is_empty() && filter.0.is_empty() {
        measured.insert(Vec::new(), BTreeMap::new());
    }
    let mut all: Vec<(Labels, Minutes)> = measured.into_iter().collect();
    if let Some(order) = query.order {
        // The sort is stable: equal series stay in the order of their labels.
        all.sort_by(|(_, a), (_, b)| {
            let rank = |minutes| ranked(metric, order.by, minutes);
            let ascending = rank(a).total_cmp(&rank(b));
            if order.is_descending { ascending.reverse() } else { ascending }
        });
    }
    all.truncate(query.top);
    all.iter()
        .map(|(labels, minutes)| {
            let mut series = json!({ "metadatavalues": metadata(labels) });
            if query.has_points {
                series["data"] = json!(points(metric, window, minutes, aggregations));
            }
            series
        })
        .collect()
}

fn metadata(labels: &Labels) -> Vec<Value> {
    let entry = |(name, value): &(String, String)| json!({ "name": { "value": name, "localizedValue": name }, "value": value });
    labels.iter().map(entry).collect()
}

/// The total of a series.
fn ranked(metric: &Metric, aggregation: &str, minutes: &Minutes) -> f64 {
    let samples: Vec<Sample> =
        minutes.values().flat_map(|samples| in_minute(metric, samples)).collect();
    aggregated(aggregation, &samples)
}

fn traffic(
    inner: &Inner,
    scope: &Scope,
    metric: &Metric,
    filter: &Filter,
    window: &Window,
) -> Measured {
    let mut measured = Measured::new();
    for minute in inner.plane.traffic(&scope.endpoint, window.from, window.to) {
        if scope.deployment.is_some() && scope.deployment != minute.deployment {
            continue;
        }
        for (labels, sample) in samples(metric, &minute, filter) {
            let series = measured.entry(labels).or_default();
            series.entry(minute.minute).or_default().push(sample);
        }
    }
    measured
}

/// One minute's samples with the labels that the filter asks for.
fn samples(metric: &Metric, minute: &MinuteTraffic, filter: &Filter) -> Vec<(Labels, Sample)> {
    let total: u64 = minute.counts.iter().map(|count| count.count).sum();
    let weight = total as f64;
    let whole = |value: f64| {
        let label = |name: &str| match name.to_lowercase().as_str() {
            "deployment" => minute.deployment.clone(),
            _ => None,
        };
        labelled(filter, label)
            .map(|labels| (labels, Sample { value, weight }))
            .into_iter()
            .collect()
    };
    let latency = &minute.latency;
    match metric.measure {
        Measure::Latency(_) if total == 0 => Vec::new(),
        Measure::Latency(Percentile::Mean) => whole(latency.mean_ms),
        Measure::Latency(Percentile::P50) => whole(latency.p50_ms),
        Measure::Latency(Percentile::P90) => whole(latency.p90_ms),
        Measure::Latency(Percentile::P95) => whole(latency.p95_ms),
        Measure::Latency(Percentile::P99) => whole(latency.p99_ms),
        Measure::Network => whole((minute.bytes_in + minute.bytes_out) as f64 / 60.0),
        Measure::Connections => whole(weight / 60.0),
        _ => {
            let counts = minute.counts.iter().filter_map(|count| {
                let label = |name: &str| match name.to_lowercase().as_str() {
                    "deployment" => minute.deployment.clone(),
                    "statuscode" | "envoy_response_code" => Some(count.status.to_string()),
                    "statuscodeclass" => Some(format!("{}xx", count.status / 100)),
                    "modelstatuscode" => count.model_status.map(|status| status.to_string()),
                    _ => None,
                };
                let labels = labelled(filter, label)?;
                Some((labels, Sample { value: count.count as f64, weight: 1.0 }))
            });
            counts.collect()
        }
    }
}

/// The labels of a matching sample; a dimension without a value is empty.
fn labelled(filter: &Filter, label: impl Fn(&str) -> Option<String>) -> Option<Labels> {
    filter
        .0
        .iter()
        .map(|clause| {
            let value = label(&clause.dimension).unwrap_or_default();
            clause.holds(&value).then(|| (clause.dimension.clone(), value))
        })
        .collect()
}

/// The instances' usage is read on demand: there is only a current value.
fn instances(
    inner: &Inner,
    scope: &Scope,
    metric: &Metric,
    filter: &Filter,
    window: &Window,
) -> Measured {
    let mut measured = Measured::new();
    let now = inner.clock.now();
    let last = window.to.min(now) - Duration::SECOND;
    let minute = window.bucket(Window::new(last, window.to, 1).from);
    if minute < window.from {
        return measured;
    }
    let deployment = scope.deployment.as_deref().unwrap_or_default();
    for instance in inner.plane.instances(&scope.endpoint, deployment) {
        let value = match (metric.measure, instance.pid) {
            (Measure::Capacity, _) => Some(1.0),
            (Measure::Cpu, Some(pid)) => crate::process::cpu_percent(pid),
            (Measure::Memory, Some(pid)) => crate::process::memory_percent(pid),
            _ => None,
        };
        let label = |name: &str| match name.to_lowercase().as_str() {
            "instanceid" => Some(instance.id.clone()),
            "state" if instance.state == InstanceState::Ready => Some("ready".to_owned()),
            "state" => Some("unready".to_owned()),
            _ => None,
        };
        if let (Some(value), Some(labels)) = (value, labelled(filter, label)) {
            let series = measured.entry(labels).or_default();
            series.entry(minute).or_default().push(Sample { value, weight: 1.0 });
        }
    }
    measured
}

/// A counter gives one sample a minute; an average keeps its own samples.
fn in_minute(metric: &Metric, samples: &[Sample]) -> Vec<Sample> {
    let is_summed = matches!(
        metric.measure,
        Measure::Requests | Measure::Network | Measure::Connections | Measure::Capacity
    );
    if !is_summed {
        return samples.to_vec();
    }
    vec![Sample { value: samples.iter().map(|sample| sample.value).sum(), weight: 1.0 }]
}

fn points(
    metric: &Metric,
    window: &Window,
    minutes: &Minutes,
    aggregations: &[&str],
) -> Vec<Value> {
    let mut buckets = Minutes::new();
    for (minute, samples) in minutes {
        let bucket = buckets.entry(window.bucket(*minute)).or_default();
        bucket.extend(in_minute(metric, samples));
    }
    let point = |start| {
        let mut point = json!({ "timeStamp": when::zulu(start) });
        let Some(samples) = buckets.get(&start).filter(|samples| !samples.is_empty()) else {
            return point;
        };
        for name in aggregations {
            point[name.to_lowercase()] = json!(aggregated(name, samples));
        }
        point
    };
    window.starts().map(point).collect()
}

fn aggregated(name: &str, samples: &[Sample]) -> f64 {
    let values = || samples.iter().map(|sample| sample.value);
    let weight: f64 = samples.iter().map(|sample| sample.weight).sum();
    let total: f64 = samples.iter().map(|sample| sample.value * sample.weight).sum();
    match name {
        "Minimum" => values().fold(f64::INFINITY, f64::min),
        "Maximum" => values().fold(f64::NEG_INFINITY, f64::max),
        "Total" => total,
        "Count" => weight,
        _ if weight > 0.0 => total / weight,
        _ => 0.0,
    }
}
