//! Entries: what the ledger says, one fact each.
//!
//! The fields of every struct stand in alphabetical order, because that is their order in the canonical
//! form; see [`crate::canonical`].

use crate::tree::Hash;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

pub use crate::kind::Kind;

/// Fields and their values, such as `route: blue=90,green=10`.
pub type Facts = BTreeMap<String, String>;

/// Who is behind an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct By {
    /// The person's directory and object, `tenant/object`: names change, this does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What sort of actor.
    pub kind: Actor,
    /// The name at that time.
    pub name: String,
    /// The roles at that time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
}

/// A sort of actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// Nobody that the console knows.
    Anonymous,
    /// The console itself.
    Console,
    /// Somebody or something outside the console.
    Elsewhere,
    /// A person who has signed in.
    Person,
}

/// What an entry is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The change: joins a proposal with what was decided about it, and with its start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// The deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment: Option<String>,
    /// The endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The console's operation: joins an intent with its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
}

/// How something ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ending {
    /// In words, when there is more to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// In one word.
    pub outcome: Outcome,
}

/// How something ended, in one word.
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

impl Outcome {
    /// Its word in exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Pending => "pending",
            Self::Refused => "refused",
        }
    }
}

/// A point in time, to the millisecond: `2026-11-23T09:47:12.345Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Instant(i64);

/// A time outside the years 0 to 9999, or a text that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a time between the years 0 and 9999, written like 2026-11-23T09:47:12.345Z")]
pub struct NoInstant;

const FORMAT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

impl Instant {
    /// The start of 1970.
    pub const EPOCH: Self = Self(0);

    /// From milliseconds since 1970.
    ///
    /// # Errors
    /// [`NoInstant`] outside the years 0 to 9999.
    pub fn from_ms(ms: i64) -> Result<Self, NoInstant> {
        let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000);
        match at {
            Ok(at) if at.year() >= 0 => Ok(Self(ms)),
            _ => Err(NoInstant),
        }
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn ms(self) -> i64 {
        self.0
    }
}

impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000);
        let text = at.ok().and_then(|at| at.format(FORMAT).ok());
        f.write_str(&text.unwrap_or_default())
    }
}

impl TryFrom<String> for Instant {
    type Error = NoInstant;
    fn try_from(text: String) -> Result<Self, NoInstant> {
        let at = PrimitiveDateTime::parse(&text, FORMAT).map_err(|_| NoInstant)?.assume_utc();
        Self::from_ms(at.unix_timestamp() * 1000 + i64::from(at.millisecond()))
    }
}

impl From<Instant> for String {
    fn from(at: Instant) -> Self {
        at.to_string()
    }
}

/// What is to be recorded, before it has its place in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// When.
    pub at: Instant,
    /// Who.
    pub by: By,
    /// What kind of fact.
    pub kind: Kind,
    /// What, in a sentence.
    pub what: String,
    /// What it is about.
    pub about: About,
    /// How it was.
    pub before: Facts,
    /// How it is, or is to be.
    pub after: Facts,
    /// Why, in the person's words.
    pub reason: Option<String>,
    /// The request that caused it; finds its lines in the log.
    pub request: Option<String>,
    /// How it ended.
    pub result: Ending,
}

/// One fact, at its place in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What it is about.
    pub about: About,
    /// How it is, or is to be.
    pub after: Facts,
    /// When.
    pub at: Instant,
    /// How it was.
    pub before: Facts,
    /// Who.
    pub by: By,
    /// Its place, counted from 0.
    pub index: u64,
    /// What kind of fact.
    pub kind: Kind,
    /// The leaf hash of the entry before it; of the empty tree for the first.
    pub previous: Hash,
    /// Why, in the person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The request that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// How it ended.
    pub result: Ending,
    /// The format's version, [`crate::VERSION`].
    pub v: u32,
    /// What, in a sentence.
    pub what: String,
}

impl Draft {
    /// Gives the fact its place after the entry with the hash `previous`.
    #[must_use]
    pub fn at(self, index: u64, previous: Hash) -> Entry {
        let Self { at, by, kind, what, about, before, after, reason, request, result } = self;
        let v = crate::VERSION;
        Entry {
            about,
            after,
            at,
            before,
            by,
            index,
            kind,
            previous,
            reason,
            request,
            result,
            v,
            what,
        }
    }
}
