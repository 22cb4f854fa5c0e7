//! Everything that the console can do for a person.
//!
//! In all views, `now` is the server's clock, from which pages compute ages; `gate` says whether the stage accepts
//! changes now, and is `None` if it has no freeze and no change windows; `protected` says whether the stage requires
//! approvals; and `may_not_…` says why this person may not do something, and is `None` if they may.
//!
//! The server puts one [`Console`] per request and signed-in person into the request's extensions. Requests without a
//! session have no [`Console`], so no handler can skip authentication.

mod beat;
mod changes;
mod deployments;
mod endpoints;
mod evidence;
mod glass;
mod history;
mod images;
mod intents;
mod jobs;
mod releases;
mod run_book;
mod runs;
mod sessions;
mod stages;

use crate::error::ConsoleError;
use domain::document::Document;
use domain::endpoint::Endpoint;
use domain::find::Find;
use domain::glass::Broken;
use domain::guard::inputs::Gate;
use domain::plan::Plan;
use domain::release_drift::ReleaseDrift;
use domain::repository::{Defined, Repository};
use domain::run::operation::Operation;
use domain::stage::{EndpointKey, Freshness, Stage};
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

pub use beat::{Beat, RenderedPart};
pub use changes::{
    ChangeSummary, ChangeView, ChangesApi, ChangesView, ReleaseOfChange, StageRules, WhyNot,
};
pub use deployments::DeploymentsApi;
pub use endpoints::{DeploymentView, EndpointView, EndpointsApi};
pub use evidence::{EvidenceApi, EvidenceList, EvidenceView};
pub use glass::{BreakGlass, Breaking, BrokenView, GlassPlan};
pub use history::{Account, HistoryApi, HistoryEntry, HistoryView};
pub use images::{ImageSummary, ImageVersion, ImageView, ImagesApi, ImagesView, StageImages};
pub use intents::IntentsApi;
pub use jobs::{
    Activity, ActivityKind, ActivityView, Begun, BuildPlan, BuildRequest, Cause, ImageUse, JobView,
    JobsApi, LogMatches, LogPage, LogRemoved, LogSection, Onward, WorkflowJob,
};
pub use releases::ReleasesApi;
pub use run_book::RunBookView;
pub use runs::RunsApi;
pub use sessions::{Everybody, SessionView, SessionsApi, SessionsView};
pub use stages::StagesApi;

/// The result of every [`Console`] method.
pub type Result<T> = std::result::Result<T, ConsoleError>;

/// One stage with its endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageView {
    pub stage: Stage,
    pub freshness: Freshness,
    pub gate: Option<Gate>,
    /// The endpoints on this page of matches: those with problems first, then by name; at most
    /// [`SHOWN_MAX`](domain::find::SHOWN_MAX).
    pub endpoints: Vec<Endpoint>,
    /// How many matches precede these.
    pub before: usize,
    pub found: usize,
    /// How many of all endpoints have problems.
    pub troubled: usize,
    pub total: usize,
}

/// The overview page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    pub find: Find,
    pub now: Timestamp,
    /// The stages, in the order of the configuration.
    pub stages: Vec<StageView>,
    /// Newest first.
    pub running: Vec<Operation>,
    /// Unacknowledged broken glass, newest first.
    pub broken: Vec<Broken>,
}

/// All repositories with their releases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasesView {
    pub now: Timestamp,
    pub stages: Vec<Stage>,
    pub repositories: Vec<Repository>,
}

/// One release's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseView {
    pub now: Timestamp,
    pub repository: Repository,
    /// The release; in a plan, with the given answers.
    pub defined: Defined,
    /// The release compared with Azure.
    pub standing: ReleaseDrift,
    /// The observed endpoint, if it exists.
    pub endpoint: Option<Endpoint>,
}

/// A release's plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasePlan {
    pub view: ReleaseView,
    /// `None` if the release has problems or its target is unknown.
    pub plan: Option<Plan>,
    /// The plan's commands and the resulting inputs, to read and copy.
    pub documents: Vec<Document>,
    pub protected: bool,
    pub may_not_apply: Option<String>,
    /// The endpoint on which to offer breaking glass; `None` if not allowed or not needed.
    pub glass: Option<EndpointKey>,
}

/// Everything that the console can do for one signed-in person, by noun.
pub trait Console:
    SessionsApi
    + EndpointsApi
    + DeploymentsApi
    + ReleasesApi
    + RunsApi
    + ChangesApi
    + StagesApi
    + EvidenceApi
    + HistoryApi
    + IntentsApi
    + BreakGlass
    + JobsApi
    + ImagesApi
{
}

impl<T> Console for T where
    T: SessionsApi
        + EndpointsApi
        + DeploymentsApi
        + ReleasesApi
        + RunsApi
        + ChangesApi
        + StagesApi
        + EvidenceApi
        + HistoryApi
        + IntentsApi
        + BreakGlass
        + JobsApi
        + ImagesApi
{
}

/// The console of this request.
///
/// # Errors
/// [`ConsoleError::Unauthenticated`] if nobody is signed in.
#[cfg(feature = "ssr")]
pub fn console() -> Result<std::sync::Arc<dyn Console>> {
    leptos::prelude::use_context::<http::request::Parts>()
        .and_then(|parts| parts.extensions.get::<std::sync::Arc<dyn Console>>().cloned())
        .ok_or(ConsoleError::Unauthenticated)
}
