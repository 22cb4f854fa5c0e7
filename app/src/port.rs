//! The table of contents of the product: what the console can do for the person who asks.
//!
//! The server implements [`Console`] once, for one request and one signed-in person, and puts it into
//! the request's extensions. Where there is no session there is none, so authentication cannot be
//! forgotten.

mod beat;
mod changes;
mod endpoints;
mod evidence;
mod glass;
mod history;
mod run_book;
mod sessions;

use crate::domain::change::ChangeId;
use crate::domain::change::event::SubjectHash;
use crate::domain::change::proposal::{Act, Proposal, Words};
use crate::domain::document::{Document, Export, Form};
use crate::domain::endpoint::Endpoint;
use crate::domain::evidence::{Capture, EvidenceId};
use crate::domain::find::Find;
use crate::domain::glass::Broken;
use crate::domain::guard::facts::Gate;
use crate::domain::history::{LiveAt, Verdict};
use crate::domain::history_filter::Filter;
use crate::domain::log::{Container, Log};
use crate::domain::name::{DeploymentName, StageName};
use crate::domain::operation::Operation;
use crate::domain::plan::asked::PlanOf;
use crate::domain::plan::{Plan, PlanHash};
use crate::domain::repository::{Defined, Reference, ReleaseId, Repository};
use crate::domain::route::Route;
use crate::domain::run::view::RunView;
use crate::domain::run::{Decision, RunId};
use crate::domain::run_book::Draft;
use crate::domain::scoring::{Answer, Target};
use crate::domain::session::Ending;
use crate::domain::spec::Check;
use crate::domain::stage::{EndpointKey, Freshness, Stage};
use crate::domain::standing::Standing;
use crate::domain::timestamp::Timestamp;
use crate::domain::traffic::Traffic;
use crate::domain::user::Right;
use crate::error::ConsoleError;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

pub use beat::Beat;
pub use changes::{ChangeSummary, ChangeView, ChangesView, ReleaseOfChange, StageRules, WhyNot};
pub use endpoints::{DeploymentView, EndpointView};
pub use evidence::{EvidenceList, EvidenceView};
pub use glass::{BreakGlass, Breaking, BrokenView, GlassPlan};
pub use history::{Account, HistoryEntry, HistoryView};
pub use run_book::RunBookView;
pub use sessions::{Everybody, SessionView, SessionsView};

/// What every method answers.
pub type Result<T> = std::result::Result<T, ConsoleError>;

/// One stage with its endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageView {
    /// The stage.
    pub stage: Stage,
    /// How current this is.
    pub freshness: Freshness,
    /// Whether it takes changes now; `None` when it has no freeze and no hours.
    pub gate: Option<Gate>,
    /// Those of its endpoints that are found and on this page: those in trouble first, then by name; at most
    /// [`SHOWN_MAX`](crate::domain::find::SHOWN_MAX).
    pub endpoints: Vec<Endpoint>,
    /// How many are found before these.
    pub before: usize,
    /// How many are found.
    pub found: usize,
    /// How many are in trouble, of all that there are.
    pub troubled: usize,
    /// How many there are.
    pub total: usize,
}

/// Everything at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// What is looked for.
    pub find: Find,
    /// The server's clock, from which ages are computed.
    pub now: Timestamp,
    /// The stages, in the order of the configuration.
    pub stages: Vec<StageView>,
    /// What is running now, newest first.
    pub running: Vec<Operation>,
    /// Glass that was broken and that nobody else has acknowledged, newest first.
    pub broken: Vec<Broken>,
}

/// All repositories with their releases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasesView {
    /// The server's clock, from which ages are computed.
    pub now: Timestamp,
    /// The stages, in the order of the configuration.
    pub stages: Vec<Stage>,
    /// The repositories, in the order of the configuration.
    pub repositories: Vec<Repository>,
}

/// One release's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseView {
    /// The server's clock, from which ages are computed.
    pub now: Timestamp,
    /// Its repository.
    pub repository: Repository,
    /// The release; in a plan, with the answers that were given.
    pub defined: Defined,
    /// What it defines against what runs.
    pub standing: Standing,
    /// Its endpoint as observed, when there is one.
    pub endpoint: Option<Endpoint>,
}

/// What a release would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasePlan {
    /// The release.
    pub view: ReleaseView,
    /// What it would do; `None` when something is wrong with it or its target is not known.
    pub plan: Option<Plan>,
    /// The plan to be shown and copied: its commands, and the inputs as they would be.
    pub documents: Vec<Document>,
    /// Whether its stage asks for approvals.
    pub protected: bool,
    /// Why this person may not carry it out from here, or propose it; `None` when they may.
    pub may_not_apply: Option<String>,
    /// The endpoint on which this person may break glass for it; `None` when they may not, or need not.
    pub glass: Option<EndpointKey>,
}

