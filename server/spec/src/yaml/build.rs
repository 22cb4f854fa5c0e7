//! The parser's events to the tree: anchors, aliases, merge keys, duplicate keys, limits.

use super::Limits;
use super::anchor::AnchorNames;
use super::node::{Entry, Map, Node, Value};
use super::scalar::{Forced, Scalar, Style, short};
use super::source::{self, Quoted};
use crate::problem::{Mark, Problem};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, Tag};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Reads a text of one document.
pub(super) fn tree(file: &Arc<str>, text: &str, limits: Limits) -> Result<Node, Problem> {
    let mut builder = Builder {
        file,
        limits,
        open: Vec::new(),
        anchors: HashMap::new(),
        nodes: 0,
        quoted: Vec::new(),
        names: AnchorNames::new(text),
        root: None,
    };
    let scanned = builder.scan(text);
    // A tab makes parsers stumble over something else: it is the better explanation.
    let tab = source::find_tab(file, text, &builder.quoted);
    match (scanned, tab) {
        (Ok(()), None) => {}
        (Ok(()), Some(tab)) => return Err(tab),
        // The parser puts what it says of a tab where the value begins.
        (Err(problem), Some(tab))
            if tab.line <= problem.line || problem.message.contains("tab") =>
        {
            return Err(tab);
        }
        (Err(problem), _) => return Err(problem),
    }
    let empty = || Node { at: Mark::start(file), value: Value::Scalar(Scalar::plain("")) };
    let root = builder.root.unwrap_or_else(empty);
    Ok(root)
}

/// A collection whose end has not come yet.
struct Open {
    at: Mark,
    anchor: usize,
    kind: Kind,
}

enum Kind {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, merged: Vec<Entry>, key: Option<(Scalar, Mark)> },
}

struct Builder<'a> {
    file: &'a Arc<str>,
    limits: Limits,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    quoted: Vec<Quoted>,
    names: AnchorNames,
    root: Option<Node>,
}

impl Builder<'_> {
    fn mark(&self, marker: Marker) -> Mark {
        mark(self.file, marker)
    }

    fn scan(&mut self, text: &str) -> Result<(), Problem> {
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| self.malformed(&error))?;
            let at = self.mark(span.start);
            if let Some(name) = self.names.repeated(&event, span) {
                let message = format!("the anchor &{} is set twice. Rename one", short(&name));
                return Err(at.problem("", message));
            }
            match event {
                Event::DocumentStart(_) if self.root.is_some() => {
                    return Err(at.problem(
                        "",
                        "a second document starts here; a file has one. Split the file",
                    ));
                }
                Event::Scalar(text, style, anchor, tag) => {
                    self.scalar(&text, style, anchor, tag.as_deref(), span, at)?;
                }
                Event::Alias(anchor) => {
                    let Some(node) = self.anchors.get(&anchor) else {
                        return Err(at.problem("", "this alias stands within what it names; that would never end. Write the value out"));
                    };
                    let node = Node { at, value: node.value.clone() };
                    // Counted whole: this is where few bytes become many nodes.
                    self.nodes += node.count();
                    self.add(node, 0)?;
                }
                Event::SequenceStart(anchor, tag) => {
                    expect_tag(tag.as_deref(), "seq", &at)?;
                    self.start(Open { at, anchor, kind: Kind::List(Vec::new()) })?;
                }
                Event::MappingStart(anchor, tag) => {
                    expect_tag(tag.as_deref(), "map", &at)?;
                    let kind = Kind::Map { entries: Vec::new(), merged: Vec::new(), key: None };
                    self.start(Open { at, anchor, kind })?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.end()?,
                _ => {}
            }
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
        at: Mark,
    ) -> Result<(), Problem> {
        let style = if style == ScalarStyle::Plain { Style::Plain } else { Style::Quoted };
        if style == Style::Quoted {
            self.quoted.push(span.start.index()..span.end.index());
        }
        let mut scalar = Scalar { text: text.to_owned(), style, forced: None };
        match tag.map(name_of) {
            None => {}
            // PyYAML takes a lone ! for no tag at all.
            Some(name) if name == "!" => {}
            Some(name) => scalar.forced = Some(forced(&name).ok_or_else(|| no_tag(&name, &at))?),
        }
        self.add(Node { at, value: Value::Scalar(scalar) }, anchor)
    }

    fn start(&mut self, open: Open) -> Result<(), Problem> {
        if self.open.len() >= self.limits.depth {
            return Err(self.too_deep(&open.at));
        }
        if let Some(Open { kind: Kind::Map { key: None, .. }, .. }) = self.open.last() {
            return Err(open.at.problem("", "a list or a mapping cannot be a key. Write a text"));
        }
        self.open.push(open);
        Ok(())
    }

    fn end(&mut self) -> Result<(), Problem> {
        let Some(Open { at, anchor, kind }) = self.open.pop() else { return Ok(()) };
        let value = match kind {
            Kind::List(items) => Value::List(items),
            Kind::Map { entries, merged, .. } => Value::Map(merge(entries, merged)),
        };
        self.add(Node { at, value }, anchor)
    }

    /// Puts a finished node where it belongs.
    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Problem> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            let message = format!(
                "with its aliases written out the file has more than {} values. Shorten it",
                self.limits.nodes
            );
            return Err(node.at.problem("", message));
        }
        if self.open.len() + node.depth() > self.limits.depth {
            return Err(self.too_deep(&node.at));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| &mut open.kind) {
            None => self.root = Some(node),
            Some(Kind::List(items)) => items.push(node),
            Some(Kind::Map { entries, merged, key }) => match key.take() {
                None => *key = Some(as_key(node)?),
                Some((name, at)) if is_merge(&name) => merged.extend(merged_entries(node, &at)?),
                Some((name, at)) => {
                    if let Some(first) = entries.iter().find(|entry| entry.key.text == name.text) {
                        let message = format!(
                            "the key stands twice: first in line {}, again in line {}. Remove one",
                            first.at.line, at.line
                        );
                        return Err(at.problem(&short(&name.text), message));
                    }
                    entries.push(Entry { key: name, at, value: node });
                }
            },
        }
        Ok(())
    }

    /// An open bracket is told at the bracket: the parser stumbles only where the text goes on.
    fn malformed(&self, error: &ScanError) -> Problem {
        let message = format!("this is not YAML: {}", error.info());
        match self.open.last() {
            Some(open) if error.info().contains("while parsing a flow") => {
                open.at.problem("", message)
            }
            _ => self.mark(*error.marker()).problem("", message),
        }
    }

    fn too_deep(&self, at: &Mark) -> Problem {
        let depth = self.limits.depth;
        at.problem("", format!("this is nested more than {depth} levels deep. Flatten it"))
    }
}

