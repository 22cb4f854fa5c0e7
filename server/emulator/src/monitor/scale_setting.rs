//! An autoscale setting, as the evaluation needs it (azure-rest-api-specs, monitor, autoscale_API 2022-10-01).

use serde_json::Value;
use time::{OffsetDateTime, Weekday};

use super::Scope;
use super::scale_rule::{ScaleRule, rule, scope};
use crate::inner::Inner;
use crate::rules::INSTANCES_MAX;
use crate::when;

/// Limits of the specification.
const PROFILES_MAX: usize = 20;
const RULES_MAX: usize = 10;

/// When a profile applies.
#[derive(Clone, Debug, PartialEq)]
enum Times {
    /// If no other does.
    Always,
    Fixed(OffsetDateTime, OffsetDateTime),
    /// From these moments of each week, in minutes since Monday, until the next of any profile.
    Weekly(Vec<i64>),
}

#[derive(Clone, Debug)]
pub struct Profile {
    pub name: String,
    pub least: i64,
    pub most: i64,
    pub default: i64,
    pub rules: Vec<ScaleRule>,
    times: Times,
}

#[derive(Clone, Debug)]
pub struct Setting {
    pub is_enabled: bool,
    pub target: Scope,
    profiles: Vec<Profile>,
}

type Read<T> = Result<T, String>;

impl Setting {
    /// Reads the properties of a setting.
    ///
    /// # Errors
    /// The broken rule, in words.
    pub fn read(inner: &Inner, properties: &Value) -> Read<Self> {
        let uri = properties["targetResourceUri"].as_str().unwrap_or_default();
        let target = scope(inner, uri).filter(|scope| scope.deployment.is_some());
        let target = target.ok_or_else(|| {
            format!("The targetResourceUri [{uri}] must be an online deployment that exists.")
        })?;
        let given = properties["profiles"].as_array().map_or(&[][..], Vec::as_slice);
        if !(1..=PROFILES_MAX).contains(&given.len()) {
            return Err(format!("A setting has 1 to {PROFILES_MAX} profiles."));
        }
        let profiles: Vec<Profile> =
            given.iter().map(|one| profile(inner, one, &target)).collect::<Read<_>>()?;
        let always = profiles.iter().filter(|one| one.times == Times::Always).count();
        if always > 1 {
            return Err("Only one profile can be without fixedDate and recurrence.".to_owned());
        }
        // The specification's default; the portal and the CLI always send it.
        let is_enabled = properties["enabled"].as_bool().unwrap_or(false);
        Ok(Self { is_enabled, target, profiles })
    }

    /// The profile that applies at a time.
    pub fn profile(&self, at: OffsetDateTime) -> Option<&Profile> {
        let fixed = self
            .profiles
            .iter()
            .find(|one| matches!(one.times, Times::Fixed(from, to) if from <= at && at < to));
        let now = minute_of_week(at);
        // The one that began last; a week has 10,080 minutes.
        let weekly = self.profiles.iter().filter_map(|one| match &one.times {
            Times::Weekly(starts) => {
                let ago = starts.iter().map(|start| (now - start).rem_euclid(10_080)).min()?;
                Some((ago, one))
            }
            _ => None,
        });
        let weekly = weekly.min_by_key(|(ago, _)| *ago).map(|(_, one)| one);
        fixed.or(weekly).or_else(|| self.profiles.iter().find(|one| one.times == Times::Always))
    }
}

fn minute_of_week(at: OffsetDateTime) -> i64 {
    let day = i64::from(at.weekday().number_days_from_monday());
    day * 1_440 + i64::from(at.hour()) * 60 + i64::from(at.minute())
}

