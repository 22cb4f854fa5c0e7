//! The events of a change, which are stored permanently.

use crate::evidence::Attached;
use crate::ids::{JobId, RunId};
use crate::timestamp::Timestamp;
use crate::user::Person;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The hash that an approval signs: SHA-256 over plan, base state and evidence, in lower-case hexadecimal. The plan's
/// own hash covers plan and base state.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SubjectHash(pub String);

impl SubjectHash {
    /// The first characters of the hash, for screens.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

/// How a change's run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// All steps succeeded, and Azure returned the requested state when read back.
    Succeeded,
    /// The run stopped in a known state and needs a person's decision.
    Failed {
        /// What happened, the rule and the remedy.
        message: String,
    },
    /// A person stopped the run before its next step.
    Cancelled,
    /// The previous route was restored.
    RolledBack,
}

impl Event {
    /// A copy of the event with `say` applied to all free text.
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
            | Self::Superseded { .. }
            | Self::Started { .. }
            | Self::Ended(Ending::Succeeded | Ending::Cancelled | Ending::RolledBack) => {}
        }
        self
    }
}

/// An event of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Always the first event, and only the first.
    Proposed {
        by: Person,
        reason: String,
        /// The hash to approve.
        subject: SubjectHash,
        approvals: u8,
        /// When the change expires if it is still pending.
        expires: Timestamp,
        /// When the change starts, once approved; `None` if a person starts it.
        start: Option<Timestamp>,
        /// The evidence that is part of the subject.
        #[serde(default)]
        evidence: Vec<Attached>,
        /// The job that proposed the change for the person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        job: Option<JobId>,
    },
    /// Plan, base state or evidence changed, which invalidates earlier approvals.
    Replanned {
        /// The new hash to approve.
        subject: SubjectHash,
        /// A sentence that says what changed.
        why: String,
        /// The evidence that is part of the subject.
        #[serde(default)]
        evidence: Vec<Attached>,
    },
    /// An approval no longer counts, because the approver lost the right to approve.
    Lapsed {
        of: Person,
        why: String,
    },
    Approved {
        by: Person,
        subject: SubjectHash,
        /// What they said; may be empty.
        comment: String,
    },
    /// An approver rejected the change.
    Refused {
        by: Person,
        comment: String,
    },
    Commented {
        by: Person,
        text: String,
    },
    /// The proposer withdrew the change.
    Withdrawn {
        by: Person,
    },
    /// The change was pending for too long.
    Expired,
    /// A person broke glass for the pending change, and that run succeeded.
    Superseded {
        by: Person,
        /// The run that broken glass began.
        run: RunId,
    },
    /// The change's run began.
    Started {
        /// The person who started the change; `None` if it started on schedule.
        by: Option<Person>,
        run: RunId,
    },
    /// The run ended.
    Ended(Ending),
}

impl Event {
    /// The event's word in the store.
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
            Self::Superseded { .. } => "superseded",
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
