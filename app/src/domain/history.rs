//! What was recorded: entries of the ledger as people see them, and what they ask of them.

use super::change::ChangeId;
use super::route::Route;
use super::run::RunId;
use super::stage::EndpointKey;
use super::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What kind of fact an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The console started with another configuration than before.
    Configured,
    /// Somebody decided about what is being done: stop, retry, roll back, leave.
    Decided,
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
    /// Somebody proposed a change.
    Proposed,
    /// Somebody approved a proposed change.
    Approved,
    /// Somebody refused a proposed change.
    Refused,
    /// Somebody took their proposal back.
    Withdrawn,
    /// Somebody said something about a change.
    Commented,
    /// What was proposed would do something else now: approvals of it fell away.
    Replanned,
    /// A proposed change waited too long.
    Expired,
    /// A change was started, by somebody or because its time had come.
    Started,
    /// Somebody froze a stage: it takes no changes.
    Frozen,
    /// Somebody thawed a frozen stage.
    Thawed,
    /// Somebody captured evidence.
    Captured,
    /// An approval counts no more: whoever gave it may not approve any more.
    Lapsed,
    /// Somebody who keeps the console let it go on with a ledger that does not continue the one before.
    BegunAgain,
    /// Somebody broke glass: rules of a stage's policy were set aside for a run.
    BrokeGlass,
    /// Somebody else acknowledged that glass was broken.
    GlassAcknowledged,
}

impl Kind {
    /// All kinds, in the order of the filter.
    pub const ALL: [Self; 25] = [
        Self::Proposed,
        Self::Approved,
        Self::Refused,
        Self::Withdrawn,
        Self::Commented,
        Self::Replanned,
        Self::Lapsed,
        Self::Expired,
        Self::Captured,
        Self::Started,
        Self::BrokeGlass,
        Self::GlassAcknowledged,
        Self::Intended,
        Self::Settled,
        Self::Decided,
        Self::Observed,
        Self::Frozen,
        Self::Thawed,
        Self::Denied,
        Self::SignedIn,
        Self::SignedOut,
        Self::SignInRefused,
        Self::Configured,
        Self::KeyChanged,
        Self::BegunAgain,
    ];

    /// Its word in URLs and in the store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Configured => "configured",
            Self::Decided => "decided",
            Self::Denied => "denied",
            Self::Intended => "intended",
            Self::KeyChanged => "key_changed",
            Self::Observed => "observed",
            Self::Settled => "settled",
            Self::SignInRefused => "sign_in_refused",
            Self::SignedIn => "signed_in",
            Self::SignedOut => "signed_out",
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Commented => "commented",
            Self::Replanned => "replanned",
            Self::Expired => "expired",
            Self::Started => "started",
            Self::Frozen => "frozen",
            Self::Thawed => "thawed",
            Self::Captured => "captured",
            Self::Lapsed => "lapsed",
            Self::BegunAgain => "begun_again",
            Self::BrokeGlass => "broke_glass",
            Self::GlassAcknowledged => "glass_acknowledged",
        }
    }

    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Configured => "Configuration",
            Self::Decided => "Decided",
            Self::Denied => "Denied",
            Self::Intended => "Begun",
            Self::KeyChanged => "Signing key",
            Self::Observed => "Observed",
            Self::Settled => "Ended",
            Self::SignInRefused => "Sign-in refused",
            Self::SignedIn => "Sign-in",
            Self::SignedOut => "Sign-out",
            Self::Proposed => "Proposed",
            Self::Approved => "Approved",
            Self::Refused => "Refused",
            Self::Withdrawn => "Withdrawn",
            Self::Commented => "Comment",
            Self::Replanned => "Planned anew",
            Self::Expired => "Expired",
            Self::Started => "Started",
            Self::Frozen => "Frozen",
            Self::Thawed => "Thawed",
            Self::Captured => "Evidence",
            Self::Lapsed => "Approval lapsed",
            Self::BegunAgain => "Ledger begun again",
            Self::BrokeGlass => "Glass broken",
            Self::GlassAcknowledged => "Broken glass acknowledged",
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
    /// The change: joins a proposal with what was decided about it, and with its start.
    pub change: Option<ChangeId>,
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

impl Record {
    /// The run that it is about.
    #[must_use]
    pub fn run(&self) -> Option<RunId> {
        self.operation.as_ref()?.parse().ok()
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
    /// What the latest verification of the stored ledger found, on which this answer rests.
    pub checked: Option<Checked>,
}

/// What the latest verification of the stored ledger found, whoever caused it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// When it ended.
    pub at: Timestamp,
    /// Entries that it looked at; 0 when it found a fault.
    pub size: u64,
    /// The first fault; `None` when the ledger is intact.
    pub fault: Option<String>,
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
