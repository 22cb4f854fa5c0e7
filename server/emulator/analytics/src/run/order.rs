//! The order of rows by the keys of `sort` and `top`.

use std::cmp::Ordering;

use super::batch::Batch;
use super::budget::{Budget, Stop};
use super::eval::eval;
use super::ranks::ordered;
use crate::plan::SortKey;
use crate::types::{Type, Value};
use crate::vector::{Data, NULL, Vector};

/// A key's values for the rows of a batch.
#[derive(Debug)]
pub(super) enum Keys {
    /// Numbers whose own order is the order of the rows, whatever the direction and the place of null.
    Ordinals(Vec<i64>),
    Values(Vec<Value>),
}

impl Keys {
    fn of(key: &SortKey, vector: &Vector) -> Self {
        if key.value.kind == Type::String {
            return Self::Values((0..vector.len).map(|row| vector.value(row)).collect());
        }
        let ordinals = match &vector.data {
            Data::Longs(numbers) => numbers.iter().map(|number| long(key, *number)).collect(),
            _ => (0..vector.len).map(|row| ordinal(key, &vector.value(row))).collect(),
        };
        Self::Ordinals(ordinals)
    }

    pub(super) fn pick(&self, rows: &[u32]) -> Self {
        match self {
            Self::Ordinals(numbers) => {
                Self::Ordinals(rows.iter().map(|row| numbers[*row as usize]).collect())
            }
            Self::Values(values) => {
                Self::Values(rows.iter().map(|row| values[*row as usize].clone()).collect())
            }
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Ordinals(numbers) => numbers.len() * 8,
            Self::Values(values) => values.iter().map(Value::size).sum(),
        }
    }
}

/// Null and NaN stay together; which comes first depends on `nulls` (Kusto, "sort operator"). `depth` is 0 for null and 1
/// for NaN.
fn apart(key: &SortKey, depth: i64) -> i64 {
    if key.is_nulls_first { i64::MIN + depth } else { i64::MAX - depth }
}

fn long(key: &SortKey, number: i64) -> i64 {
    match number {
        NULL => apart(key, 0),
        number if key.is_ascending => number,
        number => !number,
    }
}

fn ordinal(key: &SortKey, value: &Value) -> i64 {
    match value {
        Value::Long(number) => long(key, *number),
        Value::Bool(is) => long(key, i64::from(*is)),
        Value::Real(number) if number.is_nan() => apart(key, 1),
        // Zero has two signs and one place.
        Value::Real(number) => long(key, ordered(*number + 0.0)),
        _ => apart(key, 0),
    }
}

/// The keys of a batch.
pub(super) fn keys(by: &[SortKey], batch: &Batch, budget: &Budget) -> Result<Vec<Keys>, Stop> {
    let keys = by.iter().map(|key| Ok(Keys::of(key, &*eval(&key.value, batch, budget)?)));
    keys.collect()
}

pub(super) fn bytes(keys: &[Keys]) -> usize {
    keys.iter().map(Keys::bytes).sum()
}

/// The order of two rows: each the keys of its batch, and its place in that.
pub(super) fn order(by: &[SortKey], left: (&[Keys], u32), right: (&[Keys], u32)) -> Ordering {
    let (one, other) = (left.1 as usize, right.1 as usize);
    for (key, (left, right)) in by.iter().zip(left.0.iter().zip(right.0)) {
        let order = match (left, right) {
            (Keys::Ordinals(left), Keys::Ordinals(right)) => left[one].cmp(&right[other]),
            // Strings are never null.
            (Keys::Values(left), Keys::Values(right)) if key.is_ascending => {
                left[one].order(&right[other])
            }
            (Keys::Values(left), Keys::Values(right)) => right[other].order(&left[one]),
            // A key has one type, and with it one form.
            _ => Ordering::Equal,
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}
