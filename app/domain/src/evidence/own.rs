//! The console's own requests to an endpoint: test requests, replays and probes. Azure Monitor counts them like
//! requests of clients. The console therefore counts its own requests by deployment and minute, and subtracts them
//! from the measurements.
//!
//! Only requests and errors can be subtracted, not percentiles of latency. Azure may have mirrored copies of requests
//! that went through the traffic split. Because it does not report which, these requests are only mentioned.

use crate::name::DeploymentName;
use crate::timestamp::Timestamp;
use crate::traffic::{Minute, Period, Series, Traffic};
use serde::{Deserialize, Serialize};

const MINUTE_MS: i64 = 60_000;
/// The minutes in which Azure may have counted a request, relative to the minute of its answer: the request may have
/// started earlier, and clocks differ slightly.
const MINUTES_TRIED: [i64; 3] = [0, -1, 1];

/// The console's own requests to one deployment in one minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnCalls {
    /// The deployment that answered, if known.
    pub deployment: Option<DeploymentName>,
    /// Whether the requests named the deployment. Other requests went through the split.
    pub by_name: bool,
    /// When the minute of the answers starts.
    pub minute: Timestamp,
    pub calls: u32,
    /// The number of `calls` that got a status of 400 or above.
    pub errors: u32,
}

impl OwnCalls {
    /// A single request, answered at `at`; `status` is `None` without an answer.
    #[must_use]
    pub fn one(
        deployment: Option<DeploymentName>,
        by_name: bool,
        at: Timestamp,
        status: Option<u16>,
    ) -> Self {
        let minute = Timestamp(at.0.div_euclid(MINUTE_MS) * MINUTE_MS);
        // How Azure counted an unanswered request is unknown. Counting it as good never hides an error.
        let errors = u32::from(status.is_some_and(|status| status >= 400));
        Self { deployment, by_name, minute, calls: 1, errors }
    }

    fn minutes_from(&self, start: Timestamp) -> i64 {
        (self.minute.0 - start.0).div_euclid(MINUTE_MS)
    }
}

/// The console's own requests during a shadow comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Own {
    /// Subtracted requests to the live side.
    pub live: u64,
    /// Subtracted requests to the shadow.
    pub shadow: u64,
    /// Requests through the split, whose mirrored copies may be among the shadow's requests.
    pub split: u64,
}

impl Own {
    /// The numbers as a sentence.
    #[must_use]
    pub fn words(&self) -> String {
        let Self { live, shadow, split } = self;
        let taken = match live + shadow {
            0 => "None of them were the console's own.".to_owned(),
            _ => format!(
                "{shadow} requests to the shadow and {live} to the live side were the console's own. They are left \
                 out of requests and errors, but not out of latencies."
            ),
        };
        match split {
            0 => taken,
            1 => format!(
                "{taken} The console sent 1 request through the split. If Azure mirrored a copy, it is included."
            ),
            split => format!(
                "{taken} The console sent {split} requests through the split. Copies that Azure mirrored are included."
            ),
        }
    }
}

impl Traffic {
    /// The measurements without the console's own requests.
    #[must_use]
    pub fn without(&self, own: &[OwnCalls]) -> Self {
        let mut traffic = self.clone();
        for series in &mut traffic.series {
            let its = own.iter().filter(|one| one.deployment.as_ref() == Some(&series.deployment));
            take_off(&mut series.minutes, self.start, its);
        }
        traffic
    }
}

/// The measurements of a period without the console's own requests. `wider` covers [`Period::wider`], because Azure
/// may have counted a request in the minute before or after that of its answer.
#[must_use]
pub fn of_clients(mut wider: Series, period: Period, own: &[OwnCalls]) -> Series {
    let start = period.wider().start;
    let edges = [0, wider.minutes.len().saturating_sub(1)];
    let unknown: Vec<_> = edges
        .into_iter()
        .filter(|at| wider.minutes.get(*at).is_none_or(|minute| minute.requests.is_none()))
        .filter_map(|at| i64::try_from(at).ok())
        .collect();
    // Azure has not reported these minutes yet, so the console's requests in them must not be subtracted inside the
    // period.
    let name = Some(&wider.deployment);
    let is_its = |one: &&OwnCalls| {
        one.deployment.as_ref() == name && !unknown.contains(&one.minutes_from(start))
    };
    take_off(&mut wider.minutes, start, own.iter().filter(is_its));
    wider.minutes.pop();
    wider.minutes.drain(..1.min(wider.minutes.len()));
    wider
}

