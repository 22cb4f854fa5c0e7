//! Rules that belong together: those that add instances and those that remove them.

use super::super::setting::{Direction, Profile, Rule, Step};
use super::{Case, Found, Level, of_profile, of_rule, rules};

/// The largest number of instances for which flapping is estimated. Azure ML allows fewer per deployment.
const INSTANCES_MAX: u32 = 1_000;

fn acts(profile: &Profile, direction: Direction) -> impl Iterator<Item = (usize, &Rule)> {
    let rules = profile.rules.iter().enumerate();
    rules.filter(move |(_, rule)| rule.scale_action.direction == direction)
}

pub(super) fn directions_agree(case: &Case<'_>) -> Vec<Found> {
    let mut all = Vec::new();
    for (profile, at, rule) in rules(case) {
        let (operator, threshold) = (rule.metric_trigger.operator, rule.metric_trigger.threshold);
        let metric = &rule.metric_trigger.metric_name;
        let sign = operator.sign();
        let says = match (operator.is_high(), rule.scale_action.direction) {
            (Some(false), Direction::Increase) => format!(
                "The rule adds instances when {metric} {sign} {threshold}: the less load there is, the more it costs. An example of \
                 Microsoft's guide has this mistake. Write the direction Decrease."
            ),
            (Some(true), Direction::Decrease) => format!(
                "The rule removes instances when {metric} {sign} {threshold}: the more load there is, the fewer instances carry it. \
                 Write the direction Increase."
            ),
            (_, Direction::None) => {
                "The rule has the direction None, so it does nothing. Write Increase or Decrease."
                    .to_owned()
            }
            _ => continue,
        };
        all.push(of_rule(Level::Error, profile, at, says));
    }
    all
}

pub(super) fn scales_both_ways(case: &Case<'_>) -> Vec<Found> {
    let check = |profile: &Profile| {
        let has = |direction| acts(profile, direction).next().is_some();
        let capacity = profile.capacity;
        let says = match (has(Direction::Increase), has(Direction::Decrease)) {
            (true, false) => format!(
                "No rule removes instances. After the first busy hour, the deployment keeps up to {} instances and their cost. Add a \
                 rule with the direction Decrease.",
                capacity.maximum
            ),
            (false, true) => format!(
                "No rule adds instances. After the first quiet hour, the deployment stays at {} instances under any load. Add a rule \
                 with the direction Increase.",
                capacity.minimum
            ),
            _ => return None,
        };
        Some(of_profile(Level::Warning, profile, says))
    };
    case.setting.properties.profiles.iter().filter_map(check).collect()
}

fn is_same_metric(one: &Rule, other: &Rule) -> bool {
    let (one, other) = (&one.metric_trigger, &other.metric_trigger);
    one.metric_name.eq_ignore_ascii_case(&other.metric_name)
        && one.metric_resource_uri.eq_ignore_ascii_case(&other.metric_resource_uri)
}

pub(super) fn same_metric(case: &Case<'_>) -> Vec<Found> {
    let mut all = Vec::new();
    for profile in &case.setting.properties.profiles {
        if acts(profile, Direction::Increase).next().is_none() {
            continue;
        }
        for (at, rule) in acts(profile, Direction::Decrease) {
            if acts(profile, Direction::Increase).any(|(_, out)| is_same_metric(out, rule)) {
                continue;
            }
            let metric = &rule.metric_trigger.metric_name;
            let says = format!(
                "{metric} removes instances, but another metric adds them. The two can disagree, and then the number of instances \
                 goes up and down. Scale in by the metric that scales out."
            );
            all.push(of_rule(Level::Warning, profile, at, says));
        }
    }
    all
}

pub(super) fn no_flapping(case: &Case<'_>) -> Vec<Found> {
    let mut all = Vec::new();
    for profile in &case.setting.properties.profiles {
        for (at, rule) in acts(profile, Direction::Decrease) {
            let outs =
                acts(profile, Direction::Increase).filter(|(_, out)| is_same_metric(out, rule));
            let sound = |rule: &Rule, high| rule.metric_trigger.operator.is_high() == Some(high);
            let outs = outs.filter(|(_, out)| sound(out, true) && sound(rule, false));
            all.extend(outs.filter_map(|(_, out)| flaps(profile, at, rule, out)));
        }
    }
    all
}

/// Whether scaling in could cause scaling out at once. Azure estimates the same, and then does not scale in.
fn flaps(profile: &Profile, at: usize, scale_in: &Rule, out: &Rule) -> Option<Found> {
    let metric = &scale_in.metric_trigger.metric_name;
    let (low, high) = (scale_in.metric_trigger.threshold, out.metric_trigger.threshold);
    if low >= high {
        let says = format!(
            "The thresholds overlap: instances are removed below {low} and added above {high}. At a {metric} between them, the \
             number of instances goes up and down for ever. Write a lower threshold for removing."
        );
        return Some(of_rule(Level::Error, profile, at, says));
    }
    if !matches!(scale_in.scale_action.step, Step::ChangeCount | Step::PercentChangeCount) {
        return None;
    }
    let (min, max) = (profile.capacity.minimum.0, profile.capacity.maximum.0.min(INSTANCES_MAX));
    let counts = || (min.saturating_add(1)..=max).filter(|count| *count > 0);
    // With fewer instances, each one carries more of the same load.
    let stuck = |count: &u32| {
        let fewer = scale_in.scale_action.count_after(*count).max(min).max(1);
        fewer < *count && low * f64::from(*count) / f64::from(fewer) >= high
    };
    let first = counts().find(stuck)?;
    let fewer = scale_in.scale_action.count_after(first).max(min).max(1);
    let load = low * f64::from(first) / f64::from(fewer);
    let always = counts().all(|count| stuck(&count));
    let what = if always { "never removes an instance" } else { "does not remove one then" };
    let safe = (high * f64::from(fewer) / f64::from(first)).floor();
    let says = format!(
        "From {first} instances, going to {fewer} at a {metric} of {low} would raise it to about {load:.0}, and instances are added \
         above {high}. Azure foresees this and {what}. Write a threshold below {safe} for removing, or a smaller step."
    );
    let level = if always { Level::Error } else { Level::Warning };
    Some(of_rule(level, profile, at, says))
}
