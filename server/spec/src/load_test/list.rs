//! Lists, optional values, and words with an exact spelling.

use crate::nearest::nearest;
use crate::problem::Problem;
use crate::reader::{Field, Fields, Keys, Reader};
use crate::yaml::{Value, short};

/// A problem with a key's value, or with the mapping if the key is missing.
pub(super) fn at_key(fields: &Fields<'_>, key: &str, message: impl Into<String>) -> Problem {
    match fields.raw(key) {
        Some(field) => field.problem(message),
        None => fields.problem(key, message),
    }
}

impl Reader<'_> {
    /// A key's value. The CLI treats null like a missing key.
    pub(super) fn optional<'n>(&self, fields: &Fields<'n>, key: &str) -> Option<Field<'n>> {
        fields.raw(key).filter(|field| !field.node.is_null())
    }

    /// The string of an optional key. Like the CLI, treats an empty one like a missing key.
    pub(super) fn words_of(&mut self, fields: &Fields<'_>, key: &str) -> Option<String> {
        let field = self.optional(fields, key)?;
        self.text(Some(field)).filter(|text| !text.trim().is_empty())
    }

    /// The string of a key that must exist.
    pub(super) fn needed_of(&mut self, fields: &Fields<'_>, key: &str) -> Option<String> {
        let field = self.optional(fields, key);
        let is_empty = field
            .as_ref()
            .is_none_or(|field| field.node.text().is_some_and(|text| text.trim().is_empty()));
        if is_empty {
            let message = match fields.raw(key) {
                Some(_) => "this is empty. Give a value".to_owned(),
                None => format!("the key {key} is missing. Add it"),
            };
            return self.refuse(at_key(fields, key, message));
        }
        self.text(field)
    }

    /// The items of a list of at most `max` items, each with its place.
    pub(super) fn items<'n>(
        &mut self,
        field: &Field<'n>,
        max: usize,
        example: &str,
    ) -> Vec<Field<'n>> {
        let Value::List(items) = &field.node.value else {
            let kind = field.node.kind();
            self.push(
                field.problem(format!("this must be a list, but is {kind}. Write {example}")),
            );
            return Vec::new();
        };
        if items.len() > max {
            let count = items.len();
            self.push(field.problem(format!(
                "there are {count} items, but Azure Load Testing allows {max}. Remove {}",
                count - max
            )));
            return Vec::new();
        }
        let item = |(n, node)| Field { path: format!("{}[{n}]", field.path), node };
        items.iter().enumerate().map(item).collect()
    }

    /// The items of an optional list of mappings with these keys.
    pub(super) fn mappings_of<'n>(
        &mut self,
        fields: &Fields<'n>,
        key: &str,
        max: usize,
        keys: Keys,
    ) -> Vec<Fields<'n>> {
        let Some(field) = self.optional(fields, key) else { return Vec::new() };
        let example = format!("- {}: …, one item in each line below", keys.known[0]);
        let items = self.items(&field, max, &example);
        items.iter().filter_map(|item| self.fields(item, keys)).collect()
    }

    /// An optional word that must be spelled exactly like one of `words`.
    pub(super) fn exact_of(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        words: &[&'static str],
    ) -> Option<&'static str> {
        let field = self.optional(fields, key)?;
        let text = self.text(Some(field.clone()))?;
        let found = words.iter().copied().find(|word| *word == text);
        if found.is_none() {
            let hint = match nearest(&text, words.iter().copied()) {
                Some(word) => format!("Did you mean {word}?"),
                None => format!("Write one of: {}", words.join(", ")),
            };
            self.push(field.problem(format!("“{}” is not allowed here. {hint}", short(&text))));
        }
        found
    }

    /// An optional integer from `min` to `max`.
    pub(super) fn count_of(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        range: std::ops::RangeInclusive<u32>,
    ) -> Option<u32> {
        let field = self.optional(fields, key)?;
        let number = self.int(&field)?;
        let count = u32::try_from(number).ok().filter(|count| range.contains(count));
        if count.is_none() {
            let (min, max) = (range.start(), range.end());
            self.push(field.problem(format!(
                "{number} is not an integer from {min} to {max}. Write one such as {min}"
            )));
        }
        count
    }

    /// An optional boolean. Like the CLI, accepts no strings.
    pub(super) fn boolean_of(&mut self, fields: &Fields<'_>, key: &str) -> Option<bool> {
        let field = self.optional(fields, key)?;
        match field.node.scalar().and_then(|scalar| scalar.typed().ok()) {
            Some(crate::yaml::Typed::Bool(flag)) => Some(flag),
            _ => {
                let kind = field.node.kind();
                let message = format!(
                    "this must be true or false, but is {kind}. Write one of them without quotes"
                );
                self.refuse(field.problem(message))
            }
        }
    }

    /// An optional finite number from `min` to `max`.
    pub(super) fn number_of(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        range: std::ops::RangeInclusive<f64>,
    ) -> Option<f64> {
        let field = self.optional(fields, key)?;
        let number = self.float_of(fields, key)?;
        if !range.contains(&number) {
            let (min, max) = (range.start(), range.end());
            let message =
                format!("{number} is not a number from {min} to {max}. Write one such as {min}");
            return self.refuse(field.problem(message));
        }
        Some(number)
    }
}
