//! The values of aggregates, for each group.

use std::collections::HashSet;
use std::rc::Rc;

use rustc_hash::FxHashSet;
use serde_json::Value as Json;

use super::budget::{Budget, Stop};
use super::items::{ENTRY_BYTES, add_beside, add_items};
use super::ranks::{Ranks, addable};
use crate::plan::{Aggregate, Call};
use crate::types::{Type, Value};
use crate::vector::{Data, NULL, Vector};

/// What an aggregate keeps of each group.
#[derive(Debug)]
pub(super) enum State {
    Count(Vec<i64>),
    /// Whole numbers, and how many.
    Longs(Vec<(i64, u64)>),
    /// Real numbers, and how many.
    Reals(Vec<(f64, u64)>),
    Distinct(Vec<HashSet<Value>>),
    Ranks(Vec<Ranks>),
    /// The least, greatest or any value.
    One(Vec<Value>),
    /// Items, and which there are.
    Items(Vec<(Vec<Json>, HashSet<Value>)>),
    /// The best value, and what stood beside it.
    Beside(Vec<Vec<Value>>),
}

impl State {
    pub(super) fn new(call: &Call) -> Self {
        let kind = call.arguments.first().map_or(Type::Long, |one| one.kind);
        match &call.aggregate {
            Aggregate::Count => Self::Count(Vec::new()),
            Aggregate::Sum | Aggregate::Average if kind.is_long() => Self::Longs(Vec::new()),
            Aggregate::Sum | Aggregate::Average => Self::Reals(Vec::new()),
            Aggregate::Distinct => Self::Distinct(Vec::new()),
            Aggregate::Percentiles(_) => Self::Ranks(Vec::new()),
            Aggregate::Least | Aggregate::Greatest | Aggregate::Any => Self::One(Vec::new()),
            Aggregate::Set(_) | Aggregate::List(_) => Self::Items(Vec::new()),
            Aggregate::Extreme { .. } => Self::Beside(Vec::new()),
        }
    }

    /// Makes room for the groups.
    fn grow(&mut self, count: usize, budget: &Budget) -> Result<(), Stop> {
        fn grow<T: Clone>(
            states: &mut Vec<T>,
            count: usize,
            empty: T,
            budget: &Budget,
        ) -> Result<(), Stop> {
            budget.charge(count.saturating_sub(states.len()) * size_of::<T>())?;
            states.resize(count.max(states.len()), empty);
            Ok(())
        }
        match self {
            Self::Count(states) => grow(states, count, 0, budget),
            Self::Longs(states) => grow(states, count, (0, 0), budget),
            Self::Reals(states) => grow(states, count, (0.0, 0), budget),
            Self::Distinct(states) => grow(states, count, HashSet::new(), budget),
            Self::Ranks(states) => grow(states, count, Ranks::default(), budget),
            Self::One(states) => grow(states, count, Value::Null, budget),
            Self::Items(states) => grow(states, count, Default::default(), budget),
            Self::Beside(states) => grow(states, count, Vec::new(), budget),
        }
    }

    /// Adds rows to their groups.
    pub(super) fn add(
        &mut self,
        call: &Call,
        groups: &[u32],
        count: usize,
        arguments: &[Rc<Vector>],
        budget: &Budget,
    ) -> Result<(), Stop> {
        self.grow(count, budget)?;
        let Some(values) = arguments.first() else {
            if let Self::Count(counts) = self {
                groups.iter().for_each(|group| counts[*group as usize] += 1);
            }
            return Ok(());
        };
        match self {
            Self::Longs(sums) => each_long(values, groups, |group, number| {
                let (sum, count) = &mut sums[group];
                (*sum, *count) = (sum.wrapping_add(number), *count + 1);
            }),
            Self::Reals(sums) => {
                for (row, group) in groups.iter().enumerate() {
                    if let Some(number) = values.value(row).as_real() {
                        let (sum, count) = &mut sums[*group as usize];
                        (*sum, *count) = (*sum + number, *count + 1);
                    }
                }
            }
            Self::Ranks(ranks) => return add_ranks(ranks, values, groups, budget),
            Self::Distinct(sets) => return add_distinct(sets, values, groups, budget),
            Self::One(ones) => return add_one(ones, &call.aggregate, values, groups, budget),
            Self::Items(items) => return add_items(items, call, values, groups, budget),
            Self::Beside(bests) => {
                return add_beside(bests, &call.aggregate, arguments, groups, budget);
            }
            Self::Count(_) => {}
        }
        Ok(())
    }

