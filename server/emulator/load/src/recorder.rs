//! Counts the requests of one engine.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::latencies::Histogram;
use crate::log::{Mask, Memo};
use crate::rows::{Row, RowBuffer};
use crate::sample::{NAMES_MAX, OTHER, Sample, TEXT_CHARS_MAX, Tally, add_failure};

/// What one engine completed within a second.
#[derive(Debug)]
pub(crate) struct Second {
    pub(crate) engine: u32,
    pub(crate) users: u32,
    pub(crate) samples: Vec<Sample>,
}

/// A request name that a recorder knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NameId(usize);

/// The result of one request. Times count from the start of the test.
#[derive(Debug)]
pub(crate) struct Outcome<'a> {
    pub(crate) name: NameId,
    pub(crate) started: Duration,
    pub(crate) elapsed: Duration,
    /// Until the first byte of the response.
    pub(crate) first_byte: Duration,
    pub(crate) connect: Duration,
    pub(crate) code: &'a str,
    pub(crate) message: &'a str,
    pub(crate) failure: Option<Failure<'a>>,
    pub(crate) bytes: u64,
    pub(crate) sent_bytes: u64,
    pub(crate) url: &'a str,
}

/// Why a request failed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure<'a> {
    /// Counted together.
    pub(crate) kind: &'a str,
    pub(crate) message: &'a str,
}

/// All that an engine counted.
#[derive(Debug)]
pub(crate) struct Totals {
    pub(crate) by_name: BTreeMap<String, Tally>,
    /// What was not sent as a [`Second`] before.
    pub(crate) last: Second,
    pub(crate) rows_dropped: u64,
    /// When the last request ended.
    pub(crate) ended: Duration,
}

struct Name {
    name: String,
    count: u64,
    failures: BTreeMap<String, u64>,
    bytes: u64,
    sent_bytes: u64,
    latencies: Histogram,
    total: Tally,
}

/// Counts requests by name. Nothing here waits.
pub(crate) struct Recorder {
    engine: u32,
    zero: Instant,
    started_at_ms: u64,
    names: Vec<Name>,
    /// By the name before masking.
    by_name: HashMap<String, NameId>,
    rows: Option<RowBuffer>,
    reports: mpsc::Sender<Second>,
    memo: Memo,
    users: u32,
    ended: Duration,
}

impl Recorder {
    pub(crate) fn new(
        engine: u32,
        rows: Option<RowBuffer>,
        reports: mpsc::Sender<Second>,
        mask: Mask,
    ) -> Self {
        Self {
            engine,
            zero: Instant::now(),
            started_at_ms: 0,
            names: Vec::new(),
            by_name: HashMap::new(),
            rows,
            reports,
            memo: Memo::new(mask),
            users: 0,
            ended: Duration::ZERO,
        }
    }

    pub(crate) fn engine(&self) -> u32 {
        self.engine
    }

    /// Sets the start of the test, and its time in milliseconds of the caller's clock.
    pub(crate) fn begin(&mut self, zero: Instant, started_at_ms: u64) {
        (self.zero, self.started_at_ms) = (zero, started_at_ms);
    }

    /// Time since the start of the test; zero before.
    pub(crate) fn since_start(&self, at: Instant) -> Duration {
        at.saturating_duration_since(self.zero)
    }

    pub(crate) fn set_users(&mut self, users: u32) {
        self.users = users;
    }

    /// Finds a name, or adds it.
    pub(crate) fn name(&mut self, raw: &str) -> NameId {
        if let Some(id) = self.by_name.get(raw) {
            return *id;
        }
        let is_full = self.names.len() >= NAMES_MAX;
        let name = if is_full { OTHER.to_owned() } else { shortened(self.memo.mask(raw)) };
        let known = self.names.iter().position(|known| known.name == name);
        let id = known.unwrap_or_else(|| {
            self.names.push(Name {
                name,
                count: 0,
                failures: BTreeMap::new(),
                bytes: 0,
                sent_bytes: 0,
                latencies: Histogram::default(),
                total: Tally::default(),
            });
            self.names.len() - 1
        });
        // Names can be endless; those that are not remembered are found again by their text.
        if self.by_name.len() < 4 * NAMES_MAX {
            self.by_name.insert(raw.to_owned(), NameId(id));
        }
        NameId(id)
    }