/// What the console can do.
#[async_trait]
pub trait Console: BreakGlass {
    /// Who is signed in, and until when.
    fn account(&self) -> Account;
    /// Nothing, when this person has a right; that they want to do something without it is recorded.
    async fn check_right(&self, right: Right, what: &str, at: Option<&EndpointKey>) -> Result<()>;
    /// Sessions that go on: those of whoever asks, and for administrators everybody's in whose name a text is
    /// found.
    async fn sessions(&self, find: &str) -> Result<SessionsView>;
    /// Ends sessions; how many.
    async fn end_sessions(&self, which: Ending) -> Result<u64>;
    /// Stages and the endpoints that are looked for.
    async fn overview(&self, find: &Find) -> Result<Overview>;
    /// One endpoint.
    async fn endpoint(&self, at: &EndpointKey) -> Result<EndpointView>;
    /// One deployment.
    async fn deployment(&self, at: &EndpointKey, name: &DeploymentName) -> Result<DeploymentView>;
    /// Measured traffic of an endpoint's deployments.
    async fn traffic(&self, at: &EndpointKey) -> Result<Traffic>;
    /// The end of a deployment's log, at most `tail` lines.
    async fn log(
        &self,
        at: &EndpointKey,
        name: &DeploymentName,
        container: Container,
        tail: u32,
    ) -> Result<Log>;
    /// What setting a route would do.
    async fn plan_route(&self, at: &EndpointKey, route: &Route) -> Result<Plan>;
    /// Sets a route, if Azure still has the `base` that the person saw, and, where the form says so, the deployments
    /// with this mark.
    async fn apply_route(
        &self,
        at: &EndpointKey,
        route: &Route,
        base: &Route,
        saw: Option<&str>,
    ) -> Result<Operation>;
    /// What a deployment's YAML amounts to.
    async fn check_deployment(&self, at: &EndpointKey, yaml: &str) -> Result<Check>;
    /// The YAML of the deployment that a run was to create, secrets hidden.
    async fn definition(&self, id: &RunId) -> Result<String>;
    /// Creates a deployment without live traffic.
    async fn create_deployment(&self, at: &EndpointKey, yaml: &str) -> Result<Operation>;
    /// Deletes a deployment that is neither live nor mirrored.
    async fn delete_deployment(&self, at: &EndpointKey, name: &DeploymentName)
    -> Result<Operation>;
    /// What was recorded.
    async fn history(&self, filter: &Filter) -> Result<HistoryView>;
    /// One entry of the ledger, with its place in the proof.
    async fn history_entry(&self, index: u64) -> Result<HistoryEntry>;
    /// What was live on an endpoint at a time, as far as was recorded.
    async fn live_at(&self, at: &EndpointKey, time: Timestamp) -> Result<LiveAt>;
    /// Verifies the stored ledger.
    async fn verify_history(&self) -> Result<Verdict>;
    /// The repositories and their releases at a reference (each repository's own when none is given), read
    /// again when asked to.
    async fn releases(&self, reference: Option<&Reference>, again: bool) -> Result<ReleasesView>;
    /// One release at a reference.
    async fn release(&self, id: &ReleaseId, reference: Option<&Reference>) -> Result<ReleaseView>;
    /// What a release would do, with answers in place of some of its inputs.
    async fn plan_release(
        &self,
        id: &ReleaseId,
        reference: Option<&Reference>,
        answers: &[(String, String)],
    ) -> Result<ReleasePlan>;
    /// A plan in a form to take away.
    async fn plan_document(&self, of: &PlanOf, form: Form) -> Result<Document>;
    /// An endpoint, or one of its deployments, in the forms that would make it.
    async fn export(&self, at: &EndpointKey, name: Option<&DeploymentName>) -> Result<Export>;
    /// How far a shadow's run book is, and what its next run would do.
    async fn run_book(&self, draft: &Draft) -> Result<RunBookView>;
    /// Carries out a release's plan on an unprotected stage, if it is still the one with this hash.
    async fn apply_release(
        &self,
        id: &ReleaseId,
        reference: Option<&Reference>,
        answers: &[(String, String)],
        hash: &PlanHash,
    ) -> Result<Operation>;
    /// One run.
    async fn run(&self, id: &RunId) -> Result<RunView>;
    /// Decides about a run; rolling back has its own way.
    async fn decide(&self, id: &RunId, decision: Decision) -> Result<Operation>;
    /// Sets the route as it was before a run, without an approval, if Azure still has the route that the person
    /// `saw`. Answers with the run that does so.
    async fn roll_back(&self, id: &RunId, saw: &Route) -> Result<Operation>;
    /// Changes that wait, run or are over.
    async fn changes(&self) -> Result<ChangesView>;
    /// How many changes this person can approve now.
    async fn changes_for_me(&self) -> Result<usize>;
    /// One change.
    async fn change(&self, id: &ChangeId) -> Result<ChangeView>;
    /// Proposes a change.
    async fn propose(&self, proposal: Proposal) -> Result<ChangeId>;
    /// Decides about a change, or says something. `seen` is what the person saw to be approved: if it is
    /// something else by now, nothing is done.
    async fn decide_change(
        &self,
        id: &ChangeId,
        act: Act,
        seen: &SubjectHash,
        comment: Option<Words>,
    ) -> Result<()>;
    /// What a stage asks before something is done to it.
    async fn stage(&self, name: &StageName) -> Result<StageRules>;
    /// Stops all changes of a stage, with the reason.
    async fn freeze(&self, name: &StageName, reason: Words) -> Result<()>;
    /// Lets a frozen stage take changes again.
    async fn thaw(&self, name: &StageName, reason: Words) -> Result<()>;
    /// Sends a test request.
    async fn test(&self, at: &EndpointKey, target: &Target, body: &str) -> Result<Answer>;
    /// Captures evidence of a deployment.
    async fn capture(&self, at: &EndpointKey, what: Capture) -> Result<EvidenceId>;
    /// The evidence of an endpoint.
    async fn evidence_of(&self, at: &EndpointKey) -> Result<EvidenceList>;
    /// One piece of evidence.
    async fn evidence(&self, id: &EvidenceId) -> Result<EvidenceView>;
}

/// The console of this request.
///
/// # Errors
/// [`ConsoleError::Unauthenticated`] when nobody is signed in.
#[cfg(feature = "ssr")]
pub fn console() -> Result<std::sync::Arc<dyn Console>> {
    leptos::prelude::use_context::<http::request::Parts>()
        .and_then(|parts| parts.extensions.get::<std::sync::Arc<dyn Console>>().cloned())
        .ok_or(ConsoleError::Unauthenticated)
}
