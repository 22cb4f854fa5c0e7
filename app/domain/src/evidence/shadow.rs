//! A shadow comparison: Azure Monitor's measurements of one deployment beside those of the live deployments, over the
//! minutes in which both sides answered requests.
//!
//! The percentiles of a side are request-weighted quantiles of Azure Monitor's percentiles of single minutes. They
//! are not percentiles of all the side's requests, which cannot be computed from percentiles of minutes. Therefore
//! they are called minute p50 and minute p99; [`minute_p99_ms`](crate::traffic::minute_p99_ms) states what they
//! bound.

use super::Finding;
use super::own::{Own, OwnCalls};
use super::rule::ShadowRule;
use crate::decimal::Decimal;
use crate::name::DeploymentName;
use crate::timestamp::Timestamp;
use crate::traffic::{Minute, Traffic, request_weighted};
use serde::{Deserialize, Serialize};

const MINUTE_MS: i64 = 60_000;

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Side {
    pub requests: u64,
    /// The requests among them that got a status of 400 or above.
    pub errors: u64,
    /// At least half of the requests fell in minutes whose median latency was this or less, in milliseconds; `None` if
    /// not measured.
    #[serde(rename = "p50_ms")]
    pub minute_p50_ms: Option<Decimal>,
    /// At least 90 % of the requests fell in minutes whose p99 was this or less, in milliseconds; `None` if not
    /// measured. This is not the p99 of the requests.
    #[serde(rename = "p99_ms")]
    pub minute_p99_ms: Option<Decimal>,
}

impl Side {
    fn of(minutes: &[&Minute]) -> Self {
        let sum = |value: fn(&Minute) -> Option<f32>| {
            let all: f64 = minutes.iter().filter_map(|minute| value(minute)).map(f64::from).sum();
            all.round().max(0.0) as u64
        };
        let latency = |value: fn(&Minute) -> Option<f32>, share| {
            let measured = minutes.iter().filter_map(|minute| value(minute).zip(minute.requests));
            Decimal::measured(f64::from(request_weighted(measured.collect(), share)?))
        };
        Self {
            requests: sum(|minute| minute.requests),
            errors: sum(|minute| minute.errors),
            minute_p50_ms: latency(|minute| minute.p50_ms, 0.5),
            minute_p99_ms: latency(|minute| minute.p99_ms, 0.9),
        }
    }

    /// Errors in percent, rounded up; `None` without requests.
    #[must_use]
    pub fn errors_percent(&self) -> Option<Decimal> {
        let share = self.errors as f64 / self.requests as f64;
        if self.requests == 0 { None } else { Decimal::at_least(share * 100.0) }
    }
}

/// A shadow comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// When the first minute in which both sides answered requests starts; `None` if there is no such minute.
    pub from: Option<Timestamp>,
    /// When the last such minute ends.
    pub to: Option<Timestamp>,
    /// The number of such minutes.
    pub minutes: u32,
    /// The live deployments together.
    pub live: Side,
    pub shadow: Side,
    /// The console's own requests that were left out; `None` in evidence of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<Own>,
}

/// `1 minute`, `5 minutes`.
fn minutes(count: u32) -> String {
    if count == 1 { "1 minute".to_owned() } else { format!("{count} minutes") }
}

impl Comparison {
    /// Compares the two sides, without the console's own requests.
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

    /// Judges the comparison by a rule. A missing measurement never holds.
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
                "The shadow answered {shadow} requests and the live side {live}, in {} in which both were \
                 measured; each side needs {least}.{own}",
                minutes(self.minutes)
            ),
        }
    }

    fn errors(&self, rule: &ShadowRule) -> Finding {
        let most = rule.errors_percent_max;
        match (self.shadow.errors_percent(), self.live.errors_percent()) {
            (Some(shadow), Some(live)) => Finding {
                holds: shadow <= most,
                says: format!(
                    "{shadow} % of the shadow's requests failed, and {live} % of the live side's; at most {most} % \
                     is allowed."
                ),
            },
            _ => Finding::not("One side answered no requests, so its error rate is unknown."),
        }
    }

    fn latency(&self, rule: &ShadowRule) -> Finding {
        let most = rule.p99_ratio_max;
        let measured = self.shadow.minute_p99_ms.zip(self.live.minute_p99_ms);
        let ratio = measured.and_then(|(shadow, live)| Some((shadow, live, shadow.over(live)?)));
        match ratio {
            Some((shadow, live, ratio)) => Finding {
                holds: ratio <= most,
                says: format!(
                    "The shadow's minute p99 was {shadow} ms, {ratio} times the live side's {live} ms; at most \
                     {most} times is allowed."
                ),
            },
            None => Finding::not(
                "The minute p99 of one side was not measured, so the two cannot be compared.",
            ),
        }
    }
}

#[cfg(test)]
mod tests;
