//! The tree: nodes with their places.

use super::scalar::Scalar;
use crate::problem::Mark;

/// One value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its first character; for an alias, where the alias stands.
    pub at: Mark,
    /// What it is.
    pub value: Value,
    /// Which of the file's collections it is, from 1: an alias has the number of what it names. 0 for
    /// scalars, and for what is not from the file.
    pub(crate) number: u32,
}

/// What a node can be.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A text, number, flag, date or nothing.
    Scalar(Scalar),
    /// `[a, b]`, or lines with hyphens.
    List(Vec<Node>),
    /// `key: value`.
    Map(Map),
}

/// A mapping in the order of the file, merges (`<<`) written out. No two keys have the same text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Map {
    /// Its entries.
    pub entries: Vec<Entry>,
    /// Where entries were merged into it (`<<`), for those whose readers know no merge keys.
    pub merges: Vec<Merge>,
}

/// One `<<: *name`.
#[derive(Debug, Clone, PartialEq)]
pub struct Merge {
    /// Where the `<<` stands.
    pub at: Mark,
    /// The keys that it brings, whether another entry wins over them or not.
    pub keys: Vec<String>,
}

/// One `key: value`.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key, as written.
    pub key: Scalar,
    /// Where the key stands.
    pub at: Mark,
    /// The value.
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

    /// Sets a value, in place where the key is known.
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

    /// The scalar, if it is one.
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

    /// The mapping, if it is one.
    #[must_use]
    pub fn map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The list, if it is one.
    #[must_use]
    pub fn list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// Whether it is `null`, `~` or nothing at all.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.scalar().is_some_and(Scalar::is_null)
    }

    /// How many nodes this is, itself included.
    #[must_use]
    pub fn count(&self) -> usize {
        1 + match &self.value {
            Value::Scalar(_) => 0,
            Value::List(items) => items.iter().map(Self::count).sum(),
            Value::Map(map) => map.entries.iter().map(|entry| 1 + entry.value.count()).sum(),
        }
    }

    /// How many collections deep it is: 0 for a scalar.
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

    /// What it is, in words: “a list”.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Scalar(scalar) => scalar.kind(),
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}
