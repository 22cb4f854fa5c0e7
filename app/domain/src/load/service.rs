//! Criteria as Azure Load Testing has them. The service's criteria say when a test *fails*, and only with `>` and `<`:
//! `p95 <= 300 ms` is “fail if p95 > 300”.
//!
//! The boundary: the service cannot say “fail if p95 >= 300”. So `p95 < 300 ms` becomes “fail if p95 > 300” too, and at
//! exactly 300 ms the service passes what the criterion fails. A threshold of 299 would be wrong the other way: it would
//! fail 299.5 ms. The console judges results itself, by the criterion as written, and its verdict counts. The service's
//! criteria only make its own pages agree.

use super::criterion::{Bound, Criterion, CriterionError, Limit, RequestName};
use super::measure::{Aggregate, Measure};
use crate::decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A fail criterion of Azure Load Testing, with the service's words (`passFailMetrics`, API 2022-11-01 and later).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FailCriterion {
    /// `response_time_ms`, `latency`, `error`, `requests` or `requests_per_sec`.
    pub client_metric: String,
    /// `avg`, `p95`, `p99.9`, `percentage`, `count`, …
    pub aggregate: String,
    /// `>` or `<`.
    pub condition: String,
    /// The threshold. Whole for times and numbers of requests; at most two decimals for rates.
    pub value: Decimal,
    /// `None` for all requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_name: Option<String>,
}

/// How a criterion reaches the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mapped {
    /// The service judges the same.
    Same(FailCriterion),
    /// The service judges the same except at exactly the limit; the sentence says so.
    ExceptAtLimit(FailCriterion, String),
    /// Only the console judges it, for this reason.
    ConsoleOnly(String),
}

impl Mapped {
    /// What the service gets; `None` if only the console judges the criterion.
    #[must_use]
    pub fn sent(&self) -> Option<&FailCriterion> {
        match self {
            Self::Same(fail) | Self::ExceptAtLimit(fail, _) => Some(fail),
            Self::ConsoleOnly(_) => None,
        }
    }
}

/// The decimals that the service allows in thresholds of a measure (reference: supported client metrics).
fn decimals(measure: Measure) -> u64 {
    match measure {
        Measure::Response(_) | Measure::Latency(_) | Measure::Requests => 0,
        Measure::Errors | Measure::Rate => 2,
    }
}

/// The criterion as the service's fail criterion.
#[must_use]
pub fn map(criterion: &Criterion) -> Mapped {
    let measure = criterion.measure();
    let Limit::Fixed(value) = criterion.limit() else {
        let why =
            "Azure Load Testing knows no baselines, so only the console judges this criterion.";
        return Mapped::ConsoleOnly(why.to_owned());
    };
    let is_fine = match decimals(measure) {
        0 => value.value().fract() != 0.0,
        _ => !value.is_hundredths(),
    };
    if is_fine {
        let unit = measure.unit().trim();
        let said = if decimals(measure) == 0 { "whole numbers" } else { "two decimals" };
        return Mapped::ConsoleOnly(format!(
            "Azure Load Testing takes thresholds in {said} only, so only the console judges {value} {unit}."
        ));
    }
    let (client_metric, aggregate) = match measure {
        Measure::Response(aggregate) => ("response_time_ms", aggregate.word()),
        Measure::Latency(aggregate) => ("latency", aggregate.word()),
        Measure::Errors => ("error", "percentage"),
        Measure::Rate => ("requests_per_sec", "avg"),
        Measure::Requests => ("requests", "count"),
    };
    let fail = FailCriterion {
        client_metric: client_metric.to_owned(),
        aggregate: aggregate.to_owned(),
        condition: if criterion.bound().is_max() { ">" } else { "<" }.to_owned(),
        value,
        request_name: criterion.request().map(str::to_owned),
    };
    match criterion.bound() {
        Bound::AtMost | Bound::AtLeast => Mapped::Same(fail),
        Bound::Below | Bound::Above => {
            let says = format!(
                "At exactly {value}{}, Azure Load Testing passes and this criterion fails. The console's verdict counts.",
                measure.unit()
            );
            Mapped::ExceptAtLimit(fail, says)
        }
    }
}

