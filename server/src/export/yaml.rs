//! Writes YAML that all readers interpret in the same way: Azure's tools read YAML 1.1, GitHub YAML 1.2.
//!
//! A string is unquoted only if all readers take it for a string. Usual writers do not quote `on` and `2020-01-01`.

use serde_yaml::Value as Yaml;
use std::fmt::Write as _;

/// Words that some reader takes for a boolean or null.
const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
/// The characters of an unquoted string besides letters and digits.
const PLAIN: &str = " _./:'()+,=@%$-";

/// A document's text.
pub(super) fn write(document: &Yaml) -> String {
    let mut text = String::new();
    match document {
        Yaml::Mapping(map) if !map.is_empty() => block(&mut text, document, 0),
        Yaml::Sequence(items) if !items.is_empty() => block(&mut text, document, 0),
        scalar => {
            text.push_str(&line(scalar, Around::Block));
            text.push('\n');
        }
    }
    text
}

fn block(text: &mut String, value: &Yaml, depth: usize) {
    match value {
        Yaml::Mapping(map) => {
            for (key, value) in map {
                indent(text, depth);
                entry(text, key, value, depth);
            }
        }
        Yaml::Sequence(items) => {
            for item in items {
                indent(text, depth);
                text.push_str("- ");
                self::item(text, item, depth);
            }
        }
        _ => {}
    }
}

/// Writes `key: value` after the indentation.
fn entry(text: &mut String, key: &Yaml, value: &Yaml, depth: usize) {
    text.push_str(&line(key, Around::Block));
    text.push(':');
    match value {
        Yaml::Mapping(map) if !map.is_empty() => {
            text.push('\n');
            block(text, value, depth + 1);
        }
        // A list has the indentation of its key.
        Yaml::Sequence(items) if !items.is_empty() => {
            text.push('\n');
            block(text, value, depth);
        }
        value => {
            text.push(' ');
            text.push_str(&line(value, Around::Block));
            text.push('\n');
        }
    }
}

/// Writes an item after a list's dash. The first key of a map is beside the dash, the others are below it.
fn item(text: &mut String, item: &Yaml, depth: usize) {
    match item {
        Yaml::Mapping(map) if !map.is_empty() => {
            for (place, (key, value)) in map.iter().enumerate() {
                if place > 0 {
                    indent(text, depth + 1);
                }
                entry(text, key, value, depth + 1);
            }
        }
        item => {
            text.push_str(&line(item, Around::Block));
            text.push('\n');
        }
    }
}

fn indent(text: &mut String, depth: usize) {
    for _ in 0..depth {
        text.push_str("  ");
    }
}

/// Where a scalar is written. Between brackets, commas and braces have a meaning.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Block,
    Brackets,
}

/// A value on one line.
fn line(value: &Yaml, around: Around) -> String {
    let inner = |value| line(value, Around::Brackets);
    match value {
        Yaml::Null => "null".to_owned(),
        Yaml::Bool(flag) => flag.to_string(),
        Yaml::Number(number) => number.to_string(),
        Yaml::String(text) => quoted(text, around),
        Yaml::Sequence(items) => {
            let items: Vec<_> = items.iter().map(inner).collect();
            format!("[{}]", items.join(", "))
        }
        Yaml::Mapping(map) => {
            let pairs: Vec<_> = map
                .iter()
                .map(|(key, value)| format!("{}: {}", inner(key), inner(value)))
                .collect();
            format!("{{{}}}", pairs.join(", "))
        }
        Yaml::Tagged(tagged) => line(&tagged.value, around),
    }
}

fn quoted(text: &str, around: Around) -> String {
    let is_printable = |c: char| c.is_ascii_graphic() || c == ' ' || c.is_alphanumeric();
    if is_plain(text, around) {
        text.to_owned()
    } else if text.chars().all(is_printable) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        let mut all = String::from("\"");
        for c in text.chars() {
            match c {
                '"' | '\\' => all.extend(['\\', c]),
                '\n' => all.push_str("\\n"),
                c if is_printable(c) => all.push(c),
                // Writing to a string cannot fail.
                c => _ = write!(all, "\\U{:08X}", u32::from(c)),
            }
        }
        all.push('"');
        all
    }
}

fn is_plain(text: &str, around: Around) -> bool {
    if around == Around::Brackets && text.contains([',', '{', '}']) {
        return false;
    }
    // GitHub's expressions are written without quotes, as people do.
    if text.starts_with("${{") && text.ends_with("}}") {
        return !text.contains(": ") && !text.contains(" #") && !text.chars().any(char::is_control);
    }
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || "/($".contains(c))
        || text.starts_with("./");
    let legal = |c: char| c.is_ascii_alphanumeric() || PLAIN.contains(c);
    begins
        && text.chars().all(legal)
        && !text.contains(": ")
        && !text.ends_with([' ', ':'])
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn values() -> impl Strategy<Value = Yaml> {
        let text = || {
            prop_oneof!["[ -~]{0,9}", any::<String>()].prop_map(|text: String| {
                // YAML cannot represent these two.
                text.replace(['\u{0}', '\u{feff}'], "")
            })
        };
        let leaf = prop_oneof![
            Just(Yaml::Null),
            any::<bool>().prop_map(Yaml::from),
            any::<i64>().prop_map(Yaml::from),
            text().prop_map(Yaml::from),
        ];
        leaf.prop_recursive(4, 24, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Yaml::from),
                prop::collection::btree_map(text(), inner, 0..4).prop_map(|map| {
                    let map = map.into_iter().map(|(key, value)| (Yaml::from(key), value));
                    Yaml::Mapping(map.collect())
                }),
            ]
        })
    }

    #[test]
    fn between_brackets_commas_and_braces_are_quoted() {
        for text in ["A,", "A, B", "${{ inputs.name }}", "${{ a['b'] }}"] {
            let outside = Yaml::from(vec![Yaml::from(text)]);
            assert_eq!(write(&outside), format!("- {text}\n"));
            let inside = Yaml::from(vec![outside]);
            let read: Yaml = serde_yaml::from_str(&write(&inside)).expect("YAML");
            assert_eq!(read, inside, "{}", write(&inside));
        }
    }

    proptest! {
        #[test]
        fn written_yaml_is_read_back(value in values()) {
            let text = write(&value);
            let read: Yaml = serde_yaml::from_str(&text).expect("YAML");
            prop_assert_eq!(&read, &value, "{}", text);
        }
    }
}
