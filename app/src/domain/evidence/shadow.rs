//! A shadow comparison: what Azure Monitor measured of one deployment, beside what it measured of those that
//! were live, over the minutes in which both answered requests.
//!
//! Percentiles of minutes cannot be added up. A side's p50 is that of its middle request's minute, its p99
//! the one under which nine of ten requests' minutes lie, as everywhere in the console.

use super::Finding;
use super::own::{Own, OwnCalls};
use super::rule::ShadowRule;
use crate::domain::decimal::Decimal;
use crate::domain::name::DeploymentName;
use crate::domain::timestamp::Timestamp;
use crate::domain::traffic::{Minute, Traffic, weighted};
use serde::{Deserialize, Serialize};

const MINUTE_MS: i64 = 60_000;

/// One side of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Side {
    /// Requests that it answered.
    pub requests: u64,
    /// Of these, those that it answered with an error (a status of 400 and above).
    pub errors: u64,
    /// Half of the requests took this long or less, in milliseconds; `None` when it was not measured.
    pub p50_ms: Option<Decimal>,
    /// 99 of 100 requests took this long or less, in milliseconds; `None` when it was not measured.
    pub p99_ms: Option<Decimal>,
}

impl Side {
    fn of(minutes: &[&Minute]) -> Self {
        let sum = |value: fn(&Minute) -> Option<f32>| {
            let all: f64 = minutes.iter().filter_map(|minute| value(minute)).map(f64::from).sum();
            all.round().max(0.0) as u64
        };
        let latency = |value: fn(&Minute) -> Option<f32>, share| {
            let measured = minutes.iter().filter_map(|minute| value(minute).zip(minute.requests));
            Decimal::measured(f64::from(weighted(measured.collect(), share)?))
        };
        Self {
            requests: sum(|minute| minute.requests),
            errors: sum(|minute| minute.errors),
            p50_ms: latency(|minute| minute.p50_ms, 0.5),
            p99_ms: latency(|minute| minute.p99_ms, 0.9),
        }
    }

    /// Errors in per cent, rounded up; `None` without requests.
    #[must_use]
    pub fn errors_percent(&self) -> Option<Decimal> {
        let share = self.errors as f64 / self.requests as f64;
        if self.requests == 0 { None } else { Decimal::at_least(share * 100.0) }
    }
}

/// The comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The start of the first minute in which both answered requests; `None` when there was none.
    pub from: Option<Timestamp>,
    /// The end of the last one.
    pub to: Option<Timestamp>,
    /// In how many minutes both answered requests.
    pub minutes: u32,
    /// Those that were live, together.
    pub live: Side,
    /// The one that is compared with them.
    pub shadow: Side,
    /// The console's own requests among them; older evidence does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<Own>,
}

impl Comparison {
    /// Compares what was measured, without the console's own requests.
    #[must_use]
    pub fn of(
        measured: &Traffic,
        own: &[OwnCalls],
        live: &[DeploymentName],
        shadow: &DeploymentName,
    ) -> Self {
        let traffic = &measured.without(own);
        let answered = |minute: &&Minute| minute.requests.is_some_and(|count| count > 0.0);
        let of = |name: &DeploymentName, at: usize| traffic.of(name)?.minutes.get(at);
        let (mut of_live, mut of_shadow, mut both) = (Vec::new(), Vec::new(), Vec::new());
        for at in 0..traffic.minutes() {
            let here: Vec<_> =
                live.iter().filter_map(|name| of(name, at)).filter(answered).collect();
            let Some(there) = of(shadow, at).filter(answered) else { continue };
            if !here.is_empty() {
                of_live.extend(here);
                of_shadow.push(there);
                both.push(i64::try_from(at).unwrap_or(i64::MAX));
            }
        }
        let counted = |name: &DeploymentName| {
            let sum = |traffic: &Traffic| -> f64 {
                let minutes = traffic.of(name).map(|series| series.minutes.as_slice());
                let at = |at: &i64| minutes?.get(usize::try_from(*at).ok()?)?.requests;
                both.iter().filter_map(at).map(f64::from).sum()
            };
            (sum(measured) - sum(traffic)).round().max(0.0) as u64
        };
        let in_window = |one: &&OwnCalls| {
            let at = (one.minute.0 - traffic.start.0).div_euclid(MINUTE_MS);
            !one.by_name && both.contains(&at)
        };
        let own = Own {
            live: live.iter().map(counted).sum(),
            shadow: counted(shadow),
            split: own.iter().filter(in_window).map(|one| u64::from(one.calls)).sum(),
        };
        let time = |minute: i64| {
            Timestamp(traffic.start.0.saturating_add(minute.saturating_mul(MINUTE_MS)))
        };
        Self {
            from: both.first().map(|minute| time(*minute)),
            to: both.last().map(|minute| time(minute + 1)),
            minutes: u32::try_from(both.len()).unwrap_or(u32::MAX),
            live: Side::of(&of_live),
            shadow: Side::of(&of_shadow),
            own: Some(own),
        }
    }

    /// What it says by a rule. What was not measured is never good.
    #[must_use]
    pub fn judge(&self, rule: &ShadowRule) -> Vec<Finding> {
        vec![self.requests(rule), self.errors(rule), self.latency(rule)]
    }

    fn requests(&self, rule: &ShadowRule) -> Finding {
        let (shadow, live, least) = (self.shadow.requests, self.live.requests, rule.requests_min);
        let own = self.own.map(|own| format!(" {}", own.words())).unwrap_or_default();
        Finding {
            holds: shadow.min(live) >= u64::from(least),
            says: format!(
                "It answered {shadow} requests and the live side {live}, in {} minutes in which both were \
                 measured; each side needs {least}.{own}",
                self.minutes
            ),
        }
    }

    fn errors(&self, rule: &ShadowRule) -> Finding {
        let most = rule.errors_percent_max;
        match (self.shadow.errors_percent(), self.live.errors_percent()) {
            (Some(shadow), Some(live)) => Finding {
                holds: shadow <= most,
                says: format!(
                    "{shadow} % of its requests failed, {live} % of the live side's; {most} % is the most."
                ),
            },
            _ => Finding::not("Nothing was answered, so nothing is known about errors."),
        }
    }

    fn latency(&self, rule: &ShadowRule) -> Finding {
        let most = rule.p99_ratio_max;
        let measured = self.shadow.p99_ms.zip(self.live.p99_ms);
        let ratio = measured.and_then(|(shadow, live)| Some((shadow, live, shadow.over(live)?)));
        match ratio {
            Some((shadow, live, ratio)) => Finding {
                holds: ratio <= most,
                says: format!(
                    "Its p99 was {shadow} ms, the live side's {live} ms: {ratio} times; {most} times is the most."
                ),
            },
            None => {
                Finding::not("The p99 of one side was not measured, so the two cannot be compared.")
            }
        }
    }
}

#[cfg(test)]
mod tests;
