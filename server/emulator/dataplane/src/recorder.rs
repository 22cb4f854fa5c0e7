//! Records traffic: cheap to write, and combined when it is read.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use time::OffsetDateTime;

use crate::histogram::{Histogram, Sparse};
use crate::traffic::{Latency, MinuteTraffic, PastRequest, StatusCount};

/// The runtime's threads are spread over this many counters, so that they rarely contend.
const SHARDS: usize = 4;
/// A week. Older minutes are dropped.
const MINUTES_MAX: usize = 7 * 24 * 60;

/// The traffic of one deployment in one lane.
#[derive(Default)]
pub(crate) struct Recorder {
    shards: [Mutex<Option<Minute>>; SHARDS],
    /// The minutes that are over; a minute has several entries if several shards saw it.
    past: Mutex<VecDeque<PastMinute>>,
}

/// The outcome of one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    pub(crate) status: u16,
    pub(crate) model_status: Option<u16>,
    pub(crate) latency: Duration,
    pub(crate) bytes_in: usize,
    pub(crate) bytes_out: usize,
}

#[derive(Clone, Debug, Default)]
struct Totals {
    counts: Vec<StatusCount>,
    bytes_in: u64,
    bytes_out: u64,
    dropped: u64,
}

#[derive(Default)]
struct Minute {
    /// Minutes since 1970.
    number: i64,
    latency: Histogram,
    totals: Totals,
}

struct PastMinute {
    number: i64,
    latency: Sparse,
    totals: Totals,
}

impl Recorder {
    pub(crate) fn record(&self, now: OffsetDateTime, outcome: Outcome) {
        self.with_minute(now, |minute| minute.add(outcome));
    }

    /// Counts requests of the past, oldest first.
    pub(crate) fn import(&self, requests: impl Iterator<Item = PastRequest>) {
        let mut open: Option<Minute> = None;
        for request in requests {
            let number = minute_number(request.at);
            if let Some(over) = open.take_if(|minute| minute.number != number) {
                self.keep(over.past());
            }
            let minute = open.get_or_insert_with(|| Minute { number, ..Minute::default() });
            minute.add(Outcome {
                status: request.status,
                model_status: request.model_status,
                latency: request.latency,
                bytes_in: request.bytes_in,
                bytes_out: request.bytes_out,
            });
        }
        if let Some(last) = open {
            self.keep(last.past());
        }
    }

    /// Counts a copy that was never sent.
    pub(crate) fn record_dropped(&self, now: OffsetDateTime) {
        self.with_minute(now, |minute| minute.totals.dropped += 1);
    }

    fn with_minute(&self, now: OffsetDateTime, change: impl FnOnce(&mut Minute)) {
        let number = minute_number(now);
        let mut shard = self.shards[shard_of_this_thread()].lock();
        let minute = shard.get_or_insert_with(|| Minute { number, ..Minute::default() });
        if minute.number != number {
            let over = std::mem::replace(minute, Minute { number, ..Minute::default() });
            self.keep(over.past());
        }
        change(minute);
    }

    fn keep(&self, minute: PastMinute) {
        let mut past = self.past.lock();
        past.push_back(minute);
        while past.front().is_some_and(|first| {
            past.back().is_some_and(|last| last.number - first.number > MINUTES_MAX as i64)
        }) {
            past.pop_front();
        }
    }

    /// The minutes in `from..to`, oldest first.
    pub(crate) fn read(
        &self,
        from: OffsetDateTime,
        to: OffsetDateTime,
        deployment: Option<&str>,
        mirrored: bool,
    ) -> Vec<MinuteTraffic> {
        let is_wanted = |number: i64| {
            let start = minute_start(number);
            start + time::Duration::MINUTE > from && start < to
        };
        let mut minutes: BTreeMap<i64, Minute> = BTreeMap::new();
        let mut add = |number: i64, latency: &Sparse, totals: &Totals| {
            let minute = minutes.entry(number).or_default();
            minute.latency.merge(latency);
            minute.totals.merge(totals);
        };
        // Locks the shards first, because a minute that ends now must be in exactly one of both places.
        for shard in &self.shards {
            let shard = shard.lock();
            if let Some(minute) = shard.as_ref().filter(|minute| is_wanted(minute.number)) {
                add(minute.number, &minute.latency.sparse(), &minute.totals);
            }
        }
        for minute in self.past.lock().iter().filter(|minute| is_wanted(minute.number)) {
            add(minute.number, &minute.latency, &minute.totals);
        }
        let report = |(number, minute): (i64, Minute)| minute.report(number, deployment, mirrored);
        minutes.into_iter().map(report).collect()
    }
}

