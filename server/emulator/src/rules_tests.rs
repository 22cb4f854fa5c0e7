//! Table tests of the rules.

use std::collections::BTreeMap;

use serde_json::json;

use super::*;

fn map(pairs: &[(&str, i64)]) -> BTreeMap<String, i64> {
    pairs.iter().map(|(name, percent)| ((*name).to_owned(), *percent)).collect()
}

fn known() -> BTreeMap<String, Known> {
    [("blue", true), ("Green", true), ("broken", false)]
        .into_iter()
        .map(|(name, has_succeeded)| {
            (name.to_lowercase(), Known { name: name.to_owned(), has_succeeded })
        })
        .collect()
}

#[test]
fn names_follow_the_published_pattern() {
    let check = |text: &str, expect: bool| assert_eq!(name("x", text).is_ok(), expect, "{text}");
    check("abc", true);
    check("anet-ep-prod", true);
    check("A-1", true);
    check("ab", false);
    check("a_b_c", false);
    check("1abc", false);
    check("abc-", false);
    check("ünde", false);
    check(&"a".repeat(32), true);
    check(&"a".repeat(33), false);
}

#[test]
fn live_traffic_is_all_or_nothing_and_names_what_exists() {
    let check = |wanted: &[(&str, i64)], expect: bool| {
        let result = traffic("e", &map(wanted), &map(&[("broken", 40)]), &known());
        assert_eq!(result.is_ok(), expect, "{wanted:?}: {result:?}");
    };
    check(&[], true);
    check(&[("blue", 100)], true);
    check(&[("blue", 60), ("green", 40)], true);
    check(&[("blue", 60), ("broken", 40)], true);
    check(&[("blue", 0), ("broken", 0)], true);
    check(&[("blue", 59), ("broken", 41)], false);
    check(&[("blue", 60)], false);
    check(&[("blue", 101)], false);
    check(&[("blue", 110), ("green", -10)], false);
    check(&[("nobody", 0)], false);
}

#[test]
fn traffic_uses_the_deployments_own_spelling() {
    let rules = traffic("e", &map(&[("green", 100)]), &map(&[]), &known());
    assert_eq!(rules, Ok(map(&[("Green", 100)])));
}

#[test]
fn a_mirror_is_one_idle_deployment_with_at_most_50_per_cent() {
    let check = |wanted: &[(&str, i64)], is_kubernetes: bool, expect: bool| {
        let live = map(&[("blue", 100), ("Green", 0)]);
        let result = mirror("e", &map(wanted), &map(&[]), &live, &known(), is_kubernetes);
        assert_eq!(result.is_ok(), expect, "{wanted:?}: {result:?}");
    };
    check(&[], true, true);
    check(&[("green", 50)], false, true);
    check(&[("green", 0)], false, true);
    check(&[("green", 51)], false, false);
    check(&[("green", -1)], false, false);
    check(&[("green", 10)], true, false);
    check(&[("blue", 10)], false, false);
    check(&[("green", 10), ("blue", 10)], false, false);
    check(&[("nobody", 10)], false, false);
    check(&[("broken", 10)], false, false);
}

#[test]
fn percentages_are_whole_numbers() {
    let check = |value: Value, expect: bool| {
        assert_eq!(percentages("traffic", Some(&value)).is_ok(), expect, "{value}");
    };
    check(json!({ "a": 10 }), true);
    check(json!({ "a": 10.0 }), true);
    check(json!(null), true);
    check(json!({ "a": 10.5 }), false);
    check(json!({ "a": "10" }), false);
    check(json!([]), false);
}

#[test]
fn capacity_is_between_one_and_fifty() {
    let check = |sku: Value, expect: Option<i64>| {
        assert_eq!(capacity(Some(&sku)).ok(), expect, "{sku}");
    };
    check(json!({ "name": "Default" }), Some(1));
    check(json!({ "capacity": 50 }), Some(50));
    check(json!({ "capacity": 0 }), None);
    check(json!({ "capacity": 51 }), None);
    check(json!({ "capacity": "3" }), None);
}

#[test]
fn request_timeouts_are_at_most_three_minutes() {
    let check = |text: &str, expect: bool| {
        let body = json!({ "requestSettings": { "requestTimeout": text } });
        let properties = body.as_object().expect("an object");
        assert_eq!(request_timeout(properties).is_ok(), expect, "{text}");
    };
    check("PT3M", true);
    check("PT180S", true);
    check("PT3M0.001S", false);
    check("PT0S", false);
    check("ninety", false);
}

#[test]
fn the_instance_type_cannot_change() {
    let check = |wanted: &str, expect: bool| {
        let present = json!({ "instanceType": "Standard_DS3_v2" });
        let wanted = json!({ "instanceType": wanted });
        let result = immutable(
            present.as_object().expect("an object"),
            wanted.as_object().expect("an object"),
        );
        assert_eq!(result.is_ok(), expect);
    };
    check("standard_ds3_V2", true);
    check("Standard_F4s_v2", false);
}

#[test]
fn a_deployment_with_traffic_cannot_be_deleted() {
    let check = |name: &str, expect: bool| {
        let result = delete(name, &map(&[("blue", 100), ("idle", 0)]), &map(&[("green", 5)]));
        assert_eq!(result.is_ok(), expect, "{name}");
    };
    check("blue", false);
    check("green", false);
    check("idle", true);
    check("other", true);
}

#[test]
fn a_resource_has_its_workspaces_location() {
    let check = |body: Value, expect: bool| {
        assert_eq!(location(&body, "westeurope").is_ok(), expect, "{body}");
    };
    check(json!({ "location": "West Europe" }), true);
    check(json!({ "location": "eastus" }), false);
    check(json!({}), false);
}