fn mark(file: &Arc<str>, marker: Marker) -> Mark {
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    Mark {
        file: file.clone(),
        line: number(marker.line()).max(1),
        column: number(marker.col() + 1),
    }
}

fn as_key(node: Node) -> Result<(Scalar, Mark), Problem> {
    match node.value {
        Value::Scalar(scalar) => Ok((scalar, node.at)),
        _ => Err(node.at.problem("", "a list or a mapping cannot be a key. Write a text")),
    }
}

fn is_merge(key: &Scalar) -> bool {
    key.style == Style::Plain && key.forced.is_none() && key.text == "<<"
}

/// What `<<: *a` and `<<: [*a, *b]` bring: of a list, the earlier mapping wins.
fn merged_entries(node: Node, at: &Mark) -> Result<Vec<Entry>, Problem> {
    let wrong =
        |at: &Mark| at.problem("<<", "only mappings can be merged. Name one, like <<: *name");
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

/// A mapping's own keys win over merged ones; of merged ones the last.
fn merge(own: Vec<Entry>, merged: Vec<Entry>) -> Map {
    if merged.is_empty() {
        return Map { entries: own };
    }
    let mut map = Map::default();
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

const YAML_TAGS: &str = "tag:yaml.org,2002:";

/// A tag without the prefix that `!!` stands for.
fn name_of(tag: &Tag) -> String {
    let whole = format!("{}{}", tag.handle, tag.suffix);
    whole.strip_prefix(YAML_TAGS).map_or_else(|| whole.clone(), |name| format!("!!{name}"))
}

fn forced(name: &str) -> Option<Forced> {
    let known = BTreeMap::from([
        ("!!str", Forced::Text),
        ("!!int", Forced::Int),
        ("!!float", Forced::Float),
        ("!!bool", Forced::Bool),
        ("!!null", Forced::Null),
        ("!!timestamp", Forced::Timestamp),
    ]);
    known.get(name).copied()
}

fn no_tag(name: &str, at: &Mark) -> Problem {
    at.problem("", format!("the tag {} is not one that Azure's tools read. Remove it", short(name)))
}

fn expect_tag(tag: Option<&Tag>, kind: &str, at: &Mark) -> Result<(), Problem> {
    match tag.map(name_of) {
        Some(name) if name != "!" && name != format!("!!{kind}") => Err(no_tag(&name, at)),
        _ => Ok(()),
    }
}
