//! Views of changes and stages.

use super::Result;
use async_trait::async_trait;
use domain::change::event::SubjectHash;
use domain::change::proposal::Act;
use domain::change::proposal::Words;
use domain::change::{Change, ChangeId, Stamped, State};
use domain::evidence::status::EvidenceStatus;
use domain::glass::Broken;
use domain::guard::inputs::Gate;
use domain::notification::Webhook;
use domain::plan::Plan;
use domain::policy::Policy;
use domain::release::answers::Answered;
use domain::repository::{Reference, ReleaseId};
use domain::run::view::RunView;
use domain::stage::{Freeze, Stage};
use domain::target::Target;
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// One change in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeSummary {
    pub id: ChangeId,
    pub target: Target,
    /// What the change does, in a few words.
    pub title: String,
    pub state: State,
    /// Who proposed it, by name.
    pub by: String,
    pub reason: String,
    pub proposed: Timestamp,
    /// When the change expires if it is still pending.
    pub expires: Timestamp,
    pub start: Option<Timestamp>,
    pub missing: usize,
}

/// All open changes, and the newest closed ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangesView {
    pub now: Timestamp,
    /// Changes that this person can approve, oldest first.
    pub for_me: Vec<ChangeSummary>,
    /// Other pending changes, which wait for somebody else or for their scheduled start.
    pub waiting: Vec<ChangeSummary>,
    /// Changes that are running, or that stopped and need attention.
    pub running: Vec<ChangeSummary>,
    pub recent: Vec<ChangeSummary>,
    /// Differs from the stamp of the live events if the page is outdated.
    pub stamp: String,
}

/// Why this person may not take each action; `None` if they may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyNot {
    pub approve: Option<String>,
    pub refuse: Option<String>,
    pub withdraw: Option<String>,
    pub start: Option<String>,
}

/// The release that a change deploys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseOfChange {
    pub id: ReleaseId,
    /// The requested branch, tag or commit; `None` means the repository's configured one.
    pub reference: Option<Reference>,
    /// The commit that was read, abbreviated; `None` for a folder.
    pub commit: Option<String>,
    /// The full commit, for the link to the release's page.
    pub at_commit: Option<Reference>,
    /// Inputs that differ from the file.
    pub answers: Vec<Answered>,
    /// Says that the branch has moved since, or that the console cannot tell.
    pub moved: Option<String>,
}

/// One change's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeView {
    pub now: Timestamp,
    pub id: ChangeId,
    pub target: Target,
    pub title: String,
    pub change: Change,
    pub events: Vec<Stamped>,
    /// The current plan or, for a started change, the plan at its start.
    pub plan: Plan,
    pub release: Option<ReleaseOfChange>,
    /// The required evidence; for a change that is no longer pending, the approved evidence.
    pub evidence: Vec<EvidenceStatus>,
    pub may_not_capture: Option<String>,
    /// Why a scheduled change does not start; `None` if it does.
    pub not_by_itself: Option<String>,
    /// Why the plan was not compared with the current endpoint; `None` if it was.
    pub not_compared: Option<String>,
    pub why_not: WhyNot,
    /// Whether to offer breaking glass: the change is pending, and this person may.
    pub may_break_glass: bool,
    /// Glass that was broken for the change, the newest first.
    pub broken: Vec<Broken>,
    /// The run that applies the change, once started.
    pub run: Option<RunView>,
    pub stamp: String,
}

/// One stage's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageRules {
    pub now: Timestamp,
    pub stage: Stage,
    pub policy: Policy,
    pub gate: Option<Gate>,
    pub freeze: Option<Freeze>,
    pub may_not_freeze: Option<String>,
    /// The stage's pending and running changes.
    pub changes: Vec<ChangeSummary>,
    /// The webhooks that receive this stage's events.
    pub webhooks: Vec<Webhook>,
}

/// Changes: reading, approving and starting them.
#[async_trait]
pub trait ChangesApi: Send + Sync {
    /// All pending, running and recently closed changes.
    async fn changes(&self) -> Result<ChangesView>;
    /// How many changes this person can approve now.
    async fn changes_for_me(&self) -> Result<usize>;
    /// One change.
    async fn change(&self, id: &ChangeId) -> Result<ChangeView>;
    /// Decides or comments on a change. If the change no longer has the hash `seen`, the call fails and has no effect.
    async fn decide_change(
        &self,
        id: &ChangeId,
        act: Act,
        seen: &SubjectHash,
        comment: Option<Words>,
    ) -> Result<()>;
}