    /// The results of a group, one for each output of the call.
    pub(super) fn results(&mut self, call: &Call, group: usize) -> Vec<Value> {
        let kind = call.arguments.first().map_or(Type::Long, |one| one.kind);
        let is_average = call.aggregate == Aggregate::Average;
        let one = match self {
            Self::Count(counts) => Value::Long(counts.get(group).copied().unwrap_or(0)),
            // The average of times and time spans is one; that of whole numbers is real.
            Self::Longs(sums) => match sums.get(group) {
                Some((sum, count)) if *count > 0 => match (is_average, kind.is_integer()) {
                    (true, true) => Value::Real(*sum as f64 / *count as f64),
                    (true, false) => Value::Long(sum / i64::try_from(*count).unwrap_or(1)),
                    (false, _) => Value::Long(*sum),
                },
                _ => Value::Null,
            },
            Self::Reals(sums) => match sums.get(group) {
                Some((sum, count)) if *count > 0 => {
                    Value::Real(if is_average { sum / *count as f64 } else { *sum })
                }
                _ => Value::Null,
            },
            Self::Distinct(sets) => {
                Value::Long(sets.get(group).map_or(0, |set| i64::try_from(set.len()).unwrap_or(0)))
            }
            Self::One(ones) => match ones.get(group) {
                Some(value) if !value.is_null() => value.clone(),
                _ => kind.missing(),
            },
            Self::Items(items) => {
                let items = items.get_mut(group).map(|(items, _)| std::mem::take(items));
                Value::dynamic(Json::Array(items.unwrap_or_default()))
            }
            Self::Ranks(ranks) => return percentiles(ranks.get_mut(group), call, kind),
            Self::Beside(bests) => {
                let best = bests.get(group).filter(|best| !best.is_empty()).cloned();
                let missing = || call.outputs.iter().map(|kind| kind.missing()).collect();
                return best.unwrap_or_else(missing);
            }
        };
        vec![one]
    }
}

fn percentiles(ranks: Option<&mut Ranks>, call: &Call, kind: Type) -> Vec<Value> {
    let Aggregate::Percentiles(wanted) = &call.aggregate else { return Vec::new() };
    match ranks {
        Some(ranks) => wanted.iter().map(|rank| ranks.percentile(*rank, kind)).collect(),
        None => wanted.iter().map(|_| Value::Null).collect(),
    }
}

fn each_long(values: &Vector, groups: &[u32], mut add: impl FnMut(usize, i64)) {
    if let Data::Longs(numbers) = &values.data {
        for (group, number) in groups.iter().zip(numbers) {
            if *number != NULL {
                add(*group as usize, *number);
            }
        }
        return;
    }
    for (row, group) in groups.iter().enumerate() {
        if let Some(number) = values.value(row).as_long() {
            add(*group as usize, number);
        }
    }
}

fn add_ranks(
    ranks: &mut [Ranks],
    values: &Vector,
    groups: &[u32],
    budget: &Budget,
) -> Result<(), Stop> {
    let mut bytes = 0;
    if let Data::Longs(_) = &values.data {
        each_long(values, groups, |group, number| bytes += ranks[group].add(number));
    } else {
        for (row, group) in groups.iter().enumerate() {
            if let Some(value) = addable(&values.value(row)) {
                bytes += ranks[*group as usize].add(value);
            }
        }
    }
    if bytes < 0 {
        budget.release(bytes.unsigned_abs());
        return Ok(());
    }
    budget.charge(bytes.unsigned_abs())
}

/// Null is not counted (Kusto, "Null values", aggregation functions).
fn add_distinct(
    sets: &mut [HashSet<Value>],
    values: &Vector,
    groups: &[u32],
    budget: &Budget,
) -> Result<(), Stop> {
    let mut bytes = 0;
    let mut add = |group: u32, value: Value| {
        let size = value.size() + ENTRY_BYTES;
        if !value.is_null() && sets[group as usize].insert(value) {
            bytes += size;
        }
    };
    if let Data::Dict { codes, values } = &values.data {
        let mut seen = FxHashSet::default();
        for (group, code) in groups.iter().zip(codes) {
            if seen.insert(u64::from(*group) << 32 | u64::from(*code)) {
                add(*group, values[*code as usize].clone());
            }
        }
    } else {
        groups.iter().enumerate().for_each(|(row, group)| add(*group, values.value(row)));
    }
    budget.charge(bytes)
}

fn add_one(
    ones: &mut [Value],
    aggregate: &Aggregate,
    values: &Vector,
    groups: &[u32],
    budget: &Budget,
) -> Result<(), Stop> {
    let mut bytes = 0;
    for (row, group) in groups.iter().enumerate() {
        let one = &mut ones[*group as usize];
        let value = values.value(row);
        let is_better = !value.is_null()
            && (one.is_null()
                || match aggregate {
                    Aggregate::Least => value.order(one).is_lt(),
                    Aggregate::Greatest => value.order(one).is_gt(),
                    _ => false,
                });
        if is_better {
            bytes += value.size().saturating_sub(one.size());
            *one = value;
        }
    }
    budget.charge(bytes)
}
