//! Aggregates that keep several values of a group.

use std::collections::HashSet;
use std::rc::Rc;

use serde_json::Value as Json;

use super::budget::{Budget, Stop};
use crate::functions::cast::to_json;
use crate::plan::{Aggregate, Call};
use crate::types::{Type, Value};
use crate::vector::Vector;

/// What a value of a group adds to the memory of a set.
pub(super) const ENTRY_BYTES: usize = 32;

/// Items of `make_set` and `make_list`. Null is not an item (Kusto, "Null values", aggregation functions).
pub(super) fn add_items(
    items: &mut [(Vec<Json>, HashSet<Value>)],
    call: &Call,
    values: &Vector,
    groups: &[u32],
    budget: &Budget,
) -> Result<(), Stop> {
    let (most, is_set) = match call.aggregate {
        Aggregate::Set(most) => (most, true),
        Aggregate::List(most) => (most, false),
        _ => return Ok(()),
    };
    let kind = call.arguments.first().map_or(Type::String, |one| one.kind);
    let mut bytes = 0;
    for (row, group) in groups.iter().enumerate() {
        let (list, set) = &mut items[*group as usize];
        let value = values.value(row);
        if value.is_null() || list.len() >= most || (is_set && !set.insert(value.clone())) {
            continue;
        }
        bytes += value.size() * 2 + ENTRY_BYTES;
        list.push(to_json(kind, &value));
    }
    budget.charge(bytes)
}

/// The row of `arg_max` and `arg_min`.
pub(super) fn add_beside(
    bests: &mut [Vec<Value>],
    aggregate: &Aggregate,
    arguments: &[Rc<Vector>],
    groups: &[u32],
    budget: &Budget,
) -> Result<(), Stop> {
    let is_greatest = *aggregate == Aggregate::Extreme { is_greatest: true };
    let mut bytes = 0;
    for (row, group) in groups.iter().enumerate() {
        let best = &mut bests[*group as usize];
        let by = arguments[0].value(row);
        let is_better = match best.first() {
            None => true,
            Some(_) if by.is_null() => false,
            Some(before) if is_greatest => before.is_null() || by.order(before).is_gt(),
            Some(before) => before.is_null() || by.order(before).is_lt(),
        };
        if is_better {
            let before: usize = best.iter().map(Value::size).sum();
            *best = arguments.iter().map(|vector| vector.value(row)).collect();
            bytes += best.iter().map(Value::size).sum::<usize>().saturating_sub(before);
        }
    }
    budget.charge(bytes)
}
