//! Tests of `setting`.

use super::super::fixtures::json;
use super::*;

#[test]
fn a_setting_survives_a_round_trip_with_what_is_unknown() {
    let mut written = json();
    written["tags"] = serde_json::json!({"team": "a"});
    written["properties"]["notifications"] = serde_json::json!([{"operation": "Scale"}]);
    written["properties"]["profiles"][0]["rules"][0]["metricTrigger"]["dividePerInstance"] =
        true.into();
    let setting: Setting = serde_json::from_value(written.clone()).expect("a setting");
    assert_eq!(serde_json::to_value(&setting).expect("JSON"), written);
    let rules = &setting.properties.profiles[0].rules;
    assert_eq!(
        rules[0].to_string(),
        "CpuUtilizationPercentage > 70 for 5 minutes: add 2, then wait 1 hour"
    );
    assert_eq!(
        rules[1].to_string(),
        "CpuUtilizationPercentage < 30 for 5 minutes: remove 1, then wait 1 hour"
    );
}

#[test]
fn numbers_are_read_as_strings_and_as_numbers() {
    for (json, count) in [
        ("\"2\"", Some(2)),
        ("2", Some(2)),
        ("\"x\"", None),
        ("-1", None),
        ("1.5", None),
        ("null", None),
    ] {
        assert_eq!(serde_json::from_str::<Count>(json).ok(), count.map(Count), "{json}");
    }
    assert_eq!(serde_json::to_string(&Count(2)).expect("JSON"), "\"2\"");
}

#[test]
fn a_step_changes_the_number_of_instances() {
    let action = |direction, step, value| Action {
        direction,
        step,
        value: Some(Count(value)),
        cooldown: IsoDuration::minutes(5),
        rest: Map::new(),
    };
    for (action, from, to) in [
        (action(Direction::Increase, Step::ChangeCount, 2), 3, 5),
        (action(Direction::Decrease, Step::ChangeCount, 5), 3, 0),
        (action(Direction::Increase, Step::PercentChangeCount, 10), 3, 4),
        (action(Direction::Decrease, Step::PercentChangeCount, 50), 4, 2),
        (action(Direction::Decrease, Step::ExactCount, 2), 9, 2),
        (action(Direction::None, Step::ChangeCount, 2), 3, 3),
    ] {
        assert_eq!(action.count_after(from), to, "{action:?}");
    }
}