    pub(crate) fn record(&mut self, outcome: &Outcome<'_>) {
        let name = &mut self.names[outcome.name.0];
        name.count += 1;
        name.latencies.record(outcome.elapsed);
        name.bytes = name.bytes.saturating_add(outcome.bytes);
        name.sent_bytes = name.sent_bytes.saturating_add(outcome.sent_bytes);
        self.ended = self.ended.max(outcome.started.saturating_add(outcome.elapsed));
        let mut failure = String::new();
        if let Some(Failure { kind, message }) = outcome.failure {
            add_failure(&mut name.failures, &shortened(self.memo.mask(kind)), 1);
            failure = shortened(self.memo.mask(message));
        }
        let Some(rows) = &mut self.rows else { return };
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        rows.push(&Row {
            time_ms: self.started_at_ms.saturating_add(millis(outcome.started)),
            elapsed_ms: millis(outcome.elapsed),
            label: &name.name,
            code: outcome.code,
            message: outcome.message,
            engine: self.engine,
            is_success: outcome.failure.is_none(),
            failure: &failure,
            bytes: outcome.bytes,
            sent_bytes: outcome.sent_bytes,
            users: self.users,
            url: self.memo.mask(outcome.url),
            latency_ms: millis(outcome.first_byte),
            connect_ms: millis(outcome.connect),
        });
    }

    /// Reports the second that has passed. If nobody takes it, the next one includes it.
    pub(crate) fn flush(&mut self, second: u32) {
        if let Some(rows) = &mut self.rows {
            rows.pass_on();
        }
        let reports = self.reports.clone();
        if let Ok(place) = reports.try_reserve() {
            place.send(self.take(second));
        }
    }

    fn take(&mut self, second: u32) -> Second {
        let (engine, users) = (self.engine, self.users);
        let sample = |name: &mut Name| {
            let tally = Tally {
                count: std::mem::take(&mut name.count),
                failures: std::mem::take(&mut name.failures),
                bytes_received: std::mem::take(&mut name.bytes),
                bytes_sent: std::mem::take(&mut name.sent_bytes),
                latencies: name.latencies.take(),
            };
            name.total.merge(&tally);
            Sample { second, engine, name: name.name.clone(), users, tally }
        };
        Second { engine, users, samples: self.names.iter_mut().map(sample).collect() }
    }

    /// Ends the recording.
    pub(crate) fn finish(mut self) -> Totals {
        let second = u32::try_from(self.ended.as_secs()).unwrap_or(u32::MAX);
        self.users = 0;
        let last = self.take(second);
        let rows_dropped = self.rows.take().map_or(0, RowBuffer::finish);
        let by_name = self.names.into_iter().map(|name| (name.name, name.total)).collect();
        Totals { by_name, last, rows_dropped, ended: self.ended }
    }
}

/// One line of limited length.
fn shortened(text: &str) -> String {
    text.chars().take(TEXT_CHARS_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn recorder(capacity: usize) -> (Recorder, mpsc::Receiver<Second>) {
        let (sender, receiver) = mpsc::channel(capacity);
        let mask: Mask = Arc::new(|text: &str| text.replace("hunter2", "***"));
        (Recorder::new(0, None, sender, mask), receiver)
    }

    fn outcome(name: NameId, failure: Option<&str>) -> Outcome<'_> {
        Outcome {
            name,
            started: Duration::ZERO,
            elapsed: Duration::from_millis(5),
            first_byte: Duration::ZERO,
            connect: Duration::ZERO,
            code: "200",
            message: "OK",
            failure: failure.map(|text| Failure { kind: text, message: text }),
            bytes: 1,
            sent_bytes: 2,
            url: "",
        }
    }

    #[test]
    fn a_second_that_nobody_takes_is_part_of_the_next_one() {
        let (mut recorder, mut receiver) = recorder(1);
        let name = recorder.name("a");
        for second in 0..3 {
            recorder.record(&outcome(name, None));
            recorder.flush(second);
        }
        assert_eq!(receiver.try_recv().unwrap().samples[0].tally.count, 1);
        recorder.flush(3);
        let late = receiver.try_recv().unwrap();
        assert_eq!((late.samples[0].second, late.samples[0].tally.count), (3, 2));
        recorder.record(&outcome(name, None));
        let totals = recorder.finish();
        assert_eq!((totals.last.samples[0].tally.count, totals.by_name["a"].count), (1, 4));
    }

    #[test]
    fn names_and_failures_are_masked_and_limited() {
        let (mut recorder, _receiver) = recorder(1);
        let name = recorder.name("key hunter2");
        recorder.record(&outcome(name, Some("bad\nhunter2")));
        for number in 0..5 * NAMES_MAX {
            let name = recorder.name(&format!("/item/{number}"));
            recorder.record(&outcome(name, None));
        }
        let totals = recorder.finish();
        assert_eq!(totals.by_name["key ***"].failures["bad ***"], 1);
        assert_eq!(totals.by_name.len(), NAMES_MAX + 1);
        assert_eq!(totals.by_name[OTHER].count as usize, 5 * NAMES_MAX - (NAMES_MAX - 1));
    }
}
