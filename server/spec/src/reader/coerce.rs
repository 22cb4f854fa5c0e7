//! Converts one scalar to one value as marshmallow's fields do.

use super::{Field, Fields, Reader};
use crate::yaml::{Typed, short};

/// The strings that marshmallow accepts as booleans. `yES` and `enabled` are not among them.
const TRUE: [&str; 12] =
    ["t", "T", "true", "True", "TRUE", "on", "On", "ON", "y", "Y", "yes", "Yes"];
const FALSE: [&str; 12] =
    ["f", "F", "false", "False", "FALSE", "off", "Off", "OFF", "n", "N", "no", "No"];

impl Reader<'_> {
    /// A string. Numbers and booleans are not converted.
    pub(crate) fn text(&mut self, field: Option<Field<'_>>) -> Option<String> {
        let field = field?;
        match typed(&field) {
            Some(Typed::Text(text)) => Some(text),
            _ => {
                let remedy = match field.node.scalar() {
                    Some(_) => "Put it in quotes",
                    None => "Write one text",
                };
                let kind = field.node.kind();
                self.refuse(
                    field.problem(format!("this must be a string, but is {kind}. {remedy}")),
                )
            }
        }
    }

    /// The string of a key, if it exists.
    pub(crate) fn text_of(&mut self, fields: &Fields<'_>, key: &str) -> Option<String> {
        let field = self.field(fields, key);
        self.text(field)
    }

    /// An integer. Like Python's `int`, accepts `"3"` and truncates `3.7`; rejects booleans.
    pub(crate) fn int_of(&mut self, fields: &Fields<'_>, key: &str) -> Option<i64> {
        let field = self.field(fields, key)?;
        self.int(&field)
    }

    /// See [`Self::int_of`].
    pub(crate) fn int(&mut self, field: &Field<'_>) -> Option<i64> {
        let number = match typed(field) {
            Some(Typed::Int(number)) => i64::try_from(number).ok(),
            #[expect(clippy::cast_possible_truncation, reason = "the range is checked before")]
            Some(Typed::Float(number)) => (number.abs() < 9.0e18).then_some(number as i64),
            Some(Typed::Text(text)) => python_int(&text),
            _ => None,
        };
        if number.is_none() {
            self.push(field.problem(format!(
                "this must be an integer of at most 64 bits, but is {}. Write one such as 3",
                shown(field)
            )));
        }
        number
    }

    /// A finite number. Accepts `"0.5"`; rejects booleans.
    pub(crate) fn float_of(&mut self, fields: &Fields<'_>, key: &str) -> Option<f64> {
        let field = self.field(fields, key)?;
        let number = match typed(&field) {
            #[expect(clippy::cast_precision_loss, reason = "as Python's float does")]
            Some(Typed::Int(number)) => Some(number as f64),
            Some(Typed::Float(number)) => Some(number),
            Some(Typed::Text(text)) => python_float(&text),
            _ => None,
        };
        let number = number.filter(|number| number.is_finite());
        if number.is_none() {
            let message =
                format!("this must be a number, but is {}. Write one such as 0.5", shown(&field));
            self.push(field.problem(message));
        }
        number
    }

    /// A boolean. Accepts 1, 0 and a fixed set of strings (`"yes"`, `"off"`).
    pub(crate) fn flag_of(&mut self, fields: &Fields<'_>, key: &str) -> Option<bool> {
        let field = self.field(fields, key)?;
        let flag = match typed(&field) {
            Some(Typed::Bool(flag)) => Some(flag),
            Some(Typed::Int(number)) => match number {
                0 => Some(false),
                1 => Some(true),
                _ => None,
            },
            Some(Typed::Float(0.0)) => Some(false),
            Some(Typed::Float(1.0)) => Some(true),
            Some(Typed::Text(text)) => match text.as_str() {
                "1" | "YES" => Some(true),
                "0" | "NO" => Some(false),
                text if TRUE.contains(&text) => Some(true),
                text if FALSE.contains(&text) => Some(false),
                _ => None,
            },
            _ => None,
        };
        if flag.is_none() {
            let message =
                format!("this must be true or false, but is {}. Write one of them", shown(&field));
            self.push(field.problem(message));
        }
        flag
    }

    /// One of a few words in any case, returned in lower case.
    pub(crate) fn word_of(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        words: &[&'static str],
    ) -> Option<&'static str> {
        let field = self.field(fields, key)?;
        self.choice(&field, words, str::to_lowercase)
    }

    /// One of a few words in `snake_case` or `CamelCase`, returned in snake case.
    pub(crate) fn snake_of(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        words: &[&'static str],
    ) -> Option<&'static str> {
        let field = self.field(fields, key)?;
        self.choice(&field, words, snake)
    }

    fn choice(
        &mut self,
        field: &Field<'_>,
        words: &[&'static str],
        transform: impl Fn(&str) -> String,
    ) -> Option<&'static str> {
        let text = match typed(field) {
            Some(Typed::Text(text)) => Some(transform(&text)),
            _ => None,
        };
        let found = words.iter().copied().find(|word| text.as_deref() == Some(word));
        if found.is_none() {
            let quote = if text.is_none() { ", in quotes" } else { "" };
            let (shown, words) = (shown(field), words.join(", "));
            self.push(
                field.problem(format!("{shown} is not allowed here. Write one of: {words}{quote}")),
            );
        }
        found
    }

    /// A mapping with free keys and values.
    pub(crate) fn object_of(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
    ) -> serde_json::Map<String, serde_json::Value> {
        let field = self.field(fields, key);
        let read = field.and_then(|field| {
            let map = self.mapping(&field)?;
            self.note(crate::json::object(&field.path, map))
        });
        read.unwrap_or_default()
    }

    /// The entries of a mapping with free keys, which must be strings.
    pub(crate) fn entries<'n>(&mut self, field: &Field<'n>) -> Vec<(String, Field<'n>)> {
        let Some(map) = self.mapping(field) else { return Vec::new() };
        let mut all = Vec::new();
        for entry in &map.entries {
            let path = format!("{}.{}", field.path, entry.key.text);
            if !matches!(entry.key.typed(), Ok(Typed::Text(_))) {
                self.push(entry.at.problem(&path, "this key must be a string. Quote it"));
            } else if entry.value.is_null() {
                self.push(
                    entry.value.at.problem(&path, "this is empty. Give a value, or remove the key"),
                );
            } else {
                all.push((entry.key.text.clone(), Field { path, node: &entry.value }));
            }
        }
        all
    }
}

