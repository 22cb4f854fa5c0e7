//! Tests of the lints, one for each rule.

use super::super::fixtures::{DEPLOYMENT, ENDPOINT, with};
use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn found(change: &dyn Fn(&mut Value)) -> Vec<Finding> {
    let setting = with(change);
    lint(&Case { setting: &setting, deployment: DEPLOYMENT, instances: Some(3) })
}

/// Changes the first profile.
fn profile(change: impl Fn(&mut Value)) -> impl Fn(&mut Value) {
    move |properties| change(&mut properties["profiles"][0])
}

/// Changes the first or second rule of the first profile.
fn rule(at: usize, change: impl Fn(&mut Value)) -> impl Fn(&mut Value) {
    profile(move |profile| change(&mut profile["rules"][at]))
}

#[test]
fn a_good_setting_has_no_findings() {
    assert_eq!(found(&|_| {}), []);
    let setting = with(&|_| {});
    assert_eq!(
        lint(&Case { setting: &setting, deployment: &DEPLOYMENT.to_uppercase(), instances: None }),
        []
    );
}

#[test]
fn the_scale_in_rule_of_microsofts_guide_that_increases_is_found() {
    let found = found(&rule(1, |rule| rule["scaleAction"]["direction"] = json!("Increase")));
    let lints: Vec<_> = found.iter().map(|one| one.lint.as_str()).collect();
    assert_eq!(lints, ["directions-agree", "scales-both-ways"]);
    assert_eq!((found[0].level, found[0].rule), (Level::Error, Some(1)));
    assert!(found[0].says.contains("the less load there is, the more it costs"), "{found:?}");
}

type Change = Box<dyn Fn(&mut Value)>;

