//! Tests of previews.

use super::*;
use crate::decimal::Decimal;
use crate::iso_duration::IsoDuration;
use proptest::prelude::*;

fn rule() -> AlertRule {
    AlertRule::of_templates(&"anet-ep-dev".parse().expect("a name"))
}

/// Rows of so many minutes, all 0 but the named ones.
fn minutes(count: usize, rows: &[(usize, u32)]) -> Vec<Option<u32>> {
    let mut all = vec![Some(0); count];
    for (at, rows) in rows {
        all[*at] = Some(*rows);
    }
    all
}

fn of(rule: &AlertRule, minutes: &[Option<u32>], delay_minutes: u32) -> Preview {
    preview(rule, &Recorded { start: Timestamp(0), minutes, delay_minutes })
}

fn at(minute: i64) -> Timestamp {
    Timestamp(minute * MINUTE_MS)
}

#[test]
fn an_alert_fires_when_the_window_has_too_many_and_resolves_when_it_is_quiet() {
    let found = of(&rule(), &minutes(120, &[(31, 6), (33, 5)]), 0);
    // At 35, the last 15 minutes have 11 rows; at 45 too. From 50 on they have none, for three evaluations until 60.
    let alert = Alert { fired: at(35), resolved: Some(at(60)), peak: 11 };
    assert_eq!((found.alerts.as_slice(), found.count, found.unknown), (&[alert][..], 1, 0));
    assert_eq!(
        found.evaluations.first().map(|one| one.at),
        Some(at(15)),
        "the first with a whole look-back"
    );
    assert_eq!(found.evaluations.last().map(|one| one.at), Some(at(120)));
    assert_eq!(
        found.words(),
        "Would have fired once in the 105 minutes that were recorded: 1970-01-01 00:35:00 UTC (11 rows, resolved after 25 minutes)."
    );
    let ten = of(&rule(), &minutes(120, &[(31, 10)]), 0);
    assert_eq!(ten.count, 0, "10 is not more than 10");
    assert_eq!(ten.words(), "Would not have fired in the 105 minutes that were recorded.");
}

#[test]
fn a_fired_alert_does_not_fire_again_before_it_is_resolved() {
    let twice = of(&rule(), &minutes(200, &[(20, 11), (40, 11), (120, 11)]), 0);
    let fired: Vec<_> = twice.alerts.iter().map(|alert| alert.fired).collect();
    assert_eq!(fired, [at(25), at(125)], "the second burst came before three quiet evaluations");
    let repeats = AlertRule { after: After::Repeats { mute: None }, ..rule() };
    assert_eq!(of(&repeats, &minutes(60, &[(20, 11)]), 0).count, 3, "at 25, 30 and 35");
    let mute = After::Repeats { mute: Some(IsoDuration::minutes(10)) };
    assert_eq!(of(&AlertRule { after: mute, ..rule() }, &minutes(60, &[(20, 11)]), 0).count, 2);
}

#[test]
fn several_windows_must_violate_together() {
    let strict = AlertRule { periods: 3, failing: 2, window: IsoDuration::minutes(5), ..rule() };
    let one = minutes(60, &[(21, 50)]);
    assert_eq!(of(&strict, &one, 0).count, 0, "only one window of three");
    let two = minutes(60, &[(21, 11), (31, 11)]);
    assert_eq!(of(&strict, &two, 0).alerts[0].fired, at(35), "20–25 and 30–35");
}

#[test]
fn missing_minutes_are_not_zero() {
    let mut recorded = minutes(60, &[(20, 5)]);
    recorded[22] = None;
    let found = of(&rule(), &recorded, 0);
    assert_eq!((found.count, found.unknown), (0, 3));
    assert!(
        found
            .words()
            .ends_with("3 of 10 evaluations are unknown, because minutes were not recorded."),
        "{}",
        found.words()
    );
    recorded[20] = Some(11);
    assert_eq!(of(&rule(), &recorded, 0).count, 1, "11 are too many, whatever else there was");
    let silent = AlertRule { operator: Operator::LessThan, threshold: Decimal::whole(1), ..rule() };
    let nothing = of(&silent, &vec![None; 60], 0);
    assert_eq!((nothing.count, nothing.unknown), (0, 10), "no recording is not silence");
    assert_eq!(of(&silent, &minutes(60, &[]), 0).count, 1);
    assert!(of(&rule(), &[], 0).words().contains("shorter than the rule looks back"));
}

