//! Builds the tree from the parser's events: anchors, aliases, merge keys, duplicate keys, limits.

use super::Limits;
use super::anchor::AnchorNames;
use super::flow;
use super::malformed::explained;
use super::merge::{is_merge, merge, merged_entries, remembered};
use super::node::{Entry, Merge, Node, Value};
use super::plain;
use super::scalar::{Scalar, Style, short};
use super::source::{self, Quoted};
use super::surrogate::{self, Pairs};
use super::tag;
use crate::problem::{Mark, Problem};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, Tag};
use std::collections::HashMap;
use std::sync::Arc;

/// Reads a text of one document.
pub(super) fn tree(file: &Arc<str>, text: &str, limits: Limits) -> Result<Node, Problem> {
    let (text, pairs) = surrogate::mask(text);
    let text = text.as_ref();
    let mut builder = Builder {
        file,
        limits,
        open: Vec::new(),
        anchors: HashMap::new(),
        nodes: 0,
        quoted: Vec::new(),
        collections: 0,
        names: AnchorNames::new(text),
        flow: flow::Text::new(text),
        pairs,
        root: None,
    };
    let scanned = builder.scan(text);
    // A tab often causes another error, and is then the better explanation.
    let tab = source::find_tab(file, text, &builder.quoted);
    match (scanned, tab) {
        (Ok(()), None) => {}
        (Ok(()), Some(tab)) => return Err(tab),
        // The parser reports a tab at the beginning of the value.
        (Err(problem), Some(tab))
            if tab.line <= problem.line || problem.message.contains("tab") =>
        {
            return Err(tab);
        }
        (Err(problem), _) => return Err(problem),
    }
    let empty = || Node::new(Mark::start(file), Value::Scalar(Scalar::plain("")));
    let root = builder.root.unwrap_or_else(empty);
    Ok(root)
}

/// A collection that has not ended yet.
struct Open {
    at: Mark,
    anchor: usize,
    /// The position of its opening bracket, or of that of the enclosing collection.
    flow: Option<usize>,
    kind: Kind,
}

enum Kind {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, merged: Vec<Entry>, merges: Vec<Merge>, key: Option<(Scalar, Mark)> },
}

impl Kind {
    fn new_map() -> Self {
        Self::Map { entries: Vec::new(), merged: Vec::new(), merges: Vec::new(), key: None }
    }
}

struct Builder<'a> {
    file: &'a Arc<str>,
    limits: Limits,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    quoted: Vec<Quoted>,
    /// The number of collections that have ended.
    collections: u32,
    names: AnchorNames,
    flow: flow::Text,
    pairs: Pairs,
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
                let message = format!(
                    "the anchor &{} is defined twice. Give one of them another name",
                    short(&name)
                );
                return Err(at.problem("", message));
            }
            match event {
                Event::DocumentStart(_) if self.root.is_some() => {
                    return Err(at.problem(
                        "",
                        "a second document starts here, but a file may have only one. Move it to a file of its own, or remove the ---",
                    ));
                }
                Event::Scalar(text, style, anchor, tag) => {
                    self.scalar(&text, style, anchor, tag.as_deref(), span, at)?;
                }
                Event::Alias(anchor) => {
                    let Some(node) = self.anchors.get(&anchor) else {
                        return Err(at.problem(
                            "",
                            "this alias is inside the value that it names, which would never end. Write the value out",
                        ));
                    };
                    let node = Node { at, ..node.clone() };
                    // Counts the whole subtree, because aliases turn few bytes into many nodes.
                    self.nodes += node.count();
                    self.add(node, 0)?;
                }
                Event::SequenceStart(anchor, tag) => {
                    tag::expect(tag.as_deref(), "seq", &at)?;
                    let kind = Kind::List(Vec::new());
                    let flow = self.flow_at(span);
                    self.start(Open { at, anchor, flow, kind })?;
                }
                Event::MappingStart(anchor, tag) => {
                    tag::expect(tag.as_deref(), "map", &at)?;
                    let kind = Kind::new_map();
                    let flow = self.flow_at(span);
                    self.start(Open { at, anchor, flow, kind })?;
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
        let range = span.start.index()..span.end.index();
        let text = self.pairs.unmask(text, &range, style == ScalarStyle::DoubleQuoted);
        let style = if style == ScalarStyle::Plain { Style::Plain } else { Style::Quoted };
        if style == Style::Quoted {
            self.quoted.push(range);
        } else if let Some(message) = plain::refused(&text, self.in_flow()) {
            return Err(at.problem("", message));
        }
        let forced = tag::forced(tag, &at)?;
        self.add(Node::new(at, Value::Scalar(Scalar { text, style, forced })), anchor)
    }

    fn in_flow(&self) -> bool {
        self.open.last().is_some_and(|open| open.flow.is_some())
    }

    /// The position of the opening bracket of a collection that starts here, or of the enclosing one.
    fn flow_at(&self, span: Span) -> Option<usize> {
        let own = self.flow.opens(span.start.index());
        own.or(self.open.last().and_then(|open| open.flow))
    }

    fn start(&mut self, open: Open) -> Result<(), Problem> {
        if self.open.len() >= self.limits.depth {
            return Err(self.too_deep(&open.at));
        }
        if let Some(Open { kind: Kind::Map { key: None, .. }, at, flow, .. }) = self.open.last() {
            if let Some(placeholder) = flow.and_then(|start| self.flow.placeholder(start)) {
                return Err(at.problem("", placeholder));
            }
            return Err(open.at.problem(
                "",
                "a list or a mapping cannot be a key. Write a string before the colon",
            ));
        }
        self.open.push(open);
        Ok(())
    }

    fn end(&mut self) -> Result<(), Problem> {
        let Some(Open { at, anchor, kind, .. }) = self.open.pop() else { return Ok(()) };
        let value = match kind {
            Kind::List(items) => Value::List(items),
            Kind::Map { entries, merged, merges, .. } => Value::Map(merge(entries, merged, merges)),
        };
        self.collections += 1;
        self.add(Node { at, value, number: self.collections }, anchor)
    }

    /// Adds a finished node to its parent.
    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Problem> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            let message = format!(
                "with its aliases expanded, the file has more than {} values. Shorten it",
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
            Some(Kind::Map { entries, merged, merges, key }) => match key.take() {
                None => *key = Some(as_key(node)?),
                Some((name, at)) if is_merge(&name) => {
                    let brought = merged_entries(node, &at)?;
                    merges.push(remembered(at, &brought));
                    merged.extend(brought);
                }
                Some((name, at)) => {
                    if let Some(first) = entries.iter().find(|entry| entry.key.text == name.text) {
                        let message = format!(
                            "the key occurs twice: first in line {}, again in line {}. Remove one",
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

    /// An unclosed bracket is reported at the bracket; the parser fails only further down.
    fn malformed(&self, error: &ScanError) -> Problem {
        let message = explained(error.info());
        match self.open.last() {
            Some(open) if error.info().contains("while parsing a flow") => {
                open.at.problem("", message)
            }
            _ => self.mark(*error.marker()).problem("", message),
        }
    }

    fn too_deep(&self, at: &Mark) -> Problem {
        let depth = self.limits.depth;
        at.problem("", format!("this is nested more than {depth} levels deep. Reduce the nesting"))
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
        _ => Err(node
            .at
            .problem("", "a list or a mapping cannot be a key. Write a string before the colon")),
    }
}
