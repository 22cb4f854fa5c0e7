//! Entries of the ledger as screens show them, and queries of the ledger.

use super::route::Route;
use super::stage::EndpointKey;
use super::timestamp::Timestamp;
use super::vocabulary::vocabulary;
use crate::ids::ChangeId;
use crate::ids::JobId;
use crate::ids::RunId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The kind of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The console started with a changed configuration.
    Configured,
    /// A person decided about a run: stop, retry, roll back or close.
    Decided,
    /// A person was denied an action.
    Denied,
    /// The console is about to change something in Azure.
    Intended,
    /// A new key signs the ledger from here on.
    KeyChanged,
    /// The console observed a change that it did not make, or a resource for the first time.
    Observed,
    /// An intended operation ended, or one of its steps set the route.
    Settled,
    /// A sign-in was rejected.
    SignInRefused,
    SignedIn,
    SignedOut,
    /// A person proposed a change.
    Proposed,
    /// A person approved a proposed change.
    Approved,
    /// A person rejected a proposed change.
    Refused,
    /// A person withdrew their proposal.
    Withdrawn,
    /// A person commented on a change.
    Commented,
    /// A change's plan changed, which revoked its approvals.
    Replanned,
    /// A proposed change was pending for too long.
    Expired,
    /// A change started, by a person or on schedule.
    Started,
    /// A person froze a stage, which blocks changes.
    Frozen,
    /// A person unfroze a stage.
    Thawed,
    /// A person captured evidence.
    Captured,
    /// An approval no longer counts, because the approver lost the right to approve.
    Lapsed,
    /// An administrator let the console continue with a ledger that does not extend the previous one.
    BegunAgain,
    /// A run that broken glass began applied a pending change, which is closed.
    Superseded,
    /// A person broke glass: a run overrode rules of a stage's policy.
    BrokeGlass,
    /// Another person acknowledged broken glass.
    GlassAcknowledged,
}

vocabulary!(
    Kind:
    /// All kinds, in the order of the filter.
    ALL,
    /// The kind's word in URLs and in the store.
    word,
    /// The kind's name on screens.
    label,
    Proposed = "proposed", "Proposed";
    Approved = "approved", "Approved";
    Refused = "refused", "Rejected";
    Withdrawn = "withdrawn", "Withdrawn";
    Commented = "commented", "Comment";
    Replanned = "replanned", "Re-planned";
    Lapsed = "lapsed", "Approval lapsed";
    Expired = "expired", "Expired";
    Superseded = "superseded", "Superseded";
    Captured = "captured", "Evidence";
    Started = "started", "Started";
    BrokeGlass = "broke_glass", "Glass broken";
    GlassAcknowledged = "glass_acknowledged", "Broken glass acknowledged";
    Intended = "intended", "Begun";
    Settled = "settled", "Ended";
    Decided = "decided", "Decided";
    Observed = "observed", "Observed";
    Frozen = "frozen", "Frozen";
    Thawed = "thawed", "Unfrozen";
    Denied = "denied", "Not allowed";
    SignedIn = "signed_in", "Sign-in";
    SignedOut = "signed_out", "Sign-out";
    SignInRefused = "sign_in_refused", "Sign-in rejected";
    Configured = "configured", "Configuration";
    KeyChanged = "key_changed", "Signing key";
    BegunAgain = "begun_again", "Ledger begun again";
);

/// The outcome of the recorded fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Succeeded.
    Done,
    /// Tried, but failed.
    Failed,
    /// Begun; a later entry has the outcome.
    Pending,
    /// Not done, because a rule forbids it.
    Refused,
}

/// Values by field name.
pub type Facts = BTreeMap<String, String>;

/// An entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Position in the ledger, counted from 0.
    pub index: u64,
    pub at: Timestamp,
    pub kind: Kind,
    pub what: String,
    /// The person's name at that time.
    pub by: String,
    /// The person's tenant and object id in Entra.
    pub by_id: Option<String>,
    /// The person's roles at that time.
    pub roles: Vec<String>,
    /// The endpoint that the entry concerns.
    pub endpoint: Option<EndpointKey>,
    /// The deployment that the entry concerns.
    pub deployment: Option<String>,
    /// The change, which links a proposal, its decisions and its start.
    pub change: Option<ChangeId>,
    /// The operation, which links an intent with its outcome.
    pub operation: Option<String>,
    /// The job, which links its beginning with its end.
    pub job: Option<JobId>,
    pub before: Facts,
    /// The state after the fact, or the intended state.
    pub after: Facts,
    /// The reason in the person's words.
    pub reason: Option<String>,
    /// The id of the HTTP request.
    pub request: Option<String>,
    pub outcome: Outcome,
    /// The outcome in words.
    pub message: Option<String>,
}

impl Record {
    /// The entry's kind on screens. A run that has set the route and goes on, for example bakes, has not ended.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self.is_of_step() {
            true => "Traffic set",
            false => self.kind.label(),
        }
    }

    /// Whether the entry is about one step of a run that goes on. Such an entry has no route before, because the entry
    /// of the run's end has the one from before the run.
    fn is_of_step(&self) -> bool {
        self.kind == Kind::Settled && self.before.is_empty() && self.after.contains_key("route")
    }

    /// The run that the entry concerns.
    #[must_use]
    pub fn run(&self) -> Option<RunId> {
        self.operation.as_ref()?.parse().ok()
    }
}

/// The recorded route of an endpoint at a point in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveAt {
    pub endpoint: EndpointKey,
    pub time: Timestamp,
    /// The route; `None` if none was recorded before that time.
    pub route: Option<Route>,
    /// The entry that recorded the route.
    pub since: Option<Record>,
    /// The next entry about the route, which ended its validity.
    pub until: Option<Record>,
    /// The latest verification of the ledger, on which this answer relies.
    pub checked: Option<Checked>,
}

/// The result of the latest verification of the stored ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    pub at: Timestamp,
    /// Number of verified entries; 0 if there is a fault.
    pub size: u64,
    /// The first fault; `None` if the ledger is intact.
    pub fault: Option<String>,
}

/// The result of a verification of the stored ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    Intact {
        size: u64,
        /// The tree's root, in base64.
        root: String,
        /// Name and id of the signing key.
        signer: String,
    },
    Bad {
        /// The first invalid entry and its fault.
        fault: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(before: &[(&str, &str)], after: &[(&str, &str)]) -> Record {
        let facts = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect()
        };
        Record {
            index: 7,
            at: Timestamp(0),
            kind: Kind::Settled,
            what: "Set the route to blue 90 %, green 10 %".to_owned(),
            by: "Dana Scott".to_owned(),
            by_id: None,
            roles: Vec::new(),
            endpoint: None,
            deployment: None,
            change: None,
            operation: None,
            job: None,
            before: facts(before),
            after: facts(after),
            reason: None,
            request: None,
            outcome: Outcome::Done,
            message: None,
        }
    }

    #[test]
    fn a_run_that_goes_on_has_not_ended() {
        let (all, some) = ([("route", "blue=100")], [("route", "blue=90,green=10")]);
        assert_eq!(settled(&[], &some).label(), "Traffic set");
        assert_eq!(settled(&all, &some).label(), "Ended");
        assert_eq!(settled(&[], &[("deployment", "green")]).label(), "Ended");
        assert_eq!(settled(&[], &[]).label(), "Ended");
    }
}
