//! SentForm handlers that apply a release's plan and decide about a run.

use super::changes;
use super::form::{Fields, SentForm, field};
use app::error::ConsoleError;
use app::paths;
use axum::extract::Path;
use axum::response::Response;
use domain::intent::{Intent, ReleaseRequest, Seen};
use domain::plan::PlanHash;
use domain::repository::{Reference, ReleaseId};
use domain::route::Route;
use domain::route_form;
use domain::run::{Decision, RunId};
use serde::Deserialize;

/// Prefix of the fields that answer a workflow's inputs.
const ANSWER: &str = "in.";
/// Length of a plan's hash, in characters.
const HASH_CHARS: usize = 64;

/// The names in a release's URL.
#[derive(Debug, Deserialize)]
pub struct Release {
    repository: String,
    workflow: String,
    job: String,
}

impl Release {
    pub(super) fn id(self) -> ReleaseId {
        let Self { repository, workflow, job } = self;
        ReleaseId { repository, workflow, job }
    }
}

/// Decides about a run.
pub async fn decide(Path(run): Path<String>, sent: SentForm) -> Response {
    let SentForm { console, fields, .. } = &sent;
    let outcome = async {
        let id: RunId = run.parse().map_err(|error| ConsoleError::NotFound(format!("{error}.")))?;
        let decision = field(fields, "decision").unwrap_or_default().parse::<Decision>();
        let field = Some("decision".to_owned());
        let decision = decision.map_err(|message| ConsoleError::Invalid { field, message })?;
        let operation = match decision {
            Decision::RollBack => console.roll_back(&id, &saw(fields)?).await?,
            decision => console.decide(&id, decision).await?,
        };
        Ok(paths::run(&operation.id))
    };
    let outcome = outcome.await;
    sent.answer(outcome).await
}

/// The traffic split that the page showed when the person decided to roll back.
fn saw(fields: &Fields) -> Result<Route, ConsoleError> {
    route_form::base(fields).map_err(|problem| ConsoleError::Invalid {
        field: Some(route_form::BASE.to_owned()),
        message: format!(
            "{problem} Nothing was changed. Open the run again and compare the traffic before and after."
        ),
    })
}

/// Applies a release's plan, or proposes it.
pub async fn apply(Path(release): Path<Release>, sent: SentForm) -> Response {
    let SentForm { console, fields, .. } = &sent;
    let id = release.id();
    let outcome = async {
        let (reference, hash) = (reference(fields)?, hash(fields)?);
        let release = ReleaseRequest::Defined { id, reference, answers: answers(fields) };
        let seen = Seen { plan: Some(hash), ..Seen::default() };
        let intent = Intent::Release { release };
        changes::apply_or_propose(console, intent, seen, fields, paths::run).await
    };
    let outcome = outcome.await;
    // The page reads its fields from the URL.
    sent.with_query().answer(outcome).await
}

pub(super) fn reference(fields: &Fields) -> Result<Option<Reference>, ConsoleError> {
    let Some(text) = field(fields, "ref").filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|error| ConsoleError::Invalid {
        field: Some("ref".to_owned()),
        message: format!("{error}."),
    })
}

pub(super) fn answers(fields: &Fields) -> Vec<(String, String)> {
    let answer = |(name, value): &(String, String)| {
        Some((name.strip_prefix(ANSWER)?.to_owned(), value.clone()))
    };
    fields.iter().filter_map(answer).collect()
}

fn hash(fields: &Fields) -> Result<PlanHash, ConsoleError> {
    let is_hash =
        |text: &str| text.len() == HASH_CHARS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let problem = match field(fields, "plan") {
        Some(text) if is_hash(text) => return Ok(PlanHash(text.to_owned())),
        Some(_) => "The form's plan hash is invalid.",
        None => "The form is incomplete: the plan's hash is missing.",
    };
    Err(ConsoleError::Invalid {
        field: Some("plan".to_owned()),
        message: format!("{problem} Nothing was changed. Open the plan again."),
    })
}
