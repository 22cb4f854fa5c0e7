//! What was recorded: entries of the ledger as people see them, and what they look for.

use super::name::{EndpointName, StageName};
use super::route::Route;
use super::route_form::FieldProblem;
use super::stage::EndpointKey;
use super::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most characters of a text that is looked for.
const TEXT_MAX: usize = 100;

/// What kind of fact an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The console started with another configuration than before.
    Configured,
    /// Somebody tried what they may not do.
    Denied,
    /// The console is about to ask Azure for something.
    Intended,
    /// Another key signs the ledger from here on.
    KeyChanged,
    /// Azure has something that the console did not ask for, or that it sees for the first time.
    Observed,
    /// What was intended has ended.
    Settled,
    /// Somebody was not let in.
    SignInRefused,
    /// Somebody signed in.
    SignedIn,
    /// Somebody signed out.
    SignedOut,
}

impl Kind {
    /// All kinds, in the order of the filter.
    pub const ALL: [Self; 9] = [
        Self::Intended,
        Self::Settled,
        Self::Observed,
        Self::Denied,
        Self::SignedIn,
        Self::SignedOut,
        Self::SignInRefused,
        Self::Configured,
        Self::KeyChanged,
    ];

    /// Its word in URLs and in the store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Configured => "configured",
            Self::Denied => "denied",
            Self::Intended => "intended",
            Self::KeyChanged => "key_changed",
            Self::Observed => "observed",
            Self::Settled => "settled",
            Self::SignInRefused => "sign_in_refused",
            Self::SignedIn => "signed_in",
            Self::SignedOut => "signed_out",
        }
    }

    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Configured => "Configuration",
            Self::Denied => "Denied",
            Self::Intended => "Begun",
            Self::KeyChanged => "Signing key",
            Self::Observed => "Observed",
            Self::Settled => "Ended",
            Self::SignInRefused => "Sign-in refused",
            Self::SignedIn => "Sign-in",
            Self::SignedOut => "Sign-out",
        }
    }
}

/// How what is recorded ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is so.
    Done,
    /// It was tried and did not come out as asked.
    Failed,
    /// It has been begun; another entry says how it ended.
    Pending,
    /// It was not done, because a rule forbids it.
    Refused,
}

/// Fields and their values.
pub type Facts = BTreeMap<String, String>;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its place, counted from 0.
    pub index: u64,
    /// When.
    pub at: Timestamp,
    /// What kind of fact.
    pub kind: Kind,
    /// What, in a sentence.
    pub what: String,
    /// Who, by the name at that time.
    pub by: String,
    /// Directory and object of the person.
    pub by_id: Option<String>,
    /// The roles at that time.
    pub roles: Vec<String>,
    /// The endpoint it is about.
    pub endpoint: Option<EndpointKey>,
    /// The deployment it is about.
    pub deployment: Option<String>,
    /// The console's operation: joins an intent with its end.
    pub operation: Option<String>,
    /// How it was.
    pub before: Facts,
    /// How it is, or is to be.
    pub after: Facts,
    /// Why, in the person's words.
    pub reason: Option<String>,
    /// The request that caused it.
    pub request: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// How it ended, in words.
    pub message: Option<String>,
}

/// What is looked for. All that is given must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// On this stage.
    pub stage: Option<StageName>,
    /// On this endpoint.
    pub endpoint: Option<EndpointName>,
    /// By somebody whose name contains this.
    pub person: Option<String>,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Not after.
    pub to: Option<Timestamp>,
    /// Containing this text.
    pub text: Option<String>,
    /// Older than the entry with this index: the next page.
    pub before: Option<u64>,
}

impl Filter {
    /// Reads the fields of a query; empty ones count as not given, and what does not belong is ignored.
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
            problems.push(FieldProblem { field: field.to_owned(), message });
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
                    "There is no such kind of entry; choose one from the list.".to_owned(),
                );
            }
        }
        for (name, to) in [("from", &mut filter.from), ("to", &mut filter.to)] {
            let Some(text) = value(name) else { continue };
            *to = Timestamp::parse_utc(&text);
            if to.is_none() {
                refuse(
                    name,
                    format!("“{name}” is not a time; write it like 2026-11-23T09:47 (UTC)."),
                );
            }
        }
        for (name, to) in [("person", &mut filter.person), ("text", &mut filter.text)] {
            *to = value(name);
            if to.as_ref().is_some_and(|text| text.chars().count() > TEXT_MAX) {
                refuse(name, format!("“{name}” is longer than {TEXT_MAX} characters; shorten it."));
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

    /// The fields of the query that means the same.
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

/// What an endpoint's route was at a time, as far as was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveAt {
    /// The endpoint.
    pub endpoint: EndpointKey,
    /// The time that was asked for.
    pub time: Timestamp,
    /// The route; `None` when nothing was recorded until then.
    pub route: Option<Route>,
    /// The entry that says so.
    pub since: Option<Record>,
    /// The next entry about the route: it was over then.
    pub until: Option<Record>,
}

/// What verifying the stored ledger found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// It is intact.
    Intact {
        /// Entries.
        size: u64,
        /// The tree's root, in base64.
        root: String,
        /// Who signs: name and id of the key.
        signer: String,
    },
    /// It is not.
    Bad {
        /// The first bad entry and what is wrong with it.
        fault: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(fields: &[(&str, &str)]) -> Vec<(String, String)> {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_filter_survives_its_query() {
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
    fn what_is_no_filter_is_refused_field_by_field() {
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
