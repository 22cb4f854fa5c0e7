//! Limits, steps and profiles.

use super::super::setting::{Capacity, Direction, PROFILES_MAX, Profile, RULES_MAX, Step};
use super::{Case, Found, Level, of_profile, of_rule, rules, whole};

fn profiles<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Profile> {
    case.setting.properties.profiles.iter()
}

pub(super) fn enabled(case: &Case<'_>) -> Vec<Found> {
    match case.setting.is_enabled() {
        true => Vec::new(),
        false => vec![whole(
            Level::Warning,
            "The setting is disabled, so the number of instances stays as it is. Enable it, or delete it.",
        )],
    }
}

pub(super) fn limits_ordered(case: &Case<'_>) -> Vec<Found> {
    let check = |profile: &Profile| {
        let Capacity { minimum, maximum, default } = profile.capacity;
        let says = if minimum > maximum {
            format!(
                "The minimum {minimum} is above the maximum {maximum}. Azure rejects this. Swap them."
            )
        } else if default < minimum || default > maximum {
            format!(
                "The default {default} is not between the minimum {minimum} and the maximum {maximum}. Azure rejects this. Write a \
                 number between them."
            )
        } else {
            return None;
        };
        Some(of_profile(Level::Error, profile, says))
    };
    profiles(case).filter_map(check).collect()
}

pub(super) fn limits_fit_count(case: &Case<'_>) -> Vec<Found> {
    let Some(count) = case.instances else { return Vec::new() };
    let check = |profile: &Profile| {
        let Capacity { minimum, maximum, .. } = profile.capacity;
        let (bound, what) = if minimum > maximum {
            return None;
        } else if count < minimum.0 {
            (minimum, "minimum")
        } else if count > maximum.0 {
            (maximum, "maximum")
        } else {
            return None;
        };
        let says = format!(
            "The deployment has {count} instances, but the {what} is {bound}. Autoscale changes the number to {bound} as soon as \
             this profile applies, whatever the load. Change the {what}, or expect it."
        );
        Some(of_profile(Level::Warning, profile, says))
    };
    profiles(case).filter_map(check).collect()
}

pub(super) fn never_zero(case: &Case<'_>) -> Vec<Found> {
    let check = |profile: &Profile| {
        let says = "The minimum is 0, but an online deployment cannot scale to 0 instances. Write at least 1, or 3 if it must \
                    survive the loss of a zone.";
        (profile.capacity.minimum.0 == 0).then(|| of_profile(Level::Error, profile, says))
    };
    profiles(case).filter_map(check).collect()
}

pub(super) fn step_fits(case: &Case<'_>) -> Vec<Found> {
    let mut all = Vec::new();
    for (profile, at, rule) in rules(case) {
        let action = &rule.scale_action;
        let Capacity { minimum, maximum, .. } = profile.capacity;
        let value = action.value.map_or(1, |value| value.0);
        let range = maximum.0.saturating_sub(minimum.0);
        let (level, says) = match action.step {
            Step::ServiceAllowedNextValue => {
                let says =
                    "ServiceAllowedNextValue does nothing for online deployments. Use ChangeCount.";
                (Level::Error, says.to_owned())
            }
            _ if value == 0 => (
                Level::Error,
                "The step is 0 instances, so the rule does nothing. Write at least 1.".to_owned(),
            ),
            Step::ExactCount if !(minimum.0..=maximum.0).contains(&value) => {
                let says = format!(
                    "The rule sets {value} instances, which is outside the limits {minimum} to {maximum}."
                );
                (Level::Error, says)
            }
            Step::ChangeCount
                if action.direction != Direction::None && range > 0 && value > range =>
            {
                let says = format!(
                    "The step of {value} is larger than the range from {minimum} to {maximum}, so the rule goes from one end to the \
                     other. Write a smaller step."
                );
                (Level::Warning, says)
            }
            _ => continue,
        };
        all.push(of_rule(level, profile, at, says));
    }
    all
}

pub(super) fn sizes(case: &Case<'_>) -> Vec<Found> {
    let count = profiles(case).count();
    let mut all = Vec::new();
    if count == 0 {
        all.push(whole(Level::Error, "The setting has no profile. Azure rejects this. Add one."));
    }
    if count > PROFILES_MAX {
        let says = format!(
            "There are {count} profiles, but Azure Monitor allows {PROFILES_MAX}. Remove some."
        );
        all.push(whole(Level::Error, says));
    }
    for profile in profiles(case).filter(|profile| profile.rules.len() > RULES_MAX) {
        let count = profile.rules.len();
        let says =
            format!("There are {count} rules, but Azure Monitor allows {RULES_MAX}. Remove some.");
        all.push(of_profile(Level::Error, profile, says));
    }
    all
}

pub(super) fn one_default(case: &Case<'_>) -> Vec<Found> {
    let is_default =
        |profile: &&Profile| profile.fixed_date.is_none() && profile.recurrence.is_none();
    let defaults = profiles(case).filter(is_default).count();
    // The portal writes the end of a recurring profile as another recurring profile that continues the default.
    let recurring = profiles(case).filter(|profile| profile.recurrence.is_some()).count();
    let says = match (defaults, recurring) {
        (0, recurring) if recurring < 2 && profiles(case).next().is_some() => {
            "No profile applies outside the times of the others. Add one without times."
        }
        (2.., _) => {
            "Several profiles have no times, but only one can apply. Remove the others, or give them times."
        }
        _ => return Vec::new(),
    };
    vec![whole(Level::Error, says)]
}
