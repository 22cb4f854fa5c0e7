//! What stands in brackets: `[a, b]` and `{a: b}`.

use super::scalar::short;

/// PyYAML ends a value without quotes at a `?` there, and stumbles.
pub(super) const QUESTION: &str =
    "within [] or {} Azure's tools end a value without quotes at a ?. Quote the value";

/// Lines make no sense between brackets.
pub(super) const BLOCK: &str =
    "a text of several lines (| or >) cannot stand within [] or {}. Write the text in quotes";

/// The text, kept when it has brackets at all.
pub(super) struct Text {
    chars: Vec<char>,
}

impl Text {
    pub(super) fn new(text: &str) -> Self {
        let chars = if text.contains(['[', '{']) { text.chars().collect() } else { Vec::new() };
        Self { chars }
    }

    /// The place, if a bracket opens there.
    pub(super) fn opens(&self, at: usize) -> Option<usize> {
        self.chars.get(at).filter(|c| matches!(c, '[' | '{')).map(|_| at)
    }

    /// What to say of `{{NAME}}`, which to YAML is a mapping within a mapping.
    pub(super) fn placeholder(&self, start: usize) -> Option<String> {
        let rest = self.chars.get(start..)?.strip_prefix(&['{', '{'])?;
        let name: String = rest.iter().take_while(|c| !matches!(c, '}' | '\n')).collect();
        let is_closed = rest[name.chars().count()..].starts_with(&['}', '}']);
        is_closed.then(|| {
            let name = short(name.trim());
            format!("“{{{{{name}}}}}” is a placeholder that nobody filled in. Write the value in its place")
        })
    }
}
