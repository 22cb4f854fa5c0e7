//! Routes that were read and that the ledger does not know: how often in a row each was read, and which routes
//! were recorded before, so that a late read of one of those is not taken for another change.

use app::domain::route::Route;
use app::domain::stage::EndpointKey;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Reads in a row after which a route that nobody knows is believed.
pub const LOOKS_MIN: u32 = 2;
/// Routes of one endpoint that are remembered as left.
const LEFT_MAX: usize = 20;

/// Whether a read is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Believed {
    /// It was the same often enough.
    Now,
    /// It is read again.
    NotYet,
}

/// All of a stage.
#[derive(Debug, Default)]
pub struct Suspects {
    /// What was read last, and how often in a row.
    read: HashMap<EndpointKey, (Route, u32)>,
    /// Routes that were replaced by the recorded one, and until when they may still be read.
    left: HashMap<EndpointKey, Vec<(Route, Instant)>>,
}

impl Suspects {
    /// Whether nothing is in doubt.
    pub fn is_empty(&self) -> bool {
        self.read.is_empty()
    }

    /// Whether an endpoint is in doubt.
    pub fn has(&self, at: &EndpointKey) -> bool {
        self.read.contains_key(at)
    }

    /// Forgets endpoints that are not there any more.
    pub fn retain(&mut self, is_there: impl Fn(&EndpointKey) -> bool) {
        self.read.retain(|at, _| is_there(at));
        self.left.retain(|at, _| is_there(at));
    }

    /// An endpoint is as recorded after all.
    pub fn clear(&mut self, at: &EndpointKey) {
        self.read.remove(at);
    }

    /// What was read is as recorded, but there is no certainty yet: the count begins again.
    pub fn look_again(&mut self, at: &EndpointKey, read: &Route) {
        self.read.insert(at.clone(), (read.clone(), 0));
    }

    /// Counts a read. It is believed when it was the same so many times in a row.
    pub fn look(&mut self, at: &EndpointKey, route: &Route, looks: u32) -> Believed {
        let (read, count) = self.read.entry(at.clone()).or_insert_with(|| (route.clone(), 0));
        if read != route {
            (*read, *count) = (route.clone(), 0);
        }
        *count += 1;
        if *count >= looks { Believed::Now } else { Believed::NotYet }
    }

    /// What was read has been recorded. The route before it may still be read for a while.
    pub fn settle(&mut self, at: &EndpointKey, before: Option<Route>, for_: Duration) {
        self.clear(at);
        let left = self.left.entry(at.clone()).or_default();
        left.retain(|(_, until)| *until > Instant::now());
        left.truncate(LEFT_MAX);
        left.extend(before.map(|route| (route, Instant::now() + for_)));
    }

    /// Whether a route was replaced a moment ago.
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
    fn a_route_that_was_left_is_known_as_such_for_a_while() {
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
