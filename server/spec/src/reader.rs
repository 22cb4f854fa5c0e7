//! Converts located nodes to values, with the coercions of the SDK's schemas (marshmallow): which values an Integer
//! accepts, which strings are booleans, what `null` means. All problems are collected, so that people see them at once.

mod coerce;

pub(crate) use coerce::snake;

use crate::files::Files;
use crate::nearest::nearest;
use crate::problem::{Mark, Problem};
use crate::scope::Scope;
use crate::yaml::{self, Map, Node, Value, short};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};

/// Maximum number of problems reported.
const PROBLEMS_MAX: usize = 50;

/// A value under a key.
#[derive(Debug, Clone)]
pub(crate) struct Field<'n> {
    /// The dotted path: `environment.build.path`.
    pub(crate) path: String,
    pub(crate) node: &'n Node,
}

impl Field<'_> {
    /// A problem with this value.
    pub(crate) fn problem(&self, message: impl Into<String>) -> Problem {
        self.node.at.problem(&self.path, message)
    }
}

/// A mapping whose keys have been checked.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'n> {
    pub(crate) path: String,
    pub(crate) at: &'n Mark,
    map: &'n Map,
}

impl<'n> Fields<'n> {
    /// The value of a key, which may be null.
    pub(crate) fn raw(&self, key: &str) -> Option<Field<'n>> {
        let node = self.map.get(key)?;
        let path =
            if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        Some(Field { path, node })
    }

    /// A problem with the mapping as a whole, about one of its keys.
    pub(crate) fn problem(&self, key: &str, message: impl Into<String>) -> Problem {
        let path = match (self.path.as_str(), key) {
            ("", key) => key.to_owned(),
            (path, "") => path.to_owned(),
            (path, key) => format!("{path}.{key}"),
        };
        self.at.problem(&path, message)
    }
}

/// The keys of a mapping.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keys {
    pub(crate) known: &'static [&'static str],
    /// Keys that the SDK shows, but ignores when it reads a file.
    pub(crate) ignored: &'static [&'static str],
}

/// The context of reading, and the problems found.
pub(crate) struct Reader<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) files: &'a dyn Files,
    /// Paths are resolved against this folder.
    pub(crate) base: PathBuf,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(scope: &'a Scope, files: &'a dyn Files, base: PathBuf) -> Self {
        Self { scope, files, base, problems: Vec::new() }
    }

    pub(crate) fn push(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        }
    }

    /// Collects a problem in place of a value.
    pub(crate) fn refuse<T>(&mut self, problem: Problem) -> Option<T> {
        self.push(problem);
        None
    }

    /// Collects the problem of an error.
    pub(crate) fn note<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.push(problem)).ok()
    }

    /// All problems in the order of the file.
    pub(crate) fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        self.problems
    }

    /// Whether no problem was found.
    pub(crate) fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// A mapping with these keys and no others.
    pub(crate) fn fields<'n>(&mut self, field: &Field<'n>, keys: Keys) -> Option<Fields<'n>> {
        let map = self.mapping(field)?;
        let fields = Fields { path: field.path.clone(), at: &field.node.at, map };
        for entry in &map.entries {
            let key = entry.key.text.as_str();
            let is_known =
                keys.known.contains(&key) || keys.ignored.contains(&key) && !entry.value.is_null();
            if !is_known {
                let path = fields.problem(key, "").field.unwrap_or_default();
                self.push(entry.at.problem(&short(&path), unknown(key, keys)));
            }
        }
        Some(fields)
    }

    /// The entries of a value, which must be a mapping.
    pub(crate) fn mapping<'n>(&mut self, field: &Field<'n>) -> Option<&'n Map> {
        let map = field.node.map();
        map.or_else(|| {
            let message = format!(
                "this must be a mapping, but is {}. Write “key: value”, one in each line below",
                field.node.kind()
            );
            self.refuse(field.problem(message))
        })
    }

    /// A key's value, which must not be null.
    pub(crate) fn field<'n>(&mut self, fields: &Fields<'n>, key: &str) -> Option<Field<'n>> {
        let field = fields.raw(key)?;
        if field.node.is_null() {
            return self.refuse(field.problem("this is empty. Give a value, or remove the key"));
        }
        Some(field)
    }

    /// The value of a required key.
    pub(crate) fn required<'n>(&mut self, fields: &Fields<'n>, key: &str) -> Option<Field<'n>> {
        if fields.raw(key).is_none() {
            self.push(fields.problem(key, format!("the key {key} is missing. Add it")));
        }
        self.field(fields, key)
    }

    /// Reads a file that this one names, with the same limits.
    pub(crate) fn load(&mut self, field: &Field<'_>, path: &Path) -> Option<Node> {
        let limits = yaml::Limits::default();
        let shown = path.display().to_string();
        match self.files.read(path, limits.bytes + 1) {
            Ok(bytes) => {
                let loaded = yaml::parse(&shown, &bytes, limits);
                let loaded = loaded.and_then(|node| all_readable(&node).map(|()| node));
                self.note(loaded)
            }
            Err(error) => {
                let shown = short(&shown);
                let remedy = match self.files.nothing_beside() {
                    Some(_) => "Write its content here instead",
                    None => "Check the path",
                };
                self.refuse(field.problem(format!("{shown} cannot be read: {error}. {remedy}")))
            }
        }
    }

    /// A free-form value.
    pub(crate) fn json(&mut self, field: &Field<'_>) -> Option<Json> {
        self.note(crate::json::json(&field.path, field.node))
    }
}

/// Checks that every scalar can be read, because the SDK's loader reads even unused ones.
pub(crate) fn all_readable(node: &Node) -> Result<(), Problem> {
    match &node.value {
        Value::Scalar(scalar) => {
            scalar.typed().map(|_| ()).map_err(|message| node.at.problem("", message))
        }
        Value::List(items) => items.iter().try_for_each(all_readable),
        Value::Map(map) => map.entries.iter().try_for_each(|entry| {
            entry.key.typed().map_err(|message| entry.at.problem("", message))?;
            all_readable(&entry.value)
        }),
    }
}

fn unknown(key: &str, keys: Keys) -> String {
    if keys.ignored.contains(&key) {
        return "this key is read-only, and its value is empty. Remove it".to_owned();
    }
    match nearest(key, keys.known.iter().copied()) {
        Some(known) => format!("there is no key {} here. Did you mean {known}?", short(key)),
        None => format!(
            "there is no key {} here. Remove it. Known keys: {}",
            short(key),
            keys.known.join(", ")
        ),
    }
}
