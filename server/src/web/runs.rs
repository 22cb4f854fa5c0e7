//! The forms of runs: carrying out a release's plan, and deciding about a run.

use super::changes;
use super::sent::{Fields, Sent, field};
use app::domain::change::proposal::Wanted;
use app::domain::plan::PlanHash;
use app::domain::repository::{Reference, ReleaseId};
use app::domain::route::Route;
use app::domain::route_form::BASE;
use app::domain::run::{Decision, RunId};
use app::error::ConsoleError;
use app::paths;
use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;

/// The fields that are answers begin like this.
const ANSWER: &str = "in.";
/// Characters of a plan's hash.
const HASH_CHARS: usize = 64;

/// The names in a release's URL.
#[derive(Debug, Deserialize)]
pub struct Release {
    repository: String,
    workflow: String,
    job: String,
}

/// Decides about a run.
pub async fn decide(Path(run): Path<String>, sent: Sent) -> Response {
    let Sent { console, fields, .. } = &sent;
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

/// The route that the person saw Azure to have when they decided to go back.
fn saw(fields: &Fields) -> Result<Route, ConsoleError> {
    let saw = field(fields, BASE).and_then(|base| base.parse().ok());
    saw.ok_or_else(|| ConsoleError::Invalid {
        field: Some(BASE.to_owned()),
        message: "The form does not say from which route it goes back. Open the run again, and look at the traffic \
                  before and after."
            .to_owned(),
    })
}

/// Carries a release's plan out, or proposes it.
pub async fn apply(Path(release): Path<Release>, sent: Sent) -> Response {
    let Sent { console, fields, .. } = &sent;
    let Release { repository, workflow, job } = release;
    let id = ReleaseId { repository, workflow, job };
    let outcome = async {
        let (reference, hash) = (reference(fields)?, hash(fields)?);
        let answers = answers(fields);
        if changes::wants_to_propose(fields) {
            let wanted = Wanted::Release { id: id.clone(), reference, answers, seen: hash };
            return changes::propose(console, wanted, fields).await;
        }
        let operation = console.apply_release(&id, reference.as_ref(), &answers, &hash).await?;
        Ok(paths::run(&operation.id))
    };
    let outcome = outcome.await;
    // What is shown again is what was sent, and a page reads that from its URL.
    sent.with_query().answer(outcome).await
}

fn reference(fields: &Fields) -> Result<Option<Reference>, ConsoleError> {
    let Some(text) = field(fields, "ref").filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|error| ConsoleError::Invalid {
        field: Some("ref".to_owned()),
        message: format!("{error}."),
    })
}

fn answers(fields: &Fields) -> Vec<(String, String)> {
    let answer = |(name, value): &(String, String)| {
        Some((name.strip_prefix(ANSWER)?.to_owned(), value.clone()))
    };
    fields.iter().filter_map(answer).collect()
}

fn hash(fields: &Fields) -> Result<PlanHash, ConsoleError> {
    let text = field(fields, "plan").unwrap_or_default();
    let is_hash = text.len() == HASH_CHARS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match is_hash {
        true => Ok(PlanHash(text.to_owned())),
        false => Err(ConsoleError::Invalid {
            field: Some("plan".to_owned()),
            message: "The form does not say which plan it is about. Open the plan again."
                .to_owned(),
        }),
    }
}
