//! The values of a group by rank: how often each occurs, sorted. Exact, where the service estimates, and small where values
//! repeat, as durations in milliseconds do.

use crate::types::{Type, Value};
use crate::vector::{NULL, null_real};

/// Values that are sorted and counted together.
const BUFFER: usize = 1024;

#[derive(Clone, Debug, Default)]
pub(super) struct Ranks {
    buffer: Vec<i64>,
    counts: Vec<(i64, u64)>,
}

/// A real number as a whole one, so that both have the same order.
pub(super) fn ordered(number: f64) -> i64 {
    let bits = number.to_bits() as i64;
    if bits < 0 { bits ^ i64::MAX } else { bits }
}

fn real(ordered: i64) -> f64 {
    f64::from_bits((if ordered < 0 { ordered ^ i64::MAX } else { ordered }) as u64)
}

impl Ranks {
    /// Adds a value; the bytes by which it grew, or shrank.
    pub(super) fn add(&mut self, value: i64) -> isize {
        self.buffer.push(value);
        if self.buffer.len() < BUFFER {
            return 8;
        }
        let before = self.counts.len() * 16 + BUFFER * 8 - 8;
        self.count();
        (self.counts.len() * 16) as isize - before as isize
    }

    /// Counts what is in the buffer.
    fn count(&mut self) {
        self.buffer.sort_unstable();
        let mut merged: Vec<(i64, u64)> = Vec::with_capacity(self.counts.len() + 16);
        let mut old = self.counts.iter().copied().peekable();
        let mut new = self.buffer.iter().copied().peekable();
        loop {
            let next = match (old.peek(), new.peek()) {
                (Some((a, _)), Some(b)) if a <= b => old.next(),
                (Some(_), None) => old.next(),
                (_, Some(_)) => new.next().map(|value| (value, 1)),
                (None, None) => break,
            };
            let Some((value, count)) = next else { break };
            match merged.last_mut() {
                Some((last, sum)) if *last == value => *sum += count,
                _ => merged.push((value, count)),
            }
        }
        self.counts = merged;
        self.buffer.clear();
    }

    /// The value of the nearest rank (Kusto, "percentile()": nearest-rank percentile; the 0th is the least value).
    pub(super) fn percentile(&mut self, rank: f64, kind: Type) -> Value {
        if !self.buffer.is_empty() {
            self.count();
        }
        let total: u64 = self.counts.iter().map(|(_, count)| count).sum();
        let wanted = ((rank / 100.0 * total as f64).ceil() as u64).max(1);
        let mut seen = 0;
        let found = self.counts.iter().find(|(_, count)| {
            seen += count;
            seen >= wanted
        });
        match found {
            None => Value::Null,
            Some((value, _)) if kind == Type::Real => Value::Real(real(*value)),
            Some((value, _)) => Value::Long(*value),
        }
    }
}

/// A value to add; `None` for null.
pub(super) fn addable(value: &Value) -> Option<i64> {
    match value {
        Value::Long(number) if *number != NULL => Some(*number),
        Value::Real(number) if number.to_bits() != null_real().to_bits() => Some(ordered(*number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn percentiles_are_the_values_of_the_nearest_ranks(mut values in prop::collection::vec(-50_i64..50, 1..3000), rank in 0_u32..=100) {
            let mut ranks = Ranks::default();
            let bytes: isize = values.iter().map(|value| ranks.add(*value)).sum();
            prop_assert_eq!(bytes as usize, ranks.counts.len() * 16 + ranks.buffer.len() * 8);
            values.sort_unstable();
            let at = (f64::from(rank) / 100.0 * values.len() as f64).ceil() as usize;
            let expected = values[at.max(1) - 1];
            prop_assert_eq!(ranks.percentile(f64::from(rank), Type::Long), Value::Long(expected));
        }

        #[test]
        fn real_numbers_keep_their_order(a in any::<f64>(), b in any::<f64>()) {
            prop_assert_eq!(real(ordered(a)).to_bits(), a.to_bits());
            prop_assert_eq!(ordered(a).cmp(&ordered(b)), a.total_cmp(&b));
        }
    }
}
