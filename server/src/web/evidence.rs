//! The forms that capture evidence.

use super::forms::At;
use super::sent::{Fields, Sent, field};
use app::domain::change::ChangeId;
use app::domain::evidence::form::{BODY, CHANGE, DEPLOYMENT, KIND};
use app::domain::evidence::{Capture, Kind};
use app::domain::name::DeploymentName;
use app::error::ConsoleError;
use app::paths;
use axum::extract::Path;
use axum::response::Response;

/// Targets of a replay; the console says that it takes two.
const TARGETS_MAX: usize = 5;

/// Captures evidence; leads back to the change that it was captured for, or to the evidence.
pub async fn capture(Path(at): Path<At>, sent: Sent) -> Response {
    let Sent { console, fields, .. } = &sent;
    let outcome = async {
        let at = at.key()?;
        let id = console.capture(&at, wanted(fields)?).await?;
        let change = field(fields, CHANGE).and_then(|id| id.parse::<ChangeId>().ok());
        Ok(match change {
            Some(change) => format!("{}#evidence", paths::change(&change)),
            None => paths::evidence(&id),
        })
    };
    let outcome = outcome.await;
    sent.answer(outcome).await
}

fn wanted(fields: &Fields) -> Result<Capture, ConsoleError> {
    let word = field(fields, KIND).unwrap_or_default();
    match Kind::from_word(word) {
        Some(Kind::ShadowComparison) => {
            let name = field(fields, DEPLOYMENT).unwrap_or_default();
            Ok(Capture::ShadowComparison(deployment(DEPLOYMENT, name)?))
        }
        Some(Kind::ReplayDiff) => {
            let targets = fields.iter().filter(|(field, _)| field == "target");
            let names = targets.take(TARGETS_MAX).map(|(_, name)| deployment("target", name));
            let body = field(fields, BODY).unwrap_or_default().to_owned();
            Ok(Capture::ReplayDiff { names: names.collect::<Result<_, _>>()?, body })
        }
        None => {
            let all: Vec<_> = Kind::ALL.iter().map(|kind| kind.word()).collect();
            let message = format!(
                "There is no such kind of evidence; there are {}. Nothing was captured.",
                all.join(", ")
            );
            Err(ConsoleError::Invalid { field: Some(KIND.to_owned()), message })
        }
    }
}

fn deployment(field: &str, name: &str) -> Result<DeploymentName, ConsoleError> {
    if name == "split" {
        let message = "Evidence is of deployments: choose two by name, not the live split. Nothing was captured.";
        return Err(ConsoleError::Invalid {
            field: Some(field.to_owned()),
            message: message.to_owned(),
        });
    }
    name.parse().map_err(|error| ConsoleError::Invalid {
        field: Some(field.to_owned()),
        message: format!("{error}. Nothing was captured."),
    })
}
