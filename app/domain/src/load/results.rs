//! What a run measured.

use super::measure::{Aggregate, Measure};
use crate::decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Maximum number of request names that are kept. Plans that put ids into names would otherwise fill the store.
pub const NAMES_MAX: usize = 200;
/// Maximum number of kinds of errors that are kept of one name.
pub const ERROR_KINDS_MAX: usize = 20;

/// How many requests failed in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorKind {
    /// In the generator's words: `424`, `timed out`, `connection refused`.
    pub what: String,
    pub count: u64,
}

/// The requests of one name, or all together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sample {
    pub requests: u64,
    /// The failed ones among them.
    pub errors: u64,
    /// The errors by kind, most frequent first; at most [`ERROR_KINDS_MAX`].
    pub kinds: Vec<ErrorKind>,
    /// Response times in milliseconds, rounded up to hundredths. What was not measured is missing.
    pub response_ms: BTreeMap<Aggregate, Decimal>,
    /// Times to the first byte in milliseconds, rounded up to hundredths. Locust does not measure them.
    pub latency_ms: BTreeMap<Aggregate, Decimal>,
    /// Requests per second over the whole run, rounded down to hundredths; `None` if not measured.
    pub per_second: Option<Decimal>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The run still sends requests, or its results are not complete yet.
    Running,
    /// The plan ran to its end.
    Completed,
    /// A person stopped it.
    Stopped { by: String },
    /// The auto-stop criteria stopped it.
    AutoStopped {
        /// A sentence with the criterion.
        why: String,
    },
    /// The service or the generator failed.
    Broken {
        /// What happened, as a sentence.
        why: String,
    },
}

/// The results of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Results {
    pub ending: Ending,
    /// How long requests were sent, in seconds.
    pub seconds: u32,
    /// The largest number of virtual users at a time, if known.
    pub users: Option<u32>,
    /// All requests; `None` if the service reported no statistics.
    pub total: Option<Sample>,
    /// By request name; at most [`NAMES_MAX`].
    pub by_name: BTreeMap<String, Sample>,
    /// Names that were left out because there are more than [`NAMES_MAX`].
    pub names_left_out: u32,
}

impl Sample {
    /// The value of a measure, for screens; `None` if it was not measured. Without requests, only their number is known.
    #[must_use]
    pub fn value(&self, measure: Measure) -> Option<Decimal> {
        let known = self.requests > 0;
        match measure {
            Measure::Requests => whole(self.requests),
            Measure::Errors => {
                let share = self.errors as f64 / self.requests as f64;
                Decimal::at_least(share * 100.0).filter(|_| known)
            }
            Measure::Rate => self.per_second.filter(|_| known),
            Measure::Response(aggregate) => {
                self.response_ms.get(&aggregate).copied().filter(|_| known)
            }
            Measure::Latency(aggregate) => {
                self.latency_ms.get(&aggregate).copied().filter(|_| known)
            }
        }
    }

    /// Compares a measure with a limit, exactly: error rates are not rounded before. `None` if it was not measured.
    #[must_use]
    pub fn compare(&self, measure: Measure, limit: Decimal) -> Option<Ordering> {
        match measure {
            Measure::Errors if self.requests > 0 => {
                // errors / requests × 100 against the limit, in whole ten-thousandths.
                let parts = (limit.value() * 10_000.0).round() as u128;
                let errors = u128::from(self.errors) * 1_000_000;
                Some(errors.cmp(&(parts * u128::from(self.requests))))
            }
            Measure::Requests => Some((self.requests as f64).total_cmp(&limit.value())),
            measure => Some(self.value(measure)?.cmp(&limit)),
        }
    }

    /// Keeps the most frequent kinds of errors, and adds the others up as one kind.
    #[must_use]
    pub fn tidy(mut self) -> Self {
        self.kinds.retain(|kind| kind.count > 0);
        self.kinds
            .sort_by(|one, other| other.count.cmp(&one.count).then(one.what.cmp(&other.what)));
        if self.kinds.len() > ERROR_KINDS_MAX {
            let others = self.kinds.split_off(ERROR_KINDS_MAX - 1);
            let count = others.iter().fold(0_u64, |sum, kind| sum.saturating_add(kind.count));
            self.kinds.push(ErrorKind { what: format!("{} other kinds", others.len()), count });
        }
        for kind in &mut self.kinds {
            kind.what = crate::text::shortened(&crate::text::visible(&kind.what), 120);
        }
        self
    }
}

/// A number of requests as a decimal; `None` beyond ten thousand million.
fn whole(count: u64) -> Option<Decimal> {
    Decimal::try_from(count as f64).ok()
}

/// A time in milliseconds, rounded up to hundredths; `None` if it is negative or not a number.
#[must_use]
pub fn time(ms: f64) -> Option<Decimal> {
    Decimal::at_least(ms)
}

/// A rate per second, rounded down to hundredths; `None` if it is negative or not a number.
#[must_use]
pub fn rate(per_second: f64) -> Option<Decimal> {
    Decimal::at_most(per_second)
}

