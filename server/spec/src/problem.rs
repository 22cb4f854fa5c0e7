//! A problem of a file: its place, the key, the broken rule, and what to do.

use std::fmt;
use std::sync::Arc;

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The file as the person named it.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl Mark {
    /// The first character of a file.
    #[must_use]
    pub fn start(file: &Arc<str>) -> Self {
        Self { file: file.clone(), line: 1, column: 1 }
    }

    /// A problem here.
    #[must_use]
    pub fn problem(&self, field: &str, message: impl Into<String>) -> Problem {
        Problem {
            file: self.file.to_string(),
            line: self.line,
            column: self.column,
            field: (!field.is_empty()).then(|| shown(field)),
            message: shown(&message.into()),
        }
    }
}

/// Makes a text safe for one line of a terminal or a page: characters that could move the cursor, break the line or
/// change the direction of writing become `␣`. File names and values may contain any characters.
#[must_use]
pub fn shown(text: &str) -> String {
    let is_odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
    };
    text.chars().map(|c| if is_odd(c) { '␣' } else { c }).collect()
}

/// A problem of a file. Displayed as `file:line:column: field: message`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file as the person named it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The key, for example `request_settings.request_timeout_ms`.
    pub field: Option<String>,
    /// What is wrong, the rule, and what to do.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", shown(&self.file), self.line, self.column)?;
        if let Some(field) = &self.field {
            write!(f, "{field}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_has_no_control_characters() {
        let at = Mark { file: "a\u{1b}[2J.yml".into(), line: 1, column: 2 };
        let problem = at.problem("tags.a\nb", "there is no file c\r\u{202e}d\u{9b}");
        assert_eq!(problem.to_string(), "a␣[2J.yml:1:2: tags.a␣b: there is no file c␣␣d␣");
        assert_eq!(problem.field.as_deref(), Some("tags.a␣b"));
    }

    #[test]
    fn a_problem_has_the_format_of_compilers() {
        let at = Mark { file: "a.yml".into(), line: 3, column: 5 };
        assert_eq!(at.problem("x.y", "is wrong").to_string(), "a.yml:3:5: x.y: is wrong");
        assert_eq!(at.problem("", "is wrong").to_string(), "a.yml:3:5: is wrong");
    }
}
