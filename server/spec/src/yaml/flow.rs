//! Flow collections: `[a, b]` and `{a: b}`.

use super::scalar::short;

/// The text; empty if it has no brackets.
pub(super) struct Text {
    chars: Vec<char>,
}

impl Text {
    pub(super) fn new(text: &str) -> Self {
        let chars = if text.contains(['[', '{']) { text.chars().collect() } else { Vec::new() };
        Self { chars }
    }

    /// The position, if it has an opening bracket.
    pub(super) fn opens(&self, at: usize) -> Option<usize> {
        self.chars.get(at).filter(|c| matches!(c, '[' | '{')).map(|_| at)
    }

    /// The message for `{{NAME}}`, which YAML reads as a mapping within a mapping.
    pub(super) fn placeholder(&self, start: usize) -> Option<String> {
        let rest = self.chars.get(start..)?.strip_prefix(&['{', '{'])?;
        let name: String = rest.iter().take_while(|c| !matches!(c, '}' | '\n')).collect();
        let is_closed = rest[name.chars().count()..].starts_with(&['}', '}']);
        is_closed.then(|| {
            let name = short(name.trim());
            format!("“{{{{{name}}}}}” is a placeholder without a value. Replace it with the value")
        })
    }
}
