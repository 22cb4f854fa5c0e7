//! Which requests a shadow comparison counts, and how it is judged.

use super::*;
use crate::traffic::Series;
use proptest::prelude::*;

fn name(text: &str) -> DeploymentName {
    text.parse().expect("a name")
}

fn minute(requests: f32, errors: f32, p99: f32) -> Minute {
    Minute {
        requests: Some(requests),
        errors: Some(errors),
        p50_ms: Some(p99 / 2.0),
        p95_ms: None,
        p99_ms: Some(p99),
    }
}

fn compared(live: Vec<Minute>, shadow: Vec<Minute>) -> Comparison {
    let series = |deployment: &str, minutes| Series { deployment: name(deployment), minutes };
    let series = vec![series("blue", live), series("green", shadow)];
    let traffic = Traffic { start: Timestamp(0), series, trouble: None };
    Comparison::of(&traffic, &[], &[name("blue")], &name("green"))
}

#[test]
fn the_consoles_own_requests_are_left_out_and_mentioned() {
    let series = |deployment: &str, minutes| Series { deployment: name(deployment), minutes };
    let series = vec![
        series("blue", vec![minute(100.0, 0.0, 10.0), minute(100.0, 0.0, 10.0)]),
        series("green", vec![minute(101.0, 1.0, 10.0), minute(2.0, 1.0, 10.0)]),
    ];
    let traffic = Traffic { start: Timestamp(0), series, trouble: None };
    let own = |deployment: &str, by_name, at: i64, calls, errors| OwnCalls {
        deployment: Some(name(deployment)),
        by_name,
        minute: Timestamp(at * MINUTE_MS),
        calls,
        errors,
    };
    // In the second minute, only the console called the shadow, so the minute does not count.
    let own =
        [own("green", true, 0, 1, 1), own("green", true, 1, 2, 1), own("blue", false, 0, 3, 0)];
    let found = Comparison::of(&traffic, &own, &[name("blue")], &name("green"));
    assert_eq!((found.minutes, found.shadow.requests, found.shadow.errors), (1, 100, 0));
    assert_eq!(found.own, Some(Own { live: 3, shadow: 1, split: 3 }));
    assert_eq!(holds(&Comparison { live: found.shadow.clone(), ..found.clone() }), [true; 3]);
    let says = &found.judge(&ShadowRule::default())[0].says;
    assert!(
        says.contains("1 requests to the shadow and 3 to the live side were the console's own"),
        "{says}"
    );
    assert!(says.contains("sent 3 requests through the split"), "{says}");
}

#[test]
fn older_evidence_keeps_its_bytes() {
    let old = Comparison { own: None, ..compared(vec![minute(1.0, 0.0, 1.0)], vec![]) };
    let text = serde_json::to_string(&old).expect("JSON");
    assert!(!text.contains("own") && !text.contains("minute_p"), "{text}");
    assert!(text.contains(r#""p50_ms":null,"p99_ms":null"#), "{text}");
    assert_eq!(serde_json::from_str::<Comparison>(&text).expect("a comparison"), old);
}

fn holds(comparison: &Comparison) -> [bool; 3] {
    let found = comparison.judge(&ShadowRule::default());
    [found[0].holds, found[1].holds, found[2].holds]
}

#[test]
fn only_minutes_in_which_both_answered_count() {
    let none = Minute::default;
    let live = vec![minute(900.0, 90.0, 500.0), minute(80.0, 0.0, 10.0), minute(80.0, 0.0, 10.0)];
    let shadow = vec![none(), minute(60.0, 0.0, 12.0), minute(60.0, 1.0, 14.0)];
    let found = compared(live, shadow);
    assert_eq!((found.from, found.to), (Some(Timestamp(60_000)), Some(Timestamp(180_000))));
    assert_eq!((found.live.requests, found.live.errors), (160, 0));
    assert_eq!((found.shadow.requests, found.shadow.errors), (120, 1));
    assert_eq!(found.shadow.minute_p99_ms, Some(Decimal::whole(14)));
    assert_eq!(holds(&found), [true, true, true]);
    assert!(found.judge(&ShadowRule::default())[2].says.contains("1.4 times"), "{found:?}");
}

#[test]
fn a_missing_measurement_never_holds() {
    let none = compared(vec![minute(900.0, 0.0, 10.0)], vec![Minute::default()]);
    assert_eq!((none.minutes, none.from), (0, None));
    assert_eq!(holds(&none), [false, false, false]);
    let unmeasured = Minute { p99_ms: None, ..minute(200.0, 0.0, 10.0) };
    let found = compared(vec![minute(200.0, 0.0, 10.0)], vec![unmeasured]);
    assert_eq!(holds(&found), [true, true, false]);
}

#[test]
fn each_limit_is_judged_separately() {
    let live = || vec![minute(200.0, 0.0, 10.0)];
    for (shadow, expected) in [
        (minute(100.0, 1.0, 15.0), [true, true, true]),
        (minute(99.0, 0.0, 15.0), [false, true, true]),
        (minute(100.0, 2.0, 15.0), [true, false, true]),
        (minute(100.0, 1.0, 15.1), [true, true, false]),
    ] {
        assert_eq!(holds(&compared(live(), vec![shadow])), expected, "{shadow:?}");
    }
}

fn minutes() -> impl Strategy<Value = Vec<Minute>> {
    let value = || prop::option::of(0.0_f32..500.0);
    let minute = (value(), value(), value(), value()).prop_map(|(requests, errors, p50, p99)| {
        Minute { requests, errors, p50_ms: p50, p95_ms: None, p99_ms: p99 }
    });
    prop::collection::vec(minute, 0..30)
}

proptest! {
    #[test]
    fn a_good_comparison_has_enough_requests_and_a_latency_on_both_sides(live in minutes(), shadow in minutes()) {
        let found = compared(live, shadow);
        if holds(&found) == [true, true, true] {
            prop_assert!(found.live.requests >= 100 && found.shadow.requests >= 100);
            prop_assert!(found.live.minute_p99_ms.is_some() && found.shadow.minute_p99_ms.is_some());
            prop_assert!(found.minutes > 0 && found.from < found.to);
        }
    }
}
