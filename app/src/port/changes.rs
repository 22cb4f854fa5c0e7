//! What the pages of changes and stages show.

use crate::domain::change::{Change, ChangeId, Stamped, State};
use crate::domain::evidence::standing::Standing;
use crate::domain::guard::facts::Gate;
use crate::domain::notification::Webhook;
use crate::domain::plan::Plan;
use crate::domain::policy::Policy;
use crate::domain::release::answers::Answered;
use crate::domain::repository::{Reference, ReleaseId};
use crate::domain::run::view::RunView;
use crate::domain::stage::{EndpointKey, Freeze, Stage};
use crate::domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// One change in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeSummary {
    /// Which.
    pub id: ChangeId,
    /// Where.
    pub at: EndpointKey,
    /// What, in a few words.
    pub title: String,
    /// Where it stands.
    pub state: State,
    /// Who proposed it, by name.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub proposed: Timestamp,
    /// When it expires if it still waits.
    pub expires: Timestamp,
    /// When it is to start by itself, once approved.
    pub start: Option<Timestamp>,
    /// How many approvals are still missing.
    pub missing: usize,
}

/// All changes that matter now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangesView {
    /// The server's clock, from which ages are computed.
    pub now: Timestamp,
    /// Those that this person can approve, the oldest first.
    pub for_me: Vec<ChangeSummary>,
    /// The others that wait for somebody, or for their time.
    pub waiting: Vec<ChangeSummary>,
    /// Those that are being carried out, or stopped and need attention.
    pub running: Vec<ChangeSummary>,
    /// The newest of those that are over.
    pub recent: Vec<ChangeSummary>,
    /// Differs from that of the live events when the page is old.
    pub stamp: String,
}

/// Why this person may not do each thing; `None` where they may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyNot {
    /// Approving.
    pub approve: Option<String>,
    /// Refusing.
    pub refuse: Option<String>,
    /// Taking it back.
    pub withdraw: Option<String>,
    /// Starting.
    pub start: Option<String>,
}

/// The release that a change carries out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseOfChange {
    /// Which.
    pub id: ReleaseId,
    /// The branch, tag or commit that was asked for; the repository's own when `None`.
    pub reference: Option<Reference>,
    /// The commit that it was read at, in short; none for a folder.
    pub commit: Option<String>,
    /// The same in full, for the release's page.
    pub at_commit: Option<Reference>,
    /// Inputs that differ from the file.
    pub answers: Vec<Answered>,
    /// That the branch has moved since, or that nobody can tell.
    pub moved: Option<String>,
}

/// One change's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeView {
    /// The server's clock, from which ages are computed.
    pub now: Timestamp,
    /// Which.
    pub id: ChangeId,
    /// Where.
    pub at: EndpointKey,
    /// What, in a few words.
    pub title: String,
    /// The change.
    pub change: Change,
    /// All that happened to it.
    pub events: Vec<Stamped>,
    /// What would be done now, or what was done.
    pub plan: Plan,
    /// The release that it carries out, when it is about one.
    pub release: Option<ReleaseOfChange>,
    /// How the evidence stands that is required for it; what was signed, when nothing waits any more.
    pub evidence: Vec<Standing>,
    /// Why this person may not capture evidence; `None` when they may.
    pub may_not_capture: Option<String>,
    /// Why it does not start by itself although it is scheduled; `None` when it does.
    pub not_by_itself: Option<String>,
    /// Why the plan could not be compared with the endpoint as it is now; `None` when it was.
    pub not_compared: Option<String>,
    /// What this person may not do.
    pub why_not: WhyNot,
    /// Whether this person is offered to break glass for it: it waits, and they may.
    pub may_break_glass: bool,
    /// What carries it out, once started.
    pub run: Option<RunView>,
    /// Differs from that of the live events when the page is old.
    pub stamp: String,
}

/// One stage's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageRules {
    /// The server's clock, from which ages are computed.
    pub now: Timestamp,
    /// The stage.
    pub stage: Stage,
    /// What it asks before something is done to it.
    pub policy: Policy,
    /// Whether it takes changes now; `None` when it has no freeze and no hours.
    pub gate: Option<Gate>,
    /// Who froze it, when and why.
    pub freeze: Option<Freeze>,
    /// Why this person may not freeze or thaw it.
    pub may_not_freeze: Option<String>,
    /// Its changes that wait or run.
    pub changes: Vec<ChangeSummary>,
    /// The webhooks that receive this stage's events.
    pub webhooks: Vec<Webhook>,
}
