//! Numbers the groups of `summarize`.
//!
//! Each key column numbers its values. The numbers of two columns make a pair, which gets a number too, and with that of the
//! third column another pair, and so on. The last numbers are those of the groups.

use std::collections::HashMap;

use rustc_hash::FxHashMap;

use super::budget::{Budget, Stop};
use crate::types::Value;
use crate::vector::{Data, NULL, Vector};

const UNKNOWN: u32 = u32::MAX;
/// About what a map needs for an entry besides the key.
const ENTRY_BYTES: usize = 48;

/// The values of a key column, numbered.
#[derive(Debug, Default)]
struct Numbered {
    numbers: HashMap<Value, u32>,
    values: Vec<Value>,
    bytes: usize,
}

impl Numbered {
    fn number(&mut self, value: Value) -> u32 {
        if let Some(number) = self.numbers.get(&value) {
            return *number;
        }
        let number = u32::try_from(self.values.len()).unwrap_or(UNKNOWN);
        self.bytes += value.size() * 2 + ENTRY_BYTES;
        self.values.push(value.clone());
        self.numbers.insert(value, number);
        number
    }

    fn of(&mut self, vector: &Vector) -> Vec<u32> {
        match &vector.data {
            Data::Const(value) => vec![self.number(value.clone()); vector.len],
            Data::Dict { codes, values } => {
                let mut known = vec![UNKNOWN; values.len()];
                let mut number = |code: &u32| {
                    let at = *code as usize;
                    if known[at] == UNKNOWN {
                        known[at] = self.number(values[at].clone());
                    }
                    known[at]
                };
                codes.iter().map(&mut number).collect()
            }
            Data::Longs(numbers) => {
                // Neighbours often have one value: rows are almost in the order of their times.
                let mut last = None;
                let mut number = |long: &i64| match last {
                    Some((before, number)) if before == *long => number,
                    _ => {
                        let value = if *long == NULL { Value::Null } else { Value::Long(*long) };
                        let number = self.number(value);
                        last = Some((*long, number));
                        number
                    }
                };
                numbers.iter().map(&mut number).collect()
            }
            _ => (0..vector.len).map(|row| self.number(vector.value(row))).collect(),
        }
    }
}

/// Pairs of numbers, numbered.
#[derive(Debug, Default)]
struct Pairs {
    numbers: FxHashMap<u64, u32>,
    pairs: Vec<(u32, u32)>,
}

impl Pairs {
    fn join(&mut self, left: &mut [u32], right: &[u32]) {
        for (left, right) in left.iter_mut().zip(right) {
            let pair = u64::from(*left) << 32 | u64::from(*right);
            let next = u32::try_from(self.pairs.len()).unwrap_or(UNKNOWN);
            let number = *self.numbers.entry(pair).or_insert(next);
            if number == next {
                self.pairs.push((*left, *right));
            }
            *left = number;
        }
    }
}

/// The groups so far.
#[derive(Debug)]
pub(super) struct Groups {
    keys: Vec<Numbered>,
    pairs: Vec<Pairs>,
    charged: usize,
}

impl Groups {
    pub(super) fn new(keys: usize) -> Self {
        let pairs = (1..keys).map(|_| Pairs::default()).collect();
        Self { keys: (0..keys).map(|_| Numbered::default()).collect(), pairs, charged: 0 }
    }

    /// The number of each row's group.
    pub(super) fn of(
        &mut self,
        vectors: &[std::rc::Rc<Vector>],
        len: usize,
        budget: &Budget,
    ) -> Result<Vec<u32>, Stop> {
        let mut columns = self.keys.iter_mut().zip(vectors).map(|(key, vector)| key.of(vector));
        let mut groups = columns.next().unwrap_or_else(|| vec![0; len]);
        for (pairs, column) in self.pairs.iter_mut().zip(columns) {
            pairs.join(&mut groups, &column);
        }
        let bytes = self.keys.iter().map(|key| key.bytes).sum::<usize>()
            + self.pairs.iter().map(|pairs| pairs.pairs.len() * (ENTRY_BYTES / 2)).sum::<usize>();
        budget.charge(bytes - self.charged)?;
        self.charged = bytes;
        Ok(groups)
    }

    /// The number of groups; without keys all rows are one, also if there are no rows.
    pub(super) fn count(&self) -> usize {
        match (self.pairs.last(), self.keys.first()) {
            (Some(pairs), _) => pairs.pairs.len(),
            (None, Some(key)) => key.values.len(),
            (None, None) => 1,
        }
    }

    /// The values of a group's keys.
    pub(super) fn keys(&self, group: usize) -> Vec<Value> {
        let mut numbers = Vec::new();
        let mut number = group;
        for pairs in self.pairs.iter().rev() {
            let (left, right) = pairs.pairs[number];
            numbers.push(right as usize);
            number = left as usize;
        }
        numbers.push(number);
        numbers.reverse();
        self.keys.iter().zip(numbers).map(|(key, number)| key.values[number].clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Type;
    use std::rc::Rc;
    use std::sync::Arc;

    #[test]
    fn groups_are_those_of_all_keys_together() {
        let budget = Budget::new(None, usize::MAX);
        let mut groups = Groups::new(3);
        let columns = || {
            vec![
                Rc::new(Vector::longs(vec![1, 1, NULL, 1])),
                Rc::new(Vector::dict(
                    vec![0, 1, 0, 0],
                    Arc::new(vec![Value::text("a"), Value::text("b")]),
                )),
                Rc::new(Vector::pack(Type::Real, vec![Value::Real(0.5); 4])),
            ]
        };
        assert_eq!(groups.of(&columns(), 4, &budget).expect("in budget"), [0, 1, 2, 0]);
        assert_eq!(groups.of(&columns(), 4, &budget).expect("in budget"), [0, 1, 2, 0]);
        assert_eq!(groups.count(), 3);
        assert_eq!(groups.keys(2), [Value::Null, Value::text("a"), Value::Real(0.5)]);
    }
}
