//! What an edit of an alert rule changes, and what differs in Azure: field by field.

use super::rule::{After, AlertRule};
use crate::iso_duration::IsoDuration;
use serde::{Deserialize, Serialize};

/// A field with two values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The field's key in forms: `threshold`.
    pub field: String,
    pub was: String,
    pub is: String,
    /// Whether the rule now fires in fewer cases, so that people may miss what they heard of before; `None` if that cannot
    /// be said.
    pub is_quieter: Option<bool>,
}

/// The differences between two rules, in the order of the form.
#[must_use]
pub fn differences(was: &AlertRule, is: &AlertRule) -> Vec<Difference> {
    let switch = |rule: &AlertRule| if rule.enabled { "on" } else { "off" }.to_owned();
    let after = |rule: &AlertRule| match rule.after {
        After::Resolves => "resolves by itself".to_owned(),
        After::Repeats { mute: None } => "fires at each evaluation".to_owned(),
        After::Repeats { mute: Some(mute) } => format!("fires again after {}", mute.words()),
    };
    let quieter = |was: bool, is: bool| (was != is).then_some(is);
    let rows: [(&str, [String; 2], Option<bool>); 10] = [
        ("name", [was.name.clone(), is.name.clone()], None),
        ("enabled", [switch(was), switch(is)], quieter(!was.enabled, !is.enabled)),
        (
            "severity",
            [was.severity, is.severity].map(|one| one.to_string()),
            Some(is.severity > was.severity),
        ),
        (
            "frequency",
            [was.frequency, is.frequency].map(IsoDuration::words),
            Some(is.frequency > was.frequency),
        ),
        ("window", [was.window, is.window].map(IsoDuration::words), window(was, is)),
        ("query", [was.query.clone(), is.query.clone()], None),
        ("threshold", [threshold(was), threshold(is)], strictness(was, is)),
        ("periods", [was.periods, is.periods].map(|one| one.to_string()), None),
        (
            "failing",
            [was.failing, is.failing].map(|one| one.to_string()),
            Some(is.failing > was.failing),
        ),
        ("after", [after(was), after(is)], None),
    ];
    rows.into_iter()
        .filter(|(_, [was, is], _)| was != is)
        .map(|(field, [was, is], is_quieter)| Difference {
            field: field.to_owned(),
            was,
            is,
            is_quieter,
        })
        .collect()
}

fn threshold(rule: &AlertRule) -> String {
    format!("{} {}", rule.operator.label(), rule.threshold)
}

/// Whether a rule of too many rows fires less often than before; `None` for other comparisons.
fn strictness(was: &AlertRule, is: &AlertRule) -> Option<bool> {
    use super::rule::Operator::{GreaterThan, GreaterThanOrEqual};
    let is_high = |rule: &AlertRule| matches!(rule.operator, GreaterThan | GreaterThanOrEqual);
    let both = is_high(was) && is_high(is);
    let order = |rule: &AlertRule| (rule.threshold, rule.operator == GreaterThan);
    (both && order(was) != order(is)).then(|| order(is) > order(was))
}

/// Whether a shorter window counts fewer rows, for a rule of too many rows.
fn window(was: &AlertRule, is: &AlertRule) -> Option<bool> {
    use super::rule::Operator::{GreaterThan, GreaterThanOrEqual};
    let is_high = matches!(is.operator, GreaterThan | GreaterThanOrEqual);
    (is_high && was.operator == is.operator).then_some(is.window < was.window)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decimal::Decimal;

    #[test]
    fn an_edit_names_its_fields_and_whether_it_makes_the_rule_quieter() {
        let rule = AlertRule::of_templates(&"anet-ep".parse().expect("a name"));
        assert_eq!(differences(&rule, &rule), []);
        let of = |is: &AlertRule| {
            let all = differences(&rule, is);
            let [only] = all.as_slice() else { panic!("{all:?}") };
            (only.field.clone(), format!("{} → {}", only.was, only.is), only.is_quieter)
        };
        for (is, field, change, is_quieter) in [
            (
                AlertRule { threshold: Decimal::whole(50), ..rule.clone() },
                "threshold",
                "> 10 → > 50",
                Some(true),
            ),
            (
                AlertRule { threshold: Decimal::whole(5), ..rule.clone() },
                "threshold",
                "> 10 → > 5",
                Some(false),
            ),
            (
                AlertRule { window: IsoDuration::minutes(5), ..rule.clone() },
                "window",
                "15 minutes → 5 minutes",
                Some(true),
            ),
            (AlertRule { enabled: false, ..rule.clone() }, "enabled", "on → off", Some(true)),
            (AlertRule { severity: 0, ..rule.clone() }, "severity", "1 → 0", Some(false)),
            (
                AlertRule { after: After::Repeats { mute: None }, ..rule.clone() },
                "after",
                "resolves by itself → fires at each evaluation",
                None,
            ),
        ] {
            assert_eq!(of(&is), (field.to_owned(), change.to_owned(), is_quieter));
        }
    }
}
