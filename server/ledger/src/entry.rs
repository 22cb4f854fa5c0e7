//! Entries of the ledger.
//!
//! The fields of every struct are in alphabetical order, because that is their order in the canonical form; see
//! [`crate::canonical`].

use crate::tree::Hash;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

pub use crate::kind::Kind;

/// Fields and their values, such as `route: blue=90,green=10`.
pub type Facts = BTreeMap<String, String>;

/// The actor of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct By {
    /// The person's Entra tenant id and object id, `tenant/object`, which never change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub kind: Actor,
    /// At the time of the entry.
    pub name: String,
    /// At the time of the entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
}

/// A kind of actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// Somebody who has not signed in.
    Anonymous,
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
    /// Joins a proposal with its decisions and its start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The job, which joins its beginning with its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// The run, which joins an intent with its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
}

/// The result of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ending {
    /// Details.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    pub outcome: Outcome,
}

/// The result in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Done,
    Failed,
    /// Another entry has the result.
    Pending,
    /// A rule forbids it.
    Refused,
}

impl Outcome {
    /// The word in exports.
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

/// A time in milliseconds: `2026-11-23T09:47:12.345Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Instant(i64);

/// A time outside the years 0 to 9999, or invalid text.
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

/// An entry that has no place in the ledger yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub at: Instant,
    pub by: By,
    pub kind: Kind,
    pub what: String,
    pub about: About,
    pub before: Facts,
    /// The new state, which may be only intended.
    pub after: Facts,
    /// In the person's words.
    pub reason: Option<String>,
    /// The id of the request, as in the log.
    pub request: Option<String>,
    pub result: Ending,
}

/// An entry at its place in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub about: About,
    /// The new state, which may be only intended.
    pub after: Facts,
    pub at: Instant,
    pub before: Facts,
    pub by: By,
    /// Counted from 0.
    pub index: u64,
    pub kind: Kind,
    /// The leaf hash of the preceding entry; for the first entry the root of the empty tree.
    pub previous: Hash,
    /// In the person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The id of the request, as in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    pub result: Ending,
    /// The format's version, [`crate::VERSION`].
    pub v: u32,
    pub what: String,
}

impl Draft {
    /// The entry at `index`, after the entry with the hash `previous`.
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