/// The service's fail criterion as the console's.
///
/// # Errors
/// [`CriterionError`] if the service's words are unknown, or if the criterion makes no sense.
pub fn read(fail: &FailCriterion) -> Result<Criterion, CriterionError> {
    let unknown = |word: &str| CriterionError::Measure {
        word: crate::text::shortened(word, 60),
        hint: "This version of the console does not know it".to_owned(),
    };
    let aggregate =
        || Aggregate::from_word(&fail.aggregate).ok_or_else(|| unknown(&fail.aggregate));
    let measure = match (fail.client_metric.as_str(), fail.aggregate.as_str()) {
        ("response_time_ms", _) => Measure::Response(aggregate()?),
        ("latency", _) => Measure::Latency(aggregate()?),
        ("error", "percentage") => Measure::Errors,
        ("requests", "count") => Measure::Requests,
        ("requests_per_sec", "avg") => Measure::Rate,
        (metric, aggregate) => return Err(unknown(&format!("{aggregate}({metric})"))),
    };
    let bound = match fail.condition.as_str() {
        ">" => Bound::AtMost,
        "<" => Bound::AtLeast,
        other => return Err(unknown(other)),
    };
    let request = fail.request_name.as_deref().filter(|name| !name.is_empty());
    let request = request.map(str::parse::<RequestName>).transpose()?;
    Criterion::new(request, measure, bound, Limit::Fixed(fail.value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mapped(line: &str) -> Mapped {
        map(&line.parse().expect(line))
    }

    fn words(fail: &FailCriterion) -> String {
        let FailCriterion { client_metric, aggregate, condition, value, .. } = fail;
        format!("{aggregate}({client_metric}) {condition} {value}")
    }

    #[test]
    fn a_criterion_becomes_its_opposite() {
        for (line, fails) in [
            ("p95 <= 300 ms", "p95(response_time_ms) > 300"),
            ("p99.9 latency <= 2 s", "p99.9(latency) > 2000"),
            ("errors <= 1.25 %", "percentage(error) > 1.25"),
            ("requests >= 1000", "count(requests) < 1000"),
            ("requests/s >= 50.25", "avg(requests_per_sec) < 50.25"),
        ] {
            let Mapped::Same(fail) = mapped(line) else { panic!("{line}") };
            assert_eq!(words(&fail), fails);
        }
        let named = mapped("GET /: p95 <= 3 ms");
        assert_eq!(named.sent().and_then(|fail| fail.request_name.as_deref()), Some("GET /"));
    }

    #[test]
    fn the_boundary_of_a_strict_comparison_is_said() {
        for (line, fails) in [
            ("p95 < 300 ms", "p95(response_time_ms) > 300"),
            ("errors < 1 %", "percentage(error) > 1"),
            ("requests > 1000", "count(requests) < 1000"),
        ] {
            let Mapped::ExceptAtLimit(fail, says) = mapped(line) else { panic!("{line}") };
            assert_eq!(words(&fail), fails);
            assert!(
                says.contains("At exactly") && says.contains("The console's verdict counts"),
                "{says}"
            );
        }
    }

    #[test]
    fn what_the_service_cannot_say_is_judged_by_the_console_only() {
        for (line, part) in [
            ("p95 <= baseline + 10 %", "no baselines"),
            ("p95 <= 0.5 ms", "whole numbers"),
            ("errors <= 0.001 %", "two decimals"),
        ] {
            let Mapped::ConsoleOnly(why) = mapped(line) else { panic!("{line}") };
            assert!(why.contains(part), "{why}");
        }
    }

    #[test]
    fn the_services_words_are_read_or_refused() {
        let fail = |metric: &str, aggregate: &str, condition: &str| FailCriterion {
            client_metric: metric.to_owned(),
            aggregate: aggregate.to_owned(),
            condition: condition.to_owned(),
            value: Decimal::whole(50),
            request_name: Some(String::new()),
        };
        let line = |fail| read(&fail).map(|criterion| criterion.to_string());
        assert_eq!(line(fail("response_time_ms", "p9999", ">")).as_deref(), Ok("p99.99 <= 50 ms"));
        assert_eq!(line(fail("error", "percentage", ">")).as_deref(), Ok("errors <= 50 %"));
        for wrong in [
            fail("cpu", "avg", ">"),
            fail("error", "avg", ">"),
            fail("latency", "p95", ">="),
            fail("error", "percentage", "<"),
        ] {
            assert!(read(&wrong).is_err(), "{wrong:?}");
        }
        let json = r#"{"clientMetric":"error","aggregate":"percentage","condition":">","value":50.0,"action":"continue","result":"passed"}"#;
        let read: FailCriterion = serde_json::from_str(json).expect("as the service answers");
        assert_eq!(words(&read), "percentage(error) > 50");
    }

    proptest! {
        #[test]
        fn the_service_and_the_console_differ_at_most_at_the_limit(
            limit in 1_u32..1_000, value in 0_u32..1_000, is_strict in any::<bool>(), is_max in any::<bool>(),
        ) {
            let bound = match (is_max, is_strict) {
                (true, true) => Bound::Below,
                (true, false) => Bound::AtMost,
                (false, true) => Bound::Above,
                (false, false) => Bound::AtLeast,
            };
            let fixed = Limit::Fixed(Decimal::whole(limit));
            let criterion = Criterion::new(None, Measure::Response(Aggregate::P95), bound, fixed).expect("sensible");
            let mapped = map(&criterion);
            let fail = mapped.sent().expect("whole numbers can be sent");
            let fails = if fail.condition == ">" { value > limit } else { value < limit };
            let passes = bound.holds(&value, &limit);
            prop_assert!(passes != fails || (value == limit && is_strict));
            let back = read(fail).expect("the console's words");
            let again = map(&back);
            prop_assert_eq!(again.sent(), Some(fail), "a round trip changes nothing more");
            prop_assert_eq!(back == criterion, !is_strict);
        }
    }
}
