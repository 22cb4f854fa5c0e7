//! Stops a test when too many of its requests fail.

use std::collections::VecDeque;

use crate::plan::AutoStop;
use crate::sample::{Ended, Sample};

/// Requests and failures of one second, over all engines.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    second: u32,
    count: u64,
    failed: u64,
}

/// Watches the samples of a test.
#[derive(Debug)]
pub(crate) struct Watch {
    rule: AutoStop,
    window: VecDeque<Counts>,
}

impl Watch {
    pub(crate) fn new(rule: AutoStop) -> Self {
        Self { rule, window: VecDeque::new() }
    }

    /// Counts the samples of an engine's second, and says whether the test must stop. A share of errors counts only
    /// once the test is older than the window, so that a failed first request stops nothing.
    pub(crate) fn see(&mut self, engine: u32, users: u32, samples: &[Sample]) -> Option<Ended> {
        if self.rule.users_per_engine_max.is_some_and(|max| users > max) {
            return Some(Ended::TooManyUsers { engine, users });
        }
        let second = samples.first()?.second;
        for sample in samples {
            self.add(sample.second, sample.tally.count, sample.tally.failed());
        }
        let window_s = u32::try_from(self.rule.window.as_secs()).unwrap_or(u32::MAX).max(1);
        let newest = self.window.back().map_or(second, |last| last.second);
        let oldest = (newest + 1).saturating_sub(window_s);
        while self.window.front().is_some_and(|first| first.second < oldest) {
            self.window.pop_front();
        }
        if newest + 1 < window_s {
            return None;
        }
        let count: u64 = self.window.iter().map(|one| one.count).sum();
        let failed: u64 = self.window.iter().map(|one| one.failed).sum();
        let percent = if count == 0 { 0.0 } else { failed as f64 * 100.0 / count as f64 };
        let is_over = self.rule.error_percent.is_some_and(|limit| percent > limit);
        is_over.then_some(Ended::TooManyErrors { percent, window: self.rule.window })
    }

    fn add(&mut self, second: u32, count: u64, failed: u64) {
        let at = self.window.partition_point(|one| one.second < second);
        if self.window.get(at).is_none_or(|one| one.second != second) {
            self.window.insert(at, Counts { second, ..Counts::default() });
        }
        self.window[at].count += count;
        self.window[at].failed += failed;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::sample::Tally;

    fn sample(second: u32, count: u64, failed: u64) -> Sample {
        let failures = [("HTTP 500".to_owned(), failed)].into();
        let tally = Tally { count, failures, ..Tally::default() };
        Sample { second, engine: 0, name: "a".to_owned(), users: 1, tally }
    }

    fn watch(percent: f64, window_s: u64) -> Watch {
        Watch::new(AutoStop {
            error_percent: Some(percent),
            window: Duration::from_secs(window_s),
            users_per_engine_max: Some(5),
        })
    }

    #[test]
    fn a_share_of_errors_stops_the_test_only_within_a_whole_window() {
        let mut watch = watch(50.0, 3);
        assert_eq!(watch.see(0, 1, &[sample(0, 10, 10)]), None);
        assert_eq!(watch.see(0, 1, &[sample(1, 10, 10)]), None);
        assert_eq!(watch.see(0, 1, &[sample(2, 30, 3)]), None);
        assert_eq!(watch.see(0, 1, &[sample(3, 10, 10)]), None);
        let ended = watch.see(0, 1, &[sample(4, 10, 10), sample(4, 10, 10)]);
        let percent = 100.0 * 33.0 / 60.0;
        assert_eq!(ended, Some(Ended::TooManyErrors { percent, window: Duration::from_secs(3) }));
    }

    #[test]
    fn engines_are_counted_together_and_may_be_late() {
        let mut watch = watch(50.0, 1);
        assert_eq!(watch.see(0, 1, &[sample(1, 10, 2)]), None);
        assert_eq!(watch.see(1, 1, &[sample(1, 10, 8)]), None);
        assert_eq!(watch.see(1, 1, &[sample(0, 10, 10)]), None);
        assert!(watch.see(1, 1, &[sample(1, 1, 1)]).is_some());
    }

    #[test]
    fn the_limit_itself_and_silence_are_allowed() {
        let mut watch = watch(50.0, 1);
        assert_eq!(watch.see(0, 1, &[sample(0, 2, 1)]), None);
        assert_eq!(watch.see(0, 1, &[sample(1, 0, 0)]), None);
        assert_eq!(watch.see(0, 1, &[]), None);
    }

    #[test]
    fn more_users_than_allowed_stop_the_test() {
        let mut watch = watch(50.0, 60);
        assert_eq!(watch.see(1, 5, &[]), None);
        assert_eq!(watch.see(1, 6, &[]), Some(Ended::TooManyUsers { engine: 1, users: 6 }));
    }
}
