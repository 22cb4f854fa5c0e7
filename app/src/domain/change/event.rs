//! What happens to a change, one event after the other; they are kept for ever.

use crate::domain::evidence::Attached;
use crate::domain::run::RunId;
use crate::domain::timestamp::Timestamp;
use crate::domain::user::User;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Who did something, as they were called then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Entra's tenant and object id, which name a person for ever.
    pub id: String,
    /// The name to show.
    pub name: String,
    /// The name they sign in with.
    pub username: String,
}

impl From<&User> for Person {
    fn from(user: &User) -> Self {
        Self {
            id: format!("{}/{}", user.tenant, user.object),
            name: user.name.clone(),
            username: user.username.clone(),
        }
    }
}

/// What an approval signs: SHA-256 over plan, base state and evidence, in lower-case hexadecimal. The plan's
/// own hash covers the first two.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SubjectHash(pub String);

impl SubjectHash {
    /// Its beginning, for people.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Everything was done, and what was read back is what was asked for.
    Succeeded,
    /// It stopped in a known state and waits for a person.
    Failed {
        /// What happened, which rule, what to do.
        message: String,
    },
    /// Somebody stopped it before its next step.
    Cancelled,
    /// The route is again as it was before.
    RolledBack,
}

impl Event {
    /// The same event, with what people and others said in it as `say` says it.
    #[must_use]
    pub fn said(mut self, say: impl Fn(&str) -> String) -> Self {
        match &mut self {
            Self::Proposed { reason: said, .. }
            | Self::Replanned { why: said, .. }
            | Self::Lapsed { why: said, .. }
            | Self::Approved { comment: said, .. }
            | Self::Refused { comment: said, .. }
            | Self::Commented { text: said, .. }
            | Self::Ended(Ending::Failed { message: said }) => *said = say(said),
            Self::Withdrawn { .. }
            | Self::Expired
            | Self::Started { .. }
            | Self::Ended(Ending::Succeeded | Ending::Cancelled | Ending::RolledBack) => {}
        }
        self
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Somebody proposed it. Always the first, and only the first.
    Proposed {
        /// Who.
        by: Person,
        /// Why.
        reason: String,
        /// What is to be approved.
        subject: SubjectHash,
        /// How many must approve.
        approvals: u8,
        /// When it expires if it still waits.
        expires: Timestamp,
        /// When it is to start, once approved; when somebody starts it, if this is `None`.
        start: Option<Timestamp>,
        /// The evidence that is part of the subject.
        #[serde(default)]
        evidence: Vec<Attached>,
    },
    /// Plan, base or evidence are others now: what was approved is not what would be done.
    Replanned {
        /// What is to be approved now.
        subject: SubjectHash,
        /// What changed, in a sentence.
        why: String,
        /// The evidence that is part of the subject.
        #[serde(default)]
        evidence: Vec<Attached>,
    },
    /// An approval counts no more: whoever gave it may not approve any more.
    Lapsed {
        /// Whose.
        of: Person,
        /// Why, in a sentence.
        why: String,
    },
    /// Somebody approved.
    Approved {
        /// Who.
        by: Person,
        /// What they saw.
        subject: SubjectHash,
        /// What they said; may be empty.
        comment: String,
    },
    /// Somebody refused.
    Refused {
        /// Who.
        by: Person,
        /// Why.
        comment: String,
    },
    /// Somebody said something.
    Commented {
        /// Who.
        by: Person,
        /// What.
        text: String,
    },
    /// The proposer took it back.
    Withdrawn {
        /// Who.
        by: Person,
    },
    /// It waited too long.
    Expired,
    /// It is being carried out.
    Started {
        /// Who started it; `None` when its time had come.
        by: Option<Person>,
        /// What carries it out.
        run: RunId,
    },
    /// It has ended.
    Ended(Ending),
}

impl Event {
    /// Its word in the store and in tests.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Proposed { .. } => "proposed",
            Self::Replanned { .. } => "replanned",
            Self::Lapsed { .. } => "lapsed",
            Self::Approved { .. } => "approved",
            Self::Refused { .. } => "refused",
            Self::Commented { .. } => "commented",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Expired => "expired",
            Self::Started { .. } => "started",
            Self::Ended(_) => "ended",
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