impl Minute {
    fn add(&mut self, outcome: Outcome) {
        self.latency.record(outcome.latency);
        self.totals.count(outcome.status, outcome.model_status, 1);
        self.totals.bytes_in += outcome.bytes_in as u64;
        self.totals.bytes_out += outcome.bytes_out as u64;
    }

    /// It without the empty buckets of its latencies.
    fn past(self) -> PastMinute {
        PastMinute { number: self.number, latency: self.latency.sparse(), totals: self.totals }
    }

    fn report(self, number: i64, deployment: Option<&str>, mirrored: bool) -> MinuteTraffic {
        let Totals { mut counts, bytes_in, bytes_out, dropped } = self.totals;
        counts.sort_by_key(|count| (count.status, count.model_status));
        let latency = Latency {
            mean_ms: self.latency.mean_ms(),
            p50_ms: self.latency.quantile_ms(0.50),
            p90_ms: self.latency.quantile_ms(0.90),
            p95_ms: self.latency.quantile_ms(0.95),
            p99_ms: self.latency.quantile_ms(0.99),
        };
        MinuteTraffic {
            minute: minute_start(number),
            deployment: deployment.map(str::to_owned),
            mirrored,
            counts,
            latency,
            bytes_in,
            bytes_out,
            dropped,
        }
    }
}

impl Totals {
    fn count(&mut self, status: u16, model_status: Option<u16>, count: u64) {
        let is_same =
            |entry: &&mut StatusCount| (entry.status, entry.model_status) == (status, model_status);
        // There are only a few codes, so a list is faster than a map.
        match self.counts.iter_mut().find(is_same) {
            Some(entry) => entry.count += count,
            None => self.counts.push(StatusCount { status, model_status, count }),
        }
    }

    fn merge(&mut self, other: &Totals) {
        for entry in &other.counts {
            self.count(entry.status, entry.model_status, entry.count);
        }
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
        self.dropped += other.dropped;
    }
}

fn minute_number(now: OffsetDateTime) -> i64 {
    now.unix_timestamp().div_euclid(60)
}

fn minute_start(number: i64) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + time::Duration::minutes(number)
}

fn shard_of_this_thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static SHARD: usize = NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS);
    SHARD.with(|shard| *shard)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn outcome(status: u16, ms: u64) -> Outcome {
        let latency = Duration::from_millis(ms);
        Outcome { status, model_status: Some(status), latency, bytes_in: 10, bytes_out: 100 }
    }

    #[test]
    fn minutes_are_separate_and_threads_are_combined() {
        let recorder = Recorder::default();
        let start = datetime!(2026-01-01 00:00 UTC);
        for minute in 0..3 {
            let now = start + time::Duration::minutes(minute) + time::Duration::seconds(59);
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| recorder.record(now, outcome(200, 10 * (minute as u64 + 1))));
                }
            });
            recorder.record(now, outcome(424, 1));
            recorder.record_dropped(now);
        }
        let all = recorder.read(start, start + time::Duration::minutes(3), Some("blue"), false);
        assert_eq!(all.len(), 3);
        for (minute, traffic) in all.iter().enumerate() {
            assert_eq!(traffic.minute, start + time::Duration::minutes(minute as i64));
            let counts: Vec<_> = traffic.counts.iter().map(|c| (c.status, c.count)).collect();
            assert_eq!(counts, [(200, 8), (424, 1)]);
            assert_eq!((traffic.bytes_in, traffic.bytes_out, traffic.dropped), (90, 900, 1));
            let p50 = 10.0 * (minute as f64 + 1.0);
            assert!((traffic.latency.p50_ms - p50).abs() < p50 / 15.0);
        }
        let second = start + time::Duration::minutes(1);
        let one = recorder.read(second, second + time::Duration::minutes(1), None, true);
        assert_eq!(one.len(), 1);
        assert_eq!((one[0].minute, one[0].mirrored), (second, true));
    }

    #[test]
    fn old_minutes_are_dropped() {
        let recorder = Recorder::default();
        let start = datetime!(2026-01-01 00:00 UTC);
        for day in 0..20 {
            recorder.record(start + time::Duration::days(day), outcome(200, 1));
        }
        let all = recorder.read(start, start + time::Duration::days(30), None, false);
        assert!((7..=9).contains(&all.len()), "{}", all.len());
    }
}
