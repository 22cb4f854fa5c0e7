//! Tests of `rule`.

use super::problems::WINDOW_OF_EACH_MINUTE_MAX;
use super::*;

fn rule() -> AlertRule {
    AlertRule::of_templates(&"anet-ep-dev".parse().expect("a name"))
}

fn fields(rule: &AlertRule) -> Vec<String> {
    rule.problems().into_iter().map(|problem| problem.field).collect()
}

#[test]
fn the_rule_of_the_templates_is_allowed() {
    let rule = rule();
    assert_eq!(rule.problems(), []);
    assert_eq!(rule.name, "anet-ep-dev-non-200-alert");
    assert_eq!(rule.words(), "More than 10 rows in 15 minutes, looked at every 5 minutes");
    let longest = "a".repeat(crate::name::NAME_MAX).parse().expect("a name");
    assert_eq!(AlertRule::of_templates(&longest).problems(), []);
}

#[test]
fn what_azure_rejects_is_found_with_its_field() {
    let minutes = IsoDuration::minutes;
    let none = After::Repeats { mute: None };
    let mute = |length| After::Repeats { mute: Some(minutes(length)) };
    for (change, field) in [
        (AlertRule { name: String::new(), ..rule() }, "name"),
        (AlertRule { name: "a/b".to_owned(), ..rule() }, "name"),
        (AlertRule { name: "a.".to_owned(), ..rule() }, "name"),
        (AlertRule { name: "a".repeat(261), ..rule() }, "name"),
        (AlertRule { severity: 5, ..rule() }, "severity"),
        (AlertRule { query: " ".to_owned(), ..rule() }, "query"),
        (AlertRule { frequency: minutes(7), ..rule() }, "frequency"),
        (AlertRule { frequency: "PT90S".parse().expect("a duration"), ..rule() }, "frequency"),
        (AlertRule { frequency: minutes(30), ..rule() }, "frequency"),
        (AlertRule { window: minutes(20), ..rule() }, "window"),
        (AlertRule { window: minutes(1), ..rule() }, "window"),
        (AlertRule { frequency: minutes(1), window: minutes(DAY), ..rule() }, "window"),
        (AlertRule { periods: 0, ..rule() }, "periods"),
        (AlertRule { periods: 7, ..rule() }, "periods"),
        (AlertRule { periods: 3, window: minutes(DAY), ..rule() }, "periods"),
        (AlertRule { periods: 2, failing: 3, ..rule() }, "failing"),
        (AlertRule { failing: 0, ..rule() }, "failing"),
        (AlertRule { after: mute(7), ..rule() }, "mute"),
        (AlertRule { after: mute(5), frequency: minutes(10), ..rule() }, "mute"),
        (
            AlertRule {
                operator: Operator::GreaterThanOrEqual,
                threshold: Decimal::whole(0),
                ..rule()
            },
            "threshold",
        ),
        (
            AlertRule { operator: Operator::LessThan, threshold: Decimal::whole(0), ..rule() },
            "threshold",
        ),
        (
            AlertRule { operator: Operator::Equals, threshold: Decimal::parts(5_000), ..rule() },
            "threshold",
        ),
    ] {
        assert!(
            fields(&change).iter().any(|found| found == field),
            "{field}: {:?}",
            fields(&change)
        );
    }
    for good in [
        AlertRule { after: none, ..rule() },
        AlertRule { after: mute(60), ..rule() },
        AlertRule { frequency: minutes(1), window: minutes(1), ..rule() },
        AlertRule { periods: 4, failing: 3, ..rule() },
        AlertRule { frequency: minutes(30), periods: 2, ..rule() },
        AlertRule { operator: Operator::LessThan, threshold: Decimal::whole(1), ..rule() },
    ] {
        assert_eq!(good.problems(), [], "{good:?}");
    }
}

#[test]
fn each_allowed_time_can_be_used() {
    for frequency in FREQUENCY_MINUTES {
        for window in WINDOW_MINUTES {
            let rule = AlertRule {
                frequency: IsoDuration::minutes(frequency),
                window: IsoDuration::minutes(window),
                ..rule()
            };
            let is_legal =
                window >= frequency && (frequency > 1 || window <= WINDOW_OF_EACH_MINUTE_MAX);
            assert_eq!(rule.problems().is_empty(), is_legal, "{frequency} {window}");
        }
    }
}

#[test]
fn operators_are_read_in_both_spellings() {
    for (json, operator) in [
        ("\"Equals\"", Operator::Equals),
        ("\"Equal\"", Operator::Equals),
        ("\"GreaterThan\"", Operator::GreaterThan),
    ] {
        assert_eq!(serde_json::from_str::<Operator>(json).expect(json), operator);
    }
    assert_eq!(serde_json::to_string(&Operator::Equals).expect("JSON"), "\"Equals\"");
}