fn profile(inner: &Inner, given: &Value, target: &Scope) -> Read<Profile> {
    let name = given["name"].as_str().filter(|name| !name.is_empty());
    let name = name.ok_or("A profile needs a name.")?;
    let capacity = |field: &str| {
        // The specification has strings; some clients send numbers.
        let value = &given["capacity"][field];
        let number = value.as_str().and_then(|text| text.parse().ok()).or(value.as_i64());
        number.filter(|number| (1..=INSTANCES_MAX).contains(number)).ok_or_else(|| {
            format!("The capacity of profile [{name}] needs a {field} from 1 to {INSTANCES_MAX}.")
        })
    };
    let (least, most, default) = (capacity("minimum")?, capacity("maximum")?, capacity("default")?);
    if least > most || !(least..=most).contains(&default) {
        return Err(format!(
            "The capacity of profile [{name}] must have minimum <= default <= maximum."
        ));
    }
    let rules = given["rules"].as_array().map_or(&[][..], Vec::as_slice);
    if rules.len() > RULES_MAX {
        return Err(format!("A profile has at most {RULES_MAX} rules."));
    }
    let rules = rules.iter().map(|one| rule(inner, one, target)).collect::<Read<_>>()?;
    Ok(Profile { name: name.to_owned(), least, most, default, rules, times: times(given)? })
}

fn times(given: &Value) -> Read<Times> {
    let (fixed, weekly) = (&given["fixedDate"], &given["recurrence"]["schedule"]);
    let is_utc = |value: &Value| value.as_str().is_none_or(|zone| zone.eq_ignore_ascii_case("UTC"));
    if !is_utc(&fixed["timeZone"]) || !is_utc(&weekly["timeZone"]) {
        return Err(
            "The emulator knows the time zone UTC only. Give the times of a profile in UTC."
                .to_owned(),
        );
    }
    if !fixed.is_null() {
        let time = |name: &str| fixed[name].as_str().and_then(when::parse);
        let times = time("start").zip(time("end")).filter(|(start, end)| start < end);
        return times
            .map(|(start, end)| Times::Fixed(start, end))
            .ok_or_else(|| "A fixedDate needs a start and a later end.".to_owned());
    }
    if weekly.is_null() {
        return Ok(Times::Always);
    }
    let numbers = |name: &str, most: i64| {
        let all = weekly[name].as_array().into_iter().flatten().filter_map(Value::as_i64);
        all.filter(|number| (0..most).contains(number)).collect::<Vec<_>>()
    };
    let days = weekly["days"].as_array().into_iter().flatten().filter_map(|day| {
        let day: Weekday = day.as_str()?.parse().ok()?;
        Some(i64::from(day.number_days_from_monday()))
    });
    let (days, hours, minutes): (Vec<i64>, _, _) =
        (days.collect(), numbers("hours", 24), numbers("minutes", 60));
    let mut starts = Vec::new();
    for day in &days {
        for hour in &hours {
            starts.extend(minutes.iter().map(|minute| day * 1_440 + hour * 60 + minute));
        }
    }
    if starts.is_empty() {
        return Err("A recurrence needs days, hours and minutes.".to_owned());
    }
    Ok(Times::Weekly(starts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::Duration;
    use time::macros::datetime;

    fn profile(name: &str, times: Times) -> Profile {
        Profile { name: name.to_owned(), least: 1, most: 2, default: 1, rules: Vec::new(), times }
    }

    #[test]
    fn a_fixed_date_comes_before_a_weekly_profile_and_that_before_the_default() {
        let noon = datetime!(2026-03-04 12:00 UTC);
        let night = Times::Weekly(vec![2 * 1_440 + 20 * 60]);
        let day = Times::Weekly(vec![2 * 1_440 + 8 * 60]);
        let scope = Scope {
            id: String::new(),
            endpoint: String::new(),
            deployment: None,
            location: String::new(),
        };
        let mut setting = Setting {
            is_enabled: true,
            target: scope,
            profiles: vec![
                profile("default", Times::Always),
                profile("night", night),
                profile("day", day),
            ],
        };
        let at = |setting: &Setting, at| setting.profile(at).map(|one| one.name.clone());
        assert_eq!(at(&setting, noon).as_deref(), Some("day"), "a Wednesday");
        assert_eq!(at(&setting, noon + Duration::hours(9)).as_deref(), Some("night"));
        assert_eq!(
            at(&setting, noon - Duration::days(1)).as_deref(),
            Some("night"),
            "since last Wednesday"
        );
        setting.profiles.push(profile("launch", Times::Fixed(noon, noon + Duration::HOUR)));
        assert_eq!(at(&setting, noon).as_deref(), Some("launch"));
        setting.profiles.retain(|one| one.name == "default");
        assert_eq!(at(&setting, noon).as_deref(), Some("default"));
    }
}
