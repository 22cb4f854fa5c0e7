//! Evaluation of conditions. A missing measurement never meets a condition.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn conditions(written: serde_json::Value) -> Conditions {
    serde_json::from_value(written).expect("conditions")
}

/// One minute of measurements; `p99` in milliseconds.
fn minute(requests: f32, errors: f32, p99: f32) -> Minute {
    Minute {
        requests: Some(requests),
        errors: Some(errors),
        p99_ms: Some(p99),
        ..Minute::default()
    }
}

fn green(minutes: &[Minute]) -> Series {
    Series { deployment: "green".parse().expect("a name"), minutes: minutes.to_vec() }
}

fn observed(
    written: serde_json::Value,
    own: &[Minute],
    others: &[Minute],
) -> Vec<(Option<String>, bool)> {
    let readings = conditions(written).judge(&green(own), others);
    let told = |reading: Reading| {
        let observed = reading.observed.map(|observed| reading.condition.value(observed));
        (observed, reading.is_good())
    };
    readings.into_iter().map(told).collect()
}

#[test]
fn conditions_are_evaluated_over_the_whole_period() {
    let all = json!({ "requests_min": 100, "errors_percent_max": 1.0, "p99_ms_max": 800, "p99_ratio_max": 1.5 });
    let own = [minute(60.0, 1.0, 30.0), Minute::default(), minute(140.0, 1.0, 40.0)];
    let others = [minute(900.0, 9.0, 20.0), minute(900.0, 0.0, 32.0)];
    let said = |text: &str, good| (Some(text.to_owned()), good);
    assert_eq!(
        observed(all.clone(), &own, &others),
        [said("200", true), said("1 %", true), said("40 ms", true), said("1.25 ×", true)]
    );
    let bad = [minute(50.0, 1.0, 900.0)];
    assert_eq!(
        observed(all, &bad, &others),
        [said("50", false), said("2 %", false), said("900 ms", false), said("28.13 ×", false)]
    );
}

#[test]
fn stored_readings_and_policies_keep_the_keys_of_their_conditions() {
    let keys = ["requests_min", "errors_percent_max", "p99_ms_max", "p99_ratio_max"];
    let written = json!({ keys[0]: 1, keys[1]: 1.0, keys[2]: 1, keys[3]: 1.5 });
    let all = conditions(written.clone());
    assert_eq!(serde_json::to_value(&all).expect("JSON"), written);
    let stored: Vec<_> = all.all().iter().map(|(condition, _)| json!(condition)).collect();
    assert_eq!(stored, keys);
}

#[test]
fn a_missing_measurement_meets_no_condition() {
    let all = json!({ "requests_min": 1, "errors_percent_max": 100, "p99_ms_max": 100_000, "p99_ratio_max": 1_000 });
    for minutes in [&[][..], &[Minute::default(); 3][..]] {
        assert_eq!(observed(all.clone(), minutes, minutes), vec![(None, false); 4]);
    }
    // Requests without a latency, and no deployment to compare with.
    let counted = Minute { requests: Some(5.0), errors: Some(0.0), ..Minute::default() };
    let found = observed(all.clone(), &[counted], &[]);
    assert_eq!(found.iter().map(|(_, good)| *good).collect::<Vec<_>>(), [true, true, false, false]);
    let found = observed(all, &[minute(5.0, 0.0, 3.0)], &[Minute::default()]);
    assert_eq!(found.last(), Some(&(None, false)));
    // Without requests there is no error rate.
    let none = observed(json!({ "errors_percent_max": 100 }), &[minute(0.0, 0.0, 0.0)], &[]);
    assert_eq!(none, [(None, false)]);
}

#[test]
fn only_a_clear_breach_ends_a_bake_early() {
    let at_one = json!({ "errors_percent_max": 1.0 });
    for (written, requests, errors, expected) in [
        (at_one.clone(), 100.0, 10.0, true),
        // Too few requests, too few errors, too near the limit.
        (at_one.clone(), 99.0, 99.0, false),
        (at_one.clone(), 100.0, 9.0, false),
        (at_one.clone(), 1_000.0, 20.0, false),
        (at_one, 1_000.0, 21.0, true),
        (json!({ "errors_percent_max": 0, "requests_min": 20 }), 20.0, 10.0, true),
        (json!({ "errors_percent_max": 0, "requests_min": 500 }), 499.0, 400.0, false),
        (json!({ "errors_percent_max": 60 }), 100.0, 100.0, false),
        (json!({ "p99_ms_max": 1 }), 1_000.0, 1_000.0, false),
    ] {
        let series = green(&[minute(requests, errors, 5_000.0)]);
        assert_eq!(
            conditions(written.clone()).is_clearly_broken(&series),
            expected,
            "{written} {errors}"
        );
    }
}

fn any_minute() -> impl Strategy<Value = Minute> {
    let number = || prop::option::of(0.0_f32..2_000.0);
    (number(), number(), number()).prop_map(|(requests, errors, p99_ms)| Minute {
        requests,
        errors,
        p99_ms,
        ..Minute::default()
    })
}

proptest! {
    /// Only a measured reading is good, and a clearly broken deployment never is.
    #[test]
    fn only_measured_readings_are_good(
        own in prop::collection::vec(any_minute(), 0..6),
        others in prop::collection::vec(any_minute(), 0..6),
        most in 0_u32..=100,
    ) {
        let conditions = conditions(json!({ "errors_percent_max": most, "p99_ratio_max": 1.5, "requests_min": 10 }));
        let readings = conditions.judge(&green(&own), &others);
        for reading in &readings {
            prop_assert!(!reading.is_good() || reading.observed.is_some());
        }
        if conditions.is_clearly_broken(&green(&own)) {
            prop_assert!(readings.iter().any(|reading| !reading.is_good()));
        }
    }
}
