//! Finds anchors that are defined twice. PyYAML rejects them, because an alias would be ambiguous. The parser reports
//! numbers instead of names, so the names are read from the text.

use saphyr_parser::{Event, Span};
use std::collections::HashSet;

/// The names of the anchors so far.
pub(super) struct AnchorNames {
    /// The text; empty if it contains no `&`.
    text: Vec<char>,
    read_to: usize,
    seen: HashSet<String>,
}

impl AnchorNames {
    pub(super) fn new(text: &str) -> Self {
        let text = if text.contains('&') { text.chars().collect() } else { Vec::new() };
        Self { text, read_to: 0, seen: HashSet::new() }
    }

    /// The name of the event's anchor, if an earlier anchor has the same name.
    pub(super) fn repeated(&mut self, event: &Event<'_>, span: Span) -> Option<String> {
        let (anchored, to) = match event {
            Event::Scalar(_, _, anchor, _) => (*anchor != 0, span.end.index()),
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => {
                (*anchor != 0, span.end.index())
            }
            _ => (false, span.end.index()),
        };
        let from = self.read_to;
        self.read_to = from.max(to);
        let name = name_in(self.text.get(from..to)?).filter(|_| anchored)?;
        (!self.seen.insert(name.clone())).then_some(name)
    }
}

/// The first `&name` outside comments.
fn name_in(text: &[char]) -> Option<String> {
    let (mut comment, mut before) = (false, ' ');
    for (index, c) in text.iter().enumerate() {
        match c {
            '\n' => comment = false,
            '#' if before.is_whitespace() => comment = true,
            '&' if !comment => {
                let name = text[index + 1..].iter();
                return Some(
                    name.take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect(),
                );
            }
            _ => {}
        }
        before = *c;
    }
    None
}