/// A value in a message: its text, or what it is.
fn shown(field: &Field<'_>) -> String {
    match field.node.text() {
        Some(text) => format!("“{}”", short(text)),
        None => field.node.kind().to_owned(),
    }
}

/// The typed value of a scalar. Unreadable scalars have been reported before.
pub(crate) fn typed(field: &Field<'_>) -> Option<Typed> {
    field.node.scalar()?.typed().ok()
}

/// Converts a string like Python's `int`, which accepts surrounding blanks and single underscores between digits.
fn python_int(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_sound =
        digits.split('_').all(|part| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit()));
    is_sound.then(|| text.replace('_', "").parse().ok()).flatten()
}

/// Converts a string like Python's `float`.
fn python_float(text: &str) -> Option<f64> {
    let text = text.trim();
    let bytes = text.as_bytes();
    let is_sound = text.match_indices('_').all(|(at, _)| {
        let is_digit =
            |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
        is_digit(at.checked_sub(1)) && is_digit(Some(at + 1))
    });
    is_sound.then(|| text.replace('_', "").parse().ok()).flatten()
}

/// `SystemAssigned` → `system_assigned`, like the SDK's `camel_to_snake`.
pub(crate) fn snake(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut first = String::new();
    let mut at = 0;
    while at < chars.len() {
        let starts_word = chars[at] != '\n'
            && chars.get(at + 1).is_some_and(char::is_ascii_uppercase)
            && chars.get(at + 2).is_some_and(char::is_ascii_lowercase);
        first.push(chars[at]);
        at += 1;
        if starts_word {
            first.push('_');
            first.push(chars[at]);
            at += 1;
            while chars.get(at).is_some_and(char::is_ascii_lowercase) {
                first.push(chars[at]);
                at += 1;
            }
        }
    }
    let mut all = String::new();
    let mut before = ' ';
    for c in first.chars() {
        if c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            all.push('_');
        }
        all.push(c);
        before = c;
    }
    all.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn camel_case_becomes_snake_case_as_in_the_sdk() {
        for (camel, expected) in [
            ("SystemAssigned", "system_assigned"),
            ("AMLToken", "aml_token"),
            ("amlToken", "aml_token"),
            ("KEY", "key"),
            ("Aml_Token", "aml__token"),
            ("target_utilization", "target_utilization"),
            ("TargetUtilization", "target_utilization"),
            ("None", "none"),
            ("", ""),
        ] {
            assert_eq!(snake(camel), expected);
        }
    }

    #[test]
    fn strings_are_numbers_as_in_python() {
        for (text, number) in [
            ("3", Some(3)),
            (" +1_0 ", Some(10)),
            ("-7", Some(-7)),
            ("1__0", None),
            ("1.0", None),
            ("", None),
        ] {
            assert_eq!(python_int(text), number, "{text}");
        }
        for (text, number) in [
            ("0.5", Some(0.5)),
            (" 1e3 ", Some(1000.0)),
            ("1_0.5", Some(10.5)),
            ("_1", None),
            ("x", None),
        ] {
            assert_eq!(python_float(text), number, "{text}");
        }
    }
}
