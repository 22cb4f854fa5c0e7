//! Cool-downs and periods. The allowed ranges are from the REST API of `autoscaleSettings`.

use super::{Case, Found, Level, of_rule, rules};
use crate::iso_duration::IsoDuration;

const MINUTE: u32 = 60;
const HOUR: u32 = 3_600;
/// The shortest and longest cool-down that Azure allows, in seconds.
const COOL_DOWN_S: std::ops::RangeInclusive<u32> = MINUTE..=7 * 24 * HOUR;
/// The shortest and longest period of samples that Azure allows, in seconds.
const WINDOW_S: std::ops::RangeInclusive<u32> = 5 * MINUTE..=12 * HOUR;
/// The shortest and longest interval of samples that Azure allows, in seconds.
const GRAIN_S: std::ops::RangeInclusive<u32> = MINUTE..=12 * HOUR;
/// The cool-down below which a step acts on metrics from before the last one, in seconds: Azure ML needs minutes to start
/// an instance.
const COOL_DOWN_WISE_S: u32 = 5 * MINUTE;

pub(super) fn cool_down(case: &Case<'_>) -> Vec<Found> {
    let mut all = Vec::new();
    for (profile, at, rule) in rules(case) {
        let pause = rule.scale_action.cooldown;
        let (level, says) = if pause.seconds() == 0 {
            let says = "There is no cool-down. Azure rejects this: each step needs a pause of 1 minute to 1 week. Write PT5M or \
                        more.";
            (Level::Error, says.to_owned())
        } else if !COOL_DOWN_S.contains(&pause.seconds()) {
            let says = format!(
                "The cool-down of {} is not between 1 minute and 1 week. Azure rejects this.",
                pause.words()
            );
            (Level::Error, says)
        } else if pause.seconds() < COOL_DOWN_WISE_S {
            let says = format!(
                "The cool-down of {} is shorter than the start of an instance takes, so the next step acts on the load from before. \
                 Write PT5M or more.",
                pause.words()
            );
            (Level::Warning, says)
        } else {
            continue;
        };
        all.push(of_rule(level, profile, at, says));
    }
    all
}

pub(super) fn window(case: &Case<'_>) -> Vec<Found> {
    let mut all = Vec::new();
    for (profile, at, rule) in rules(case) {
        let (window, grain) = (rule.metric_trigger.time_window, rule.metric_trigger.time_grain);
        let outside = |what: &str, value: IsoDuration, range: &str| {
            format!("The {what} of {} is not between {range}. Azure rejects this.", value.words())
        };
        let says = if !WINDOW_S.contains(&window.seconds()) {
            outside("period", window, "5 minutes and 12 hours")
        } else if !GRAIN_S.contains(&grain.seconds()) {
            outside("interval of samples", grain, "1 minute and 12 hours")
        } else if grain > window {
            format!(
                "The interval of samples, {}, is longer than their period, {}. Write an interval such as PT1M.",
                grain.words(),
                window.words()
            )
        } else {
            continue;
        };
        all.push(of_rule(Level::Error, profile, at, says));
    }
    all
}
