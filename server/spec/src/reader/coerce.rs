//! One scalar to one value, as marshmallow's fields do it.

use super::{Field, Fields, Reader};
use crate::yaml::{Typed, Value, short};

/// Texts that are flags. Not `yES`, not `enabled`.
const TRUE: [&str; 12] =
    ["t", "T", "true", "True", "TRUE", "on", "On", "ON", "y", "Y", "yes", "Yes"];
const FALSE: [&str; 12] =
    ["f", "F", "false", "False", "FALSE", "off", "Off", "OFF", "n", "N", "no", "No"];

impl Reader<'_> {
    /// A text; numbers and flags are none.
    pub(crate) fn text(&mut self, field: Option<Field<'_>>) -> Option<String> {
        let field = field?;
        match typed(&field) {
            Some(Typed::Text(text)) => Some(text),
            _ => {
                let message =
                    format!("this is {}; a text is expected. Quote it", field.node.kind());
                self.push(field.problem(message));
                None
            }
        }
    }

    /// The text of a key, if it is there.
    pub(crate) fn text_of(&mut self, fields: &Fields<'_>, key: &str) -> Option<String> {
        let field = self.field(fields, key);
        self.text(field)
    }

    /// A whole number: also `"3"` and `3.7` (cut off), as Python's `int` takes them; never a flag.
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
                "“{}” is not a whole number of 64 bits",
                short(field.node.text().unwrap_or(field.node.kind()))
            )));
        }
        number
    }

    /// A number: also `"0.5"`; never a flag, never infinite.
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
            let shown = short(field.node.text().unwrap_or(field.node.kind()));
            self.push(field.problem(format!("“{shown}” is not a number")));
        }
        number
    }

    /// A flag: also 1, 0 and a fixed set of texts (`"yes"`, `"off"`).
    pub(crate) fn flag_of(&mut self, fields: &Fields<'_>, key: &str) -> Option<bool> {
        let field = self.field(fields, key)?;
        let flag = match typed(&field) {
            Some(Typed::Bool(flag)) => Some(flag),
            Some(Typed::Int(number)) => match number {
                0 => Some(false),
                1 => Some(true),
                _ => None,
            },
            Some(Typed::Float(number)) if number == 0.0 => Some(false),
            Some(Typed::Float(number)) if (number - 1.0).abs() == 0.0 => Some(true),
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
            self.push(field.problem("this is neither true nor false"));
        }
        flag
    }

    /// One of a few words, in any case, told in lower case.
    pub(crate) fn word_of(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        words: &[&'static str],
    ) -> Option<&'static str> {
        let field = self.field(fields, key)?;
        self.choice(&field, words, |text| text.to_lowercase())
    }

    /// One of a few words, as `snake_case` or `CamelCase`, told in snake case.
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
            let quote = if text.is_none() { ", as a text in quotes" } else { "" };
            let shown = short(field.node.text().unwrap_or(field.node.kind()));
            let words = words.join(", ");
            self.push(field.problem(format!("“{shown}” is none of: {words}{quote}")));
        }
        found
    }

    /// A mapping with free keys and values.
    pub(crate) fn object_of(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
    ) -> serde_json::Map<String, serde_json::Value> {
        let Some(field) = self.field(fields, key) else { return serde_json::Map::new() };
        let Value::Map(map) = &field.node.value else {
            let message = format!("this is {}; a mapping is expected here", field.node.kind());
            self.push(field.problem(message));
            return serde_json::Map::new();
        };
        self.note(crate::json::object(&field.path, map)).unwrap_or_default()
    }

    /// The keys of a mapping with free keys, each with its value; keys are texts.
    pub(crate) fn entries<'n>(&mut self, field: &Field<'n>) -> Vec<(String, Field<'n>)> {
        let Value::Map(map) = &field.node.value else {
            let message = format!("this is {}; a mapping is expected here", field.node.kind());
            self.push(field.problem(message));
            return Vec::new();
        };
        let mut all = Vec::new();
        for entry in &map.entries {
            let path = format!("{}.{}", field.path, entry.key.text);
            if !matches!(entry.key.typed(), Ok(Typed::Text(_))) {
                self.push(entry.at.problem(&path, "this key is not a text. Quote it"));
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

/// A scalar's type; unreadable ones were refused before.
pub(crate) fn typed(field: &Field<'_>) -> Option<Typed> {
    field.node.scalar()?.typed().ok()
}

/// What Python's `int` makes of a text: blanks around, one underscore between digits.
fn python_int(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_sound =
        digits.split('_').all(|part| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit()));
    is_sound.then(|| text.replace('_', "").parse().ok()).flatten()
}

/// What Python's `float` makes of a text.
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

/// `SystemAssigned` → `system_assigned`, as the SDK's `camel_to_snake` does it.
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
    fn camels_become_snakes_as_in_the_sdk() {
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
    fn texts_are_numbers_where_python_says_so() {
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
