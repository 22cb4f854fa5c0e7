//! Routes that were read but are not in the ledger: how many reads in a row agreed, and which routes were recorded
//! before, so that an outdated read of one of those does not count as another change.

use domain::route::Route;
use domain::stage::EndpointKey;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Number of agreeing reads in a row after which an unknown route is believed.
pub const LOOKS_MIN: u32 = 2;
/// Maximum number of former routes remembered per endpoint.
const LEFT_MAX: usize = 20;

/// Whether a read is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Believed {
    Now,
    NotYet,
}

/// The suspects of a stage.
#[derive(Debug, Default)]
pub struct Suspects {
    /// The last route read, and the number of reads in a row that agreed.
    read: HashMap<EndpointKey, (Route, u32)>,
    /// Former routes, and until when Azure may still report them.
    left: HashMap<EndpointKey, Vec<(Route, Instant)>>,
}

impl Suspects {
    /// Whether no endpoint is in doubt.
    pub fn is_empty(&self) -> bool {
        self.read.is_empty()
    }

    /// Whether an endpoint is in doubt.
    pub fn has(&self, at: &EndpointKey) -> bool {
        self.read.contains_key(at)
    }

    /// Forgets deleted endpoints.
    pub fn retain(&mut self, is_there: impl Fn(&EndpointKey) -> bool) {
        self.read.retain(|at, _| is_there(at));
        self.left.retain(|at, _| is_there(at));
    }

    /// The endpoint's route is as recorded.
    pub fn clear(&mut self, at: &EndpointKey) {
        self.read.remove(at);
    }

    /// The read agrees with the ledger, but another read did not: restarts the count.
    pub fn look_again(&mut self, at: &EndpointKey, read: &Route) {
        self.read.insert(at.clone(), (read.clone(), 0));
    }

    /// Counts a read. It is believed after `looks` agreeing reads in a row.
    pub fn look(&mut self, at: &EndpointKey, route: &Route, looks: u32) -> Believed {
        let (read, count) = self.read.entry(at.clone()).or_insert_with(|| (route.clone(), 0));
        if read != route {
            (*read, *count) = (route.clone(), 0);
        }
        *count += 1;
        if *count >= looks { Believed::Now } else { Believed::NotYet }
    }

    /// The route was recorded. Azure may still report the former one for a while.
    pub fn settle(&mut self, at: &EndpointKey, before: Option<Route>, for_: Duration) {
        self.clear(at);
        let left = self.left.entry(at.clone()).or_default();
        left.retain(|(_, until)| *until > Instant::now());
        left.truncate(LEFT_MAX);
        left.extend(before.map(|route| (route, Instant::now() + for_)));
    }

    /// Whether a route was replaced recently.
    pub fn has_left(&self, at: &EndpointKey, route: &Route) -> bool {
        let left = self.left.get(at).map(Vec::as_slice).unwrap_or_default();
        left.iter().any(|(one, until)| one == route && *until > Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> EndpointKey {
        EndpointKey {
            stage: "anet-prod".parse().expect("a stage"),
            endpoint: "anet-ep".parse().expect("an endpoint"),
        }
    }

    fn route(text: &str) -> Route {
        text.parse().expect("a route")
    }

    #[test]
    fn a_route_is_believed_after_reads_in_a_row_and_not_by_turns() {
        let (mut suspects, at) = (Suspects::default(), at());
        let (old, new) = (route("blue=100"), route("green=100"));
        for _ in 0..10 {
            assert_eq!(suspects.look(&at, &new, LOOKS_MIN), Believed::NotYet);
            assert_eq!(suspects.look(&at, &old, LOOKS_MIN), Believed::NotYet);
        }
        assert_eq!(suspects.look(&at, &new, LOOKS_MIN), Believed::NotYet);
        assert_eq!(suspects.look(&at, &new, LOOKS_MIN), Believed::Now);
    }

    #[test]
    fn a_former_route_is_remembered_for_a_while() {
        let (mut suspects, at) = (Suspects::default(), at());
        suspects.look(&at, &route("green=100"), 1);
        suspects.settle(&at, Some(route("blue=100")), Duration::from_secs(60));
        assert!(suspects.is_empty());
        assert!(suspects.has_left(&at, &route("blue=100")));
        assert!(!suspects.has_left(&at, &route("green=100")));
        suspects.settle(&at, Some(route("red=100")), Duration::ZERO);
        assert!(!suspects.has_left(&at, &route("red=100")), "not for ever");
    }
}