#[test]
fn each_lint_finds_its_mistake() {
    let set = |path: &'static str, value: Value| -> Change {
        Box::new(move |properties: &mut Value| {
            *properties.pointer_mut(path).expect(path) = value.clone();
        })
    };
    let cases: Vec<(&str, Level, Change, &str)> = vec![
        (
            "right-target",
            Level::Error,
            set("/targetResourceUri", json!(ENDPOINT)),
            "only deployments have instances",
        ),
        (
            "right-target",
            Level::Error,
            set("/targetResourceUri", json!(format!("{ENDPOINT}/deployments/green"))),
            "another deployment, green",
        ),
        ("right-target", Level::Error, set("/targetResourceUri", Value::Null), "names no resource"),
        ("enabled", Level::Warning, set("/enabled", json!(false)), "disabled"),
        (
            "directions-agree",
            Level::Error,
            Box::new(rule(0, |rule| rule["scaleAction"]["direction"] = json!("Decrease"))),
            "the more load there is",
        ),
        (
            "directions-agree",
            Level::Error,
            Box::new(rule(0, |rule| rule["scaleAction"]["direction"] = json!("None"))),
            "does nothing",
        ),
        (
            "scales-both-ways",
            Level::Warning,
            Box::new(profile(|profile| {
                profile["rules"].as_array_mut().expect("rules").pop();
            })),
            "No rule removes instances",
        ),
        (
            "scales-both-ways",
            Level::Warning,
            Box::new(profile(|profile| {
                profile["rules"].as_array_mut().expect("rules").remove(0);
            })),
            "No rule adds instances",
        ),
        (
            "no-flapping",
            Level::Error,
            set("/profiles/0/rules/1/metricTrigger/threshold", json!(75.0)),
            "The thresholds overlap",
        ),
        (
            "no-flapping",
            Level::Warning,
            set("/profiles/0/rules/1/metricTrigger/threshold", json!(50.0)),
            "From 3 instances, going to 2 at a CpuUtilizationPercentage of 50 would raise it to about 75",
        ),
        (
            "no-flapping",
            Level::Error,
            set("/profiles/0/rules/1/metricTrigger/threshold", json!(65.0)),
            "never removes an instance",
        ),
        (
            "same-metric",
            Level::Warning,
            set("/profiles/0/rules/1/metricTrigger/metricName", json!("RequestsPerMinute")),
            "another metric adds them",
        ),
        (
            "limits-ordered",
            Level::Error,
            set("/profiles/0/capacity/minimum", json!("6")),
            "above the maximum 5",
        ),
        (
            "limits-ordered",
            Level::Error,
            set("/profiles/0/capacity/default", json!("9")),
            "The default 9",
        ),
        (
            "limits-fit-count",
            Level::Warning,
            set("/profiles/0/capacity", json!({"minimum": "4", "maximum": "5", "default": "4"})),
            "has 3 instances, but the minimum is 4",
        ),
        (
            "limits-fit-count",
            Level::Warning,
            set("/profiles/0/capacity", json!({"minimum": "1", "maximum": "2", "default": "1"})),
            "but the maximum is 2",
        ),
        (
            "never-zero",
            Level::Error,
            set("/profiles/0/capacity/minimum", json!("0")),
            "cannot scale to 0",
        ),
        (
            "step-fits",
            Level::Error,
            set("/profiles/0/rules/0/scaleAction/value", json!("0")),
            "does nothing",
        ),
        (
            "step-fits",
            Level::Warning,
            set("/profiles/0/rules/0/scaleAction/value", json!("4")),
            "from one end to the other",
        ),
        (
            "step-fits",
            Level::Error,
            set("/profiles/0/rules/0/scaleAction/type", json!("ServiceAllowedNextValue")),
            "Use ChangeCount",
        ),
        ("sizes", Level::Error, set("/profiles", json!([])), "has no profile"),
        (
            "sizes",
            Level::Error,
            Box::new(profile(|profile| {
                let rules = profile["rules"].as_array_mut().expect("rules");
                let one = rules[0].clone();
                rules.extend(vec![one; 9]);
            })),
            "There are 11 rules",
        ),
        (
            "one-default",
            Level::Error,
            Box::new(|properties: &mut Value| {
                let one = properties["profiles"][0].clone();
                properties["profiles"].as_array_mut().expect("profiles").push(one);
            }),
            "Several profiles have no times",
        ),
        (
            "one-default",
            Level::Error,
            Box::new(profile(|profile| profile["fixedDate"] = json!({"start": "x", "end": "y"}))),
            "outside the times",
        ),
        (
            "metric-exists",
            Level::Error,
            set(
                "/profiles/0/rules/0/metricTrigger/metricName",
                json!("CPU Utilization Percentage"),
            ),
            "Did you mean CpuUtilizationPercentage?",
        ),
        (
            "metric-exists",
            Level::Error,
            set("/profiles/0/rules/0/metricTrigger/metricName", json!("RequestLatency")),
            "An endpoint has it",
        ),
        (
            "metric-exists",
            Level::Error,
            set("/profiles/0/rules/0/metricTrigger/metricName", json!("Percentage CPU")),
            "Known: CpuUtilizationPercentage",
        ),
        (
            "metric-exists",
            Level::Warning,
            set("/profiles/0/rules/0/metricTrigger/metricResourceUri", json!("/subscriptions/s/x")),
            "neither an online endpoint",
        ),
        (
            "namespace-fits",
            Level::Error,
            Box::new(rule(0, |rule| {
                rule["metricTrigger"]["metricNamespace"] =
                    json!("microsoft.compute/virtualmachinescalesets");
            })),
            "Azure finds no metric",
        ),
        (
            "cool-down",
            Level::Error,
            set("/profiles/0/rules/0/scaleAction/cooldown", json!("PT0S")),
            "There is no cool-down",
        ),
        (
            "cool-down",
            Level::Error,
            set("/profiles/0/rules/0/scaleAction/cooldown", json!("P8D")),
            "8 days is not between",
        ),
        (
            "cool-down",
            Level::Warning,
            set("/profiles/0/rules/0/scaleAction/cooldown", json!("PT1M")),
            "shorter than the start",
        ),
        (
            "window",
            Level::Error,
            set("/profiles/0/rules/0/metricTrigger/timeWindow", json!("PT1M")),
            "The period of 1 minute",
        ),
        (
            "window",
            Level::Error,
            set("/profiles/0/rules/0/metricTrigger/timeGrain", json!("PT30S")),
            "The interval of samples of 30 seconds",
        ),
        (
            "window",
            Level::Error,
            set("/profiles/0/rules/0/metricTrigger/timeGrain", json!("PT10M")),
            "longer than their period",
        ),
    ];
    let mut tested = BTreeSet::new();
    for (lint, level, change, part) in cases {
        let found = found(&change);
        let hit = found.iter().find(|one| one.lint == lint && one.says.contains(part));
        let hit = hit.unwrap_or_else(|| panic!("{lint} {part}: {found:?}"));
        assert_eq!(hit.level, level, "{hit:?}");
        tested.insert(lint);
    }
    assert_eq!(tested, TABLE.iter().map(|lint| lint.id).collect(), "each lint has a test");
}

proptest! {
    #[test]
    fn limits_in_order_are_never_called_disordered(min in 1_u32..50, more in 0_u32..50, default in 0_u32..50) {
        let (max, default) = (min + more, min + default.min(more));
        let capacity = json!({"minimum": min.to_string(), "maximum": max.to_string(), "default": default.to_string()});
        let found = found(&profile(|profile| profile["capacity"] = capacity.clone()));
        prop_assert!(found.iter().all(|one| one.lint != "limits-ordered" && one.lint != "never-zero"));
    }

    #[test]
    fn no_flapping_is_foreseen_if_the_load_fits_after_scaling_in(low in 1.0_f64..100.0, high in 1.0_f64..100.0) {
        let found = found(&profile(|profile| {
            profile["rules"][0]["metricTrigger"]["threshold"] = json!(high);
            profile["rules"][1]["metricTrigger"]["threshold"] = json!(low);
        }));
        // From 3 instances to 2, each carries half as much again; from more, less.
        let flaps = low * 3.0 / 2.0 >= high;
        prop_assert_eq!(found.iter().any(|one| one.lint == "no-flapping"), flaps);
    }
}
