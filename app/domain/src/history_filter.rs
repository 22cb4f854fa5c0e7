//! The filter of the history, as sent in a URL query.

use super::history::{Kind, Record};
use super::name::{EndpointName, StageName};
use super::route_form::FieldProblem;
use super::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// Maximum length of a search text, in characters.
const TEXT_MAX: usize = 100;

/// A filter for entries. An entry must match all given fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    pub stage: Option<StageName>,
    pub endpoint: Option<EndpointName>,
    /// Part of a person's name.
    pub person: Option<String>,
    pub kind: Option<Kind>,
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
    pub text: Option<String>,
    /// Only entries before this index, for the next page.
    pub before: Option<u64>,
}

impl Filter {
    /// Reads a filter from query fields. Empty fields count as not given, and unknown fields are ignored.
    ///
    /// # Errors
    /// All problems found, each with its field.
    pub fn parse(fields: &[(String, String)]) -> Result<Self, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let value = |name: &str| {
            let value =
                fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.trim());
            value.filter(|value| !value.is_empty()).map(str::to_owned)
        };
        let mut refuse = |field: &str, message: String| {
            problems.push(FieldProblem::new(field, message));
        };
        let mut filter = Self::default();
        if let Some(text) = value("stage") {
            match text.parse() {
                Ok(name) => filter.stage = Some(name),
                Err(error) => refuse("stage", format!("{error}.")),
            }
        }
        if let Some(text) = value("endpoint") {
            match text.parse() {
                Ok(name) => filter.endpoint = Some(name),
                Err(error) => refuse("endpoint", format!("{error}.")),
            }
        }
        if let Some(text) = value("kind") {
            filter.kind = Kind::ALL.into_iter().find(|kind| kind.word() == text);
            if filter.kind.is_none() {
                refuse(
                    "kind",
                    "There is no such kind of entry. Choose one from the list.".to_owned(),
                );
            }
        }
        for (name, to) in [("from", &mut filter.from), ("to", &mut filter.to)] {
            let Some(text) = value(name) else { continue };
            *to = Timestamp::parse_utc(&text);
            if to.is_none() {
                refuse(
                    name,
                    format!("“{name}” is not a time. Write it like 2026-11-23T09:47 (UTC)."),
                );
            }
        }
        for (name, to) in [("person", &mut filter.person), ("text", &mut filter.text)] {
            *to = value(name);
            if to.as_ref().is_some_and(|text| text.chars().count() > TEXT_MAX) {
                refuse(
                    name,
                    format!("“{name}” is longer than {TEXT_MAX} characters. Use a shorter text."),
                );
            }
        }
        if let Some(text) = value("before") {
            filter.before = text.parse().ok();
            if filter.before.is_none() {
                refuse("before", "“before” is not the number of an entry.".to_owned());
            }
        }
        if problems.is_empty() { Ok(filter) } else { Err(problems) }
    }

    /// For an entry that counts refusals: the filter that finds those of the same person, kind and period that were
    /// recorded.
    #[must_use]
    pub fn of_counted(record: &Record) -> Option<Self> {
        record.after.get("left_out")?;
        let from = record.after.get("from").and_then(|from| Timestamp::parse_utc(from));
        let person = Some(record.by.chars().take(TEXT_MAX).collect());
        Some(Self { kind: Some(record.kind), person, from, to: Some(record.at), ..Self::default() })
    }

    /// The inverse of [`Self::parse`].
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let fields = [
            ("stage", self.stage.as_ref().map(ToString::to_string)),
            ("endpoint", self.endpoint.as_ref().map(ToString::to_string)),
            ("person", self.person.clone()),
            ("kind", self.kind.map(|kind| kind.word().to_owned())),
            ("from", self.from.map(Timestamp::field)),
            ("to", self.to.map(Timestamp::field)),
            ("text", self.text.clone()),
            ("before", self.before.map(|index| index.to_string())),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(fields: &[(&str, &str)]) -> Vec<(String, String)> {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_filter_survives_a_round_trip_through_its_query() {
        let fields = pairs(&[
            ("stage", "anet-prod"),
            ("endpoint", "anet-ep-prod"),
            ("person", "Dana"),
            ("kind", "settled"),
            ("from", "2026-11-23T09:47"),
            ("to", "2026-11-23T10:00:30"),
            ("text", "50 %_'\""),
            ("before", "120"),
            ("else", "ignored"),
        ]);
        let filter = Filter::parse(&fields).expect("a filter");
        let again: Vec<_> =
            filter.fields().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        assert_eq!(again.len(), 8);
        assert_eq!(Filter::parse(&again), Ok(filter));
        assert_eq!(Filter::parse(&pairs(&[("stage", " "), ("text", "")])), Ok(Filter::default()));
    }

    #[test]
    fn invalid_fields_are_rejected_one_by_one() {
        let long = "x".repeat(101);
        let fields = pairs(&[
            ("stage", "../x"),
            ("endpoint", "'; DROP TABLE ledger --"),
            ("kind", "everything"),
            ("from", "yesterday"),
            ("to", "2026-02-30T00:00"),
            ("text", &long),
            ("before", "-1"),
        ]);
        let problems = Filter::parse(&fields).expect_err("refused");
        let names: Vec<_> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(names, ["stage", "endpoint", "kind", "from", "to", "text", "before"]);
    }
}
