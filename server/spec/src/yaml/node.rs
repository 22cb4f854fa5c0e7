//! The nodes of the tree.

use super::scalar::Scalar;
use crate::problem::Mark;

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The first character; for an alias, that of the alias.
    pub at: Mark,
    pub value: Value,
    /// The number of the collection in the file, from 1; an alias has the number of the collection that it names. 0 for
    /// scalars, and for nodes that are not from the file.
    pub(crate) number: u32,
}

/// The value of a node.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A string, number, boolean, date or null.
    Scalar(Scalar),
    /// `[a, b]`, or lines with hyphens.
    List(Vec<Node>),
    /// `key: value`.
    Map(Map),
}

/// A mapping in the order of the file, with merges (`<<`) expanded. No two keys have the same text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Map {
    pub entries: Vec<Entry>,
    /// The merges (`<<`) in this mapping, because some tools do not support them.
    pub merges: Vec<Merge>,
}

/// One `<<: *name`.
#[derive(Debug, Clone, PartialEq)]
pub struct Merge {
    /// The place of the `<<`.
    pub at: Mark,
    /// The merged keys, including overridden ones.
    pub keys: Vec<String>,
}

/// One `key: value`.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub key: Scalar,
    pub at: Mark,
    pub value: Node,
}

impl Map {
    /// The entry whose key has this text.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key.text == key)
    }

    /// The value whose key has this text.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Sets a value, at the place of an existing key.
    pub fn set(&mut self, entry: Entry) {
        match self.entries.iter_mut().find(|known| known.key.text == entry.key.text) {
            Some(known) => *known = entry,
            None => self.entries.push(entry),
        }
    }
}

impl Node {
    /// A node that no alias names.
    #[must_use]
    pub fn new(at: Mark, value: Value) -> Self {
        Self { at, value, number: 0 }
    }

    /// The scalar, if the node is one.
    #[must_use]
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// A scalar's source text, whatever its type: `0001` is `0001`, `~` is `~`.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.scalar().map(|scalar| scalar.text.as_str())
    }

    /// The mapping, if the node is one.
    #[must_use]
    pub fn map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The list, if the node is one.
    #[must_use]
    pub fn list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// Whether the node is `null`, `~` or empty.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.scalar().is_some_and(Scalar::is_null)
    }

    /// The number of nodes, including this one.
    #[must_use]
    pub fn count(&self) -> usize {
        1 + match &self.value {
            Value::Scalar(_) => 0,
            Value::List(items) => items.iter().map(Self::count).sum(),
            Value::Map(map) => map.entries.iter().map(|entry| 1 + entry.value.count()).sum(),
        }
    }

    /// The depth of nested collections: 0 for a scalar.
    #[must_use]
    pub fn depth(&self) -> usize {
        match &self.value {
            Value::Scalar(_) => 0,
            Value::List(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Value::Map(map) => {
                1 + map.entries.iter().map(|entry| entry.value.depth()).max().unwrap_or(0)
            }
        }
    }

    /// The kind of value, with an article: “a list”.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Scalar(scalar) => scalar.kind(),
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}