impl Results {
    /// The results of the requests of one name, or of all.
    #[must_use]
    pub fn sample(&self, name: Option<&str>) -> Option<&Sample> {
        match name {
            None => self.total.as_ref(),
            Some(name) => self.by_name.get(name),
        }
    }

    /// Adds the requests of a name, and drops further ones beyond [`NAMES_MAX`].
    pub fn add(&mut self, name: &str, sample: Sample) {
        if self.by_name.len() < NAMES_MAX || self.by_name.contains_key(name) {
            self.by_name.insert(name.to_owned(), sample.tidy());
        } else {
            self.names_left_out = self.names_left_out.saturating_add(1);
        }
    }

    /// Why the numbers contradict one another; `None` if they do not. Such results are not judged.
    #[must_use]
    pub fn contradiction(&self) -> Option<String> {
        let named = self.by_name.iter().map(|(name, sample)| (format!("“{name}”"), sample));
        let all = self.total.iter().map(|sample| ("all requests".to_owned(), sample)).chain(named);
        for (name, sample) in all {
            let Sample { requests, errors, .. } = sample;
            if errors > requests {
                return Some(format!(
                    "For {name}, {errors} errors of {requests} requests are reported."
                ));
            }
            let times: Vec<_> =
                sample.response_ms.iter().filter(|(one, _)| **one >= Aggregate::P50).collect();
            if let Some(pair) = times.windows(2).find(|pair| pair[0].1 > pair[1].1) {
                let (lower, higher) = (pair[0].0.word(), pair[1].0.word());
                return Some(format!("For {name}, {lower} is reported as higher than {higher}."));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{results, sample};
    use super::*;

    #[test]
    fn a_missing_number_is_not_zero() {
        let none = Sample::default();
        assert_eq!(none.value(Measure::Requests), Some(Decimal::whole(0)));
        for measure in [
            Measure::Errors,
            Measure::Rate,
            Measure::Response(Aggregate::P95),
            Measure::Latency(Aggregate::Avg),
        ] {
            assert_eq!(none.value(measure), None);
            assert_eq!(none.compare(measure, Decimal::whole(1)), None);
        }
        let some = sample(100, 0, 5);
        assert_eq!(some.value(Measure::Errors), Some(Decimal::whole(0)));
        assert_eq!(some.value(Measure::Latency(Aggregate::P95)), None, "Locust measures none");
    }

    #[test]
    fn error_rates_are_compared_without_rounding() {
        let of = |errors, requests| Sample { requests, errors, ..Sample::default() };
        let one = Decimal::whole(1);
        assert_eq!(of(7, 700).compare(Measure::Errors, one), Some(Ordering::Equal));
        assert_eq!(of(7, 701).compare(Measure::Errors, one), Some(Ordering::Less));
        assert_eq!(of(7, 699).compare(Measure::Errors, one), Some(Ordering::Greater));
        assert_eq!(
            of(1, 1_000_000).compare(Measure::Errors, Decimal::parts(1)),
            Some(Ordering::Equal)
        );
        assert_eq!(
            of(u64::MAX, u64::MAX).compare(Measure::Errors, Decimal::whole(100)),
            Some(Ordering::Equal)
        );
        assert_eq!(time(300.001), Decimal::try_from(300.01).ok());
        assert_eq!((time(-1.0), rate(f64::NAN)), (None, None));
    }

    #[test]
    fn names_and_kinds_of_errors_are_limited() {
        let mut run = results(sample(10, 0, 5));
        for n in 0..NAMES_MAX + 3 {
            run.add(&format!("GET /{n}"), sample(1, 0, 5));
        }
        assert_eq!((run.by_name.len(), run.names_left_out), (NAMES_MAX, 3));
        let kinds = (1..=30).map(|count| ErrorKind { what: format!("e{count}"), count }).collect();
        let tidy = Sample { kinds, ..Sample::default() }.tidy();
        assert_eq!(tidy.kinds.len(), ERROR_KINDS_MAX);
        assert_eq!(tidy.kinds[0].what, "e30");
        assert_eq!(tidy.kinds.iter().map(|kind| kind.count).sum::<u64>(), (1..=30).sum::<u64>());
        assert_eq!(tidy.kinds[ERROR_KINDS_MAX - 1].what, "11 other kinds");
    }

    #[test]
    fn numbers_that_contradict_one_another_are_found() {
        assert_eq!(results(sample(10, 10, 5)).contradiction(), None);
        let more = results(sample(10, 11, 5)).contradiction().expect("more errors than requests");
        assert!(more.contains("11 errors of 10 requests"), "{more}");
        let mut odd = sample(10, 0, 5);
        odd.response_ms.insert(Aggregate::P99, Decimal::whole(1));
        let said = results(odd).contradiction().expect("p99 below p95");
        assert!(said.contains("p95 is reported as higher than p99"), "{said}");
    }
}