#[test]
fn late_rows_fire_late_or_never() {
    let burst = minutes(120, &[(31, 11)]);
    assert_eq!(of(&rule(), &burst, 0).alerts[0].fired, at(35));
    assert_eq!(of(&rule(), &burst, 5).alerts[0].fired, at(40));
    assert_eq!(of(&rule(), &burst, 60).count, 0, "an hour late is after the look-back");
}

#[test]
fn an_alert_that_is_still_fired_has_no_end() {
    let found = of(&rule(), &minutes(60, &[(52, 11)]), 0);
    assert_eq!(found.alerts[0].resolved, None);
    let invalid = AlertRule { periods: 0, ..rule() };
    assert_eq!(of(&invalid, &minutes(60, &[]), 0), Preview::default());
}

/// The same by counting each window from the beginning.
fn naive(rule: &AlertRule, minutes: &[Option<u32>]) -> Vec<(i64, Option<bool>)> {
    let (step, window) =
        (rule.frequency.whole_minutes() as usize, rule.window.whole_minutes() as usize);
    let back = window * usize::from(rule.periods);
    let mut all = Vec::new();
    for end in (0..=minutes.len()).filter(|end| *end >= back && end.is_multiple_of(step)) {
        let (mut bad, mut open) = (0, 0);
        for period in 0..usize::from(rule.periods) {
            let part = &minutes[end - (period + 1) * window..end - period * window];
            let rows: u64 = part.iter().map(|minute| u64::from(minute.unwrap_or(0))).sum();
            let violates = rule.operator.violates(rows, rule.threshold);
            let grows =
                matches!(rule.operator, Operator::GreaterThan | Operator::GreaterThanOrEqual);
            match part.contains(&None) && !(violates && grows) {
                true => open += 1,
                false => bad += u8::from(violates),
            }
        }
        let met = if bad >= rule.failing {
            Some(true)
        } else if bad + open >= rule.failing {
            None
        } else {
            Some(false)
        };
        all.push((end as i64, met));
    }
    all
}

proptest! {
    #[test]
    fn sums_count_as_one_by_one(
        rows in prop::collection::vec(prop::option::weighted(0.9, 0_u32..6), 0..200),
        frequency in prop::sample::select(vec![1_u32, 5, 10]), window in prop::sample::select(vec![10_u32, 15, 30]),
        periods in 1_u8..4, failing in 1_u8..4, operator in prop::sample::select(Operator::ALL.to_vec()), threshold in 1_u32..40,
    ) {
        let rule = AlertRule {
            frequency: IsoDuration::minutes(frequency),
            window: IsoDuration::minutes(window),
            periods,
            failing: failing.min(periods),
            operator,
            threshold: Decimal::whole(threshold),
            ..rule()
        };
        let found = of(&rule, &rows, 0);
        let evaluations: Vec<_> = found.evaluations.iter().map(|one| (one.at.0 / MINUTE_MS, one.met)).collect();
        prop_assert_eq!(evaluations, naive(&rule, &rows));
        // Alerts do not overlap, and each fired at an evaluation that met the condition.
        for pair in found.alerts.windows(2) {
            prop_assert!(pair[0].resolved.is_some_and(|resolved| resolved < pair[1].fired));
        }
        for alert in &found.alerts {
            prop_assert!(found.evaluations.iter().any(|one| one.at == alert.fired && one.met == Some(true)));
        }
    }

    #[test]
    fn a_higher_threshold_never_fires_more_evaluations(rows in prop::collection::vec((0_u32..6).prop_map(Some), 30..200), threshold in 1_u32..40) {
        let met = |threshold| {
            let rule = AlertRule { threshold: Decimal::whole(threshold), ..rule() };
            of(&rule, &rows, 0).evaluations.iter().filter(|one| one.met == Some(true)).count()
        };
        prop_assert!(met(threshold + 1) <= met(threshold));
    }
}
