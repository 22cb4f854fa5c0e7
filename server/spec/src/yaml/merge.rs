//! Merge keys: `<<: *name` merges another mapping's entries.

use super::node::{Entry, Map, Merge, Node, Value};
use super::scalar::{Scalar, Style};
use crate::problem::{Mark, Problem};
use std::collections::HashMap;

/// Whether a key is `<<`.
pub(super) fn is_merge(key: &Scalar) -> bool {
    key.style == Style::Plain && key.forced.is_none() && key.text == "<<"
}

/// The entries of `<<: *a` and `<<: [*a, *b]`. In a list, the earlier mapping wins.
pub(super) fn merged_entries(node: Node, at: &Mark) -> Result<Vec<Entry>, Problem> {
    let wrong = |at: &Mark| {
        at.problem("<<", "only mappings can be merged. Name one, for example <<: *name")
    };
    match node.value {
        Value::Map(map) => Ok(map.entries),
        Value::List(items) => {
            let mut all = Vec::new();
            for item in items.into_iter().rev() {
                match item.value {
                    Value::Map(map) => all.extend(map.entries),
                    _ => return Err(wrong(&item.at)),
                }
            }
            Ok(all)
        }
        Value::Scalar(_) => Err(wrong(at)),
    }
}

/// The record of a merge.
pub(super) fn remembered(at: Mark, entries: &[Entry]) -> Merge {
    Merge { at, keys: entries.iter().map(|entry| entry.key.text.clone()).collect() }
}

/// A mapping's own keys win over merged ones, and later merged keys over earlier ones.
pub(super) fn merge(own: Vec<Entry>, merged: Vec<Entry>, merges: Vec<Merge>) -> Map {
    if merged.is_empty() {
        return Map { entries: own, merges };
    }
    let mut map = Map { merges, ..Map::default() };
    let mut places: HashMap<String, usize> = HashMap::new();
    for entry in merged.into_iter().chain(own) {
        match places.get(&entry.key.text) {
            Some(place) => map.entries[*place] = entry,
            None => {
                places.insert(entry.key.text.clone(), map.entries.len());
                map.entries.push(entry);
            }
        }
    }
    map
}
