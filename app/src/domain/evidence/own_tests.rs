//! The console's own requests in a shadow comparison.

use super::own::{Own, OwnCalls};
use super::rule::ShadowRule;
use super::shadow::Comparison;
use crate::domain::name::DeploymentName;
use crate::domain::timestamp::Timestamp;
use crate::domain::traffic::{Minute, Series, Traffic};

const MINUTE_MS: i64 = 60_000;

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
fn the_consoles_own_requests_are_left_out_and_said() {
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
    // In the second minute nobody but the console called it: that minute says nothing of clients.
    let own =
        [own("green", true, 0, 1, 1), own("green", true, 1, 2, 1), own("blue", false, 0, 3, 0)];
    let found = Comparison::of(&traffic, &own, &[name("blue")], &name("green"));
    assert_eq!((found.minutes, found.shadow.requests, found.shadow.errors), (1, 100, 0));
    assert_eq!(found.own, Some(Own { live: 3, shadow: 1, split: 3 }));
    assert_eq!(holds(&Comparison { live: found.shadow.clone(), ..found.clone() }), [true; 3]);
    let says = &found.judge(&ShadowRule::default())[0].says;
    assert!(says.contains("1 to it and 3 to the live side were the console's own"), "{says}");
    assert!(says.contains("3 of its requests went through the split"), "{says}");
}

#[test]
fn older_evidence_keeps_its_bytes() {
    let old = Comparison { own: None, ..compared(vec![minute(1.0, 0.0, 1.0)], vec![]) };
    let text = serde_json::to_string(&old).expect("JSON");
    assert!(!text.contains("own"), "{text}");
    assert_eq!(serde_json::from_str::<Comparison>(&text).expect("a comparison"), old);
}

fn holds(comparison: &Comparison) -> [bool; 3] {
    let found = comparison.judge(&ShadowRule::default());
    [found[0].holds, found[1].holds, found[2].holds]
}
