//! SentForm handlers that capture evidence.

use super::endpoints::At;
use super::form::{Fields, SentForm, field};
use app::error::ConsoleError;
use app::paths;
use axum::extract::Path;
use axum::response::Response;
use domain::change::ChangeId;
use domain::evidence::form::{BODY, CHANGE, DEPLOYMENT, KIND};
use domain::evidence::{Capture, Kind};
use domain::name::DeploymentName;

/// Most targets read from a replay's form. The console itself requires exactly two.
const TARGETS_MAX: usize = 5;

/// Captures evidence and redirects to the change that it was captured for, or else to the evidence.
pub async fn capture(Path(at): Path<At>, sent: SentForm) -> Response {
    let SentForm { console, fields, .. } = &sent;
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
                "This kind of evidence does not exist. Choose one of: {}. Nothing was captured.",
                all.join(", ")
            );
            Err(ConsoleError::Invalid { field: Some(KIND.to_owned()), message })
        }
    }
}

fn deployment(field: &str, name: &str) -> Result<DeploymentName, ConsoleError> {
    if name == "split" {
        let message = "Evidence compares two deployments. Choose them by name instead of the live traffic split. \
                       Nothing was captured.";
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
