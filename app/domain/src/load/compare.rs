//! Two runs side by side, on one scale.

use super::measure::{Aggregate, Measure};
use super::results::{Results, Sample};
use crate::decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The measures of a comparison, in the order of its columns.
const MEASURES: [Measure; 9] = [
    Measure::Requests,
    Measure::Rate,
    Measure::Errors,
    Measure::Response(Aggregate::Avg),
    Measure::Response(Aggregate::P50),
    Measure::Response(Aggregate::P95),
    Measure::Response(Aggregate::P99),
    Measure::Latency(Aggregate::Avg),
    Measure::Latency(Aggregate::P95),
];

/// How much a value changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The difference in percent of the first value, without its sign.
    pub percent: Decimal,
    /// Whether the second value is higher.
    pub is_up: bool,
    /// Whether the second run is better; `None` for a measure without a good direction, such as the number of requests.
    pub is_better: Option<bool>,
}

/// One measure of the requests of one name, in both runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The name of the requests; `None` for all.
    pub name: Option<String>,
    pub measure: Measure,
    /// In the first run; `None` if not measured.
    pub one: Option<Decimal>,
    /// In the second run; `None` if not measured.
    pub other: Option<Decimal>,
    /// `None` if a value is missing, if the first is 0, or if both are equal.
    pub change: Option<Change>,
}

/// Compares two runs: all requests first, then each name. Measures that neither run has are left out.
#[must_use]
pub fn compare(one: &Results, other: &Results) -> Vec<Row> {
    let names: BTreeSet<&String> = one.by_name.keys().chain(other.by_name.keys()).collect();
    let names = std::iter::once(None).chain(names.into_iter().map(|name| Some(name.as_str())));
    let mut rows = Vec::new();
    for name in names {
        let samples = [one.sample(name), other.sample(name)];
        for measure in MEASURES {
            let [one, other] = samples.map(|sample: Option<&Sample>| sample?.value(measure));
            if one.is_some() || other.is_some() {
                let (name, change) = (name.map(str::to_owned), change(measure, one, other));
                rows.push(Row { name, measure, one, other, change });
            }
        }
    }
    rows
}

fn change(measure: Measure, one: Option<Decimal>, other: Option<Decimal>) -> Option<Change> {
    let (one, other) = one.zip(other)?;
    let is_up = other > one;
    if one == other {
        return None;
    }
    let percent = (other.value() - one.value()).abs() / one.value() * 100.0;
    let is_better = match measure {
        Measure::Requests => None,
        measure => Some(is_up != measure.is_cost()),
    };
    Some(Change { percent: Decimal::measured(percent)?, is_up, is_better })
}

/// One point of a run's charts.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Point {
    /// Seconds since the run began to send requests.
    pub second: u32,
    /// Virtual users.
    pub users: Option<f32>,
    /// Requests per second.
    pub rate: Option<f32>,
    /// Failed requests per second.
    pub errors: Option<f32>,
    pub p50_ms: Option<f32>,
    pub p95_ms: Option<f32>,
    pub p99_ms: Option<f32>,
}

/// A scale that two charts share.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// The last second of the longer run.
    pub seconds: u32,
    /// The upper end of the axis: 1, 2 or 5 times a power of ten, at least the highest value. At least 1.
    pub max: f32,
}

/// The scale of one quantity of several runs, so that equal heights mean equal values.
#[must_use]
pub fn scale(runs: &[&[Point]], value: fn(&Point) -> Option<f32>) -> Scale {
    let points = || runs.iter().flat_map(|points| points.iter());
    let highest = points().filter_map(value).filter(|value| value.is_finite()).fold(0.0, f32::max);
    Scale { seconds: points().map(|point| point.second).max().unwrap_or(0), max: round_up(highest) }
}

fn round_up(value: f32) -> f32 {
    let mut power = 1.0_f32;
    while power < f32::MAX / 100.0 {
        for step in [1.0, 2.0, 5.0] {
            if value <= step * power {
                return step * power;
            }
        }
        power *= 10.0;
    }
    f32::MAX
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{results, sample};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_change_says_whether_it_is_better() {
        let (mut one, mut other) =
            (results(sample(1_000, 10, 100)), results(sample(1_000, 5, 110)));
        other.add("GET /new", sample(10, 0, 1));
        one.add("GET /old", sample(10, 0, 1));
        let rows = compare(&one, &other);
        let row = |name: Option<&str>, measure| {
            rows.iter().find(|row| row.name.as_deref() == name && row.measure == measure)
        };
        let p95 = row(None, Measure::Response(Aggregate::P95)).expect("measured");
        let change = p95.change.expect("it changed");
        assert_eq!(
            (change.percent, change.is_up, change.is_better),
            (Decimal::whole(10), true, Some(false))
        );
        let errors = row(None, Measure::Errors).expect("measured").change.expect("it changed");
        assert_eq!((errors.is_up, errors.is_better), (false, Some(true)));
        assert_eq!(row(None, Measure::Requests).expect("measured").change, None, "equal");
        assert_eq!(row(None, Measure::Latency(Aggregate::P95)), None, "neither run has it");
        let new = row(Some("GET /new"), Measure::Requests).expect("only in the second");
        assert_eq!((new.one, new.other, new.change), (None, Some(Decimal::whole(10)), None));
        assert!(row(Some("GET /old"), Measure::Requests).is_some_and(|old| old.other.is_none()));
    }

    #[test]
    fn both_runs_share_one_scale() {
        let point = |second, p95| Point { second, p95_ms: p95, ..Point::default() };
        let (one, other) = (
            [point(0, Some(12.0)), point(30, None)],
            [point(10, Some(310.0)), point(20, Some(f32::NAN))],
        );
        let shared = scale(&[&one, &other], |point| point.p95_ms);
        assert_eq!(shared, Scale { seconds: 30, max: 500.0 });
        assert_eq!(scale(&[], |point| point.rate), Scale { seconds: 0, max: 1.0 });
    }

    proptest! {
        #[test]
        fn no_value_is_above_the_scale_and_none_is_lost_at_its_foot(value in 0.0_f32..1.0e9) {
            let max = round_up(value);
            prop_assert!(value <= max && (max == 1.0 || value > max / 2.6));
        }

        #[test]
        fn a_run_compared_with_itself_has_no_changes(requests in 0_u64..1_000, ms in 0_u32..1_000) {
            let run = results(sample(requests, requests / 7, ms));
            prop_assert!(compare(&run, &run).iter().all(|row| row.change.is_none() && row.one == row.other));
        }
    }
}