/// Subtracts requests from minutes, of which the first starts at `start`, and returns the number of subtracted
/// requests. Requests of other minutes are ignored.
fn take_off<'a>(
    minutes: &mut [Minute],
    start: Timestamp,
    own: impl Iterator<Item = &'a OwnCalls>,
) -> u64 {
    let mut taken = 0.0;
    for one in own {
        let at = one.minutes_from(start);
        if usize::try_from(at).map_or(true, |at| at >= minutes.len()) {
            continue;
        }
        let (mut errors, mut good) =
            (f64::from(one.errors) as f32, f64::from(one.calls.saturating_sub(one.errors)) as f32);
        for near in MINUTES_TRIED {
            let minute = usize::try_from(at + near).ok().and_then(|at| minutes.get_mut(at));
            let Some(Minute { requests: Some(requests), errors: failed, .. }) = minute else {
                continue;
            };
            let failed = failed.get_or_insert(0.0);
            let of_errors = errors.min(*failed).min(*requests);
            *failed -= of_errors;
            *requests -= of_errors;
            let of_good = good.min(*requests - *failed).max(0.0);
            *requests -= of_good;
            errors -= of_errors;
            good -= of_good;
            taken += f64::from(of_errors + of_good);
        }
    }
    taken.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn own(minute: i64, calls: u32, errors: u32) -> OwnCalls {
        let deployment = Some("green".parse().expect("a name"));
        let minute = Timestamp(minute * MINUTE_MS);
        OwnCalls { deployment, by_name: true, minute, calls, errors }
    }

    fn measured(requests: f32, errors: f32) -> Minute {
        Minute { requests: Some(requests), errors: Some(errors), ..Minute::default() }
    }

    fn left(minutes: &[Minute], own: &[OwnCalls]) -> (Vec<(f32, f32)>, u64) {
        let mut minutes = minutes.to_vec();
        let taken = take_off(&mut minutes, Timestamp(0), own.iter());
        let pair =
            |minute: &Minute| (minute.requests.unwrap_or(-1.0), minute.errors.unwrap_or(-1.0));
        (minutes.iter().map(pair).collect(), taken)
    }

    #[test]
    fn a_test_request_is_subtracted_from_the_minute_in_which_azure_counted_it() {
        let minutes = [measured(10.0, 0.0), measured(6.0, 2.0)];
        assert_eq!(left(&minutes, &[own(1, 2, 1)]), (vec![(10.0, 0.0), (4.0, 1.0)], 2));
        // Azure counted the request in the minute before, when it started.
        let before = [measured(10.0, 1.0), measured(6.0, 0.0)];
        assert_eq!(left(&before, &[own(1, 1, 1)]), (vec![(9.0, 0.0), (6.0, 0.0)], 1));
        // A good request subtracts no error, and an error that Azure did not count subtracts nothing.
        assert_eq!(left(&minutes, &[own(1, 5, 0)]).0[1], (2.0, 2.0));
        assert_eq!(left(&[measured(6.0, 0.0)], &[own(0, 1, 1)]), (vec![(6.0, 0.0)], 0));
        // Minutes without measurements do not change, and requests of other minutes are ignored.
        let none = [Minute::default()];
        assert_eq!(left(&none, &[own(0, 3, 1), own(-2, 1, 0), own(9, 1, 0)]).0, [(-1.0, -1.0)]);
    }

    #[test]
    fn own_requests_outside_a_period_are_not_subtracted_inside() {
        let period = Period { start: Timestamp(5 * MINUTE_MS), minutes: 2 };
        let clients = |minutes: [Option<f32>; 4], own: &[OwnCalls]| {
            let minute = |requests| Minute { requests, ..Minute::default() };
            let deployment = "green".parse().expect("a name");
            let wider = Series { deployment, minutes: minutes.map(minute).to_vec() };
            let inside = of_clients(wider, period, own).minutes;
            inside.iter().map(|minute| minute.requests).collect::<Vec<_>>()
        };
        let all = [Some(9.0), Some(3.0), Some(4.0), Some(200.0)];
        // Probes of a run that starts when the period ends, and test requests before the period.
        assert_eq!(clients(all, &[own(7, 200, 0), own(4, 9, 0)]), [Some(3.0), Some(4.0)]);
        // Azure counted one of them a minute earlier.
        assert_eq!(clients(all, &[own(7, 201, 0)]), [Some(3.0), Some(3.0)]);
        // Azure has not reported the minute yet.
        let late = [None, Some(3.0), Some(4.0), None];
        assert_eq!(clients(late, &[own(7, 2, 0), own(4, 2, 0)]), [Some(3.0), Some(4.0)]);
        // Inside the period, a request that is not in its own minute is in the one before.
        let empty = [None, Some(3.0), None, None];
        assert_eq!(clients(empty, &[own(6, 1, 0)]), [Some(2.0), None]);
    }

    #[test]
    fn only_an_answer_with_an_error_status_counts_as_an_error() {
        let at = Timestamp(61_000);
        for (status, errors) in [(Some(200), 0), (Some(399), 0), (Some(400), 1), (None, 0)] {
            let one = OwnCalls::one(None, false, at, status);
            assert_eq!((one.minute, one.calls, one.errors), (Timestamp(60_000), 1, errors));
        }
    }

    proptest! {
        #[test]
        fn no_more_is_subtracted_than_was_sent_and_measured(
            minutes in prop::collection::vec((0_u16..50, 0_u16..50), 1..6),
            calls in prop::collection::vec((-2_i64..8, 0_u32..40, 0_u32..40), 0..6),
        ) {
            let minutes: Vec<_> = minutes.iter()
                .map(|(good, failed)| measured(f32::from(good + failed), f32::from(*failed)))
                .collect();
            let own: Vec<_> = calls.iter().map(|(at, good, failed)| own(*at, good + failed, *failed)).collect();
            let (left, taken) = left(&minutes, &own);
            let sum = |pick: fn(&Minute) -> Option<f32>| minutes.iter().filter_map(pick).sum::<f32>();
            let requests: f32 = left.iter().map(|(requests, _)| requests).sum();
            let errors: f32 = left.iter().map(|(_, errors)| errors).sum();
            prop_assert!(left.iter().all(|(requests, errors)| *errors >= 0.0 && requests >= errors));
            prop_assert_eq!(sum(|minute| minute.requests) - requests, taken as f32);
            let (sent, failed) = own.iter().fold((0, 0), |(s, f), one| (s + one.calls, f + one.errors));
            prop_assert!(taken <= u64::from(sent));
            prop_assert!(sum(|minute| minute.errors) - errors <= f64::from(failed) as f32);
        }
    }
}
