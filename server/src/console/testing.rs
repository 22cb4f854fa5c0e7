//! Test requests: the console sends them with the endpoint's key, which nobody sees.

use super::SignedIn;
use super::error::{from_azure, internal};
use super::views::no_deployment;
use crate::azure::scoring::{self, Scored};
use crate::azure::{self, endpoints};
use app::domain::evidence::own::OwnCalls;
use app::domain::name::DeploymentName;
use app::domain::scoring::{Answer, BODY_BYTES_MAX, Target};
use app::domain::stage::EndpointKey;
use app::domain::text::visible;
use app::error::ConsoleError;
use app::port::Result;

impl SignedIn {
    pub(super) async fn send_test(
        &self,
        at: &EndpointKey,
        target: &Target,
        body: &str,
    ) -> Result<Answer> {
        let scored = self.score(at, target, body).await?;
        Ok(Answer {
            target: target.clone(),
            answered_by: scored.answered_by,
            status: scored.status,
            duration_ms: u32::try_from(scored.duration.as_millis()).unwrap_or(u32::MAX),
            hint: hint(scored.status).map(str::to_owned),
            body: visible(&indented(scored.body)),
        })
    }

    /// Sends one request; whatever comes back was scored.
    pub(super) async fn score(
        &self,
        at: &EndpointKey,
        target: &Target,
        body: &str,
    ) -> Result<Scored> {
        check_body(body)?;
        let place = self.place(at)?;
        let endpoint = self.observed(at).await?;
        let deployment = match target {
            Target::Split => None,
            Target::Deployment(name) if endpoint.deployment(name).is_none() => {
                return Err(no_deployment(at, name));
            }
            Target::Deployment(name) => Some(name),
        };
        let Some(uri) = &endpoint.scoring_uri else {
            let message =
                format!("{} has no scoring URI yet. Wait until it has Succeeded.", at.endpoint);
            return Err(ConsoleError::Refused(message));
        };
        let (arm, workspace) = (&place.arm, &place.workspace);
        let secret = endpoints::bearer(arm, workspace, &endpoint).await;
        let secret = secret.map_err(|error| from_azure(&error))?;
        let scored = scoring::post(arm, uri, &secret, deployment, body.to_owned()).await;
        // What the console refused to send was not counted by anybody.
        if !matches!(scored, Err(azure::Error::Rejected { .. })) {
            self.count(at, deployment, scored.as_ref().ok()).await?;
        }
        scored.map_err(|error| from_azure(&error))
    }

    /// Writes down that the console sent a request itself: Azure counts it like any client's, and evidence leaves
    /// it out again.
    async fn count(
        &self,
        at: &EndpointKey,
        named: Option<&DeploymentName>,
        scored: Option<&Scored>,
    ) -> Result<()> {
        let said = scored.and_then(|scored| scored.answered_by.as_deref()?.parse().ok());
        let (by, now) = (said.or_else(|| named.cloned()), self.services.clock.now());
        let one = OwnCalls::one(by, named.is_some(), now, scored.map(|scored| scored.status));
        let counted = self.services.operations.evidence.count_own(at, &[one]).await;
        counted.map_err(|error| internal("a test request could not be counted", &error))
    }
}

fn check_body(body: &str) -> Result<()> {
    let invalid =
        |message: String| ConsoleError::Invalid { field: Some("body".to_owned()), message };
    if body.len() > BODY_BYTES_MAX {
        let length = body.len();
        return Err(invalid(format!(
            "The body has {length} bytes; a test request may have {BODY_BYTES_MAX}."
        )));
    }
    match serde_json::from_str::<serde::de::IgnoredAny>(body) {
        Ok(_) => Ok(()),
        Err(error) => Err(invalid(format!("The body is not JSON: {error}. Nothing was sent."))),
    }
}

fn indented(body: String) -> String {
    match serde_json::from_str::<serde_json::Value>(&body) {
        Ok(value) => serde_json::to_string_pretty(&value).unwrap_or(body),
        Err(_) => body,
    }
}

/// Azure's documented meanings of the scoring statuses (how-to-troubleshoot-online-endpoints).
fn hint(status: u16) -> Option<&'static str> {
    Some(match status {
        200..=299 => return None,
        401 => {
            "The endpoint refused the console's key or token. If keys were regenerated just now, try again."
        }
        403 => "The console's identity may not score on this endpoint. Check its role assignment.",
        404 => {
            "No deployment takes live traffic. Set the route, or send to one deployment by name."
        }
        408 => {
            "The model took longer than request_timeout_ms. Raise it in the deployment, or make the model faster."
        }
        424 => "The model itself answered with an error. Read the deployment's log.",
        429 => {
            "Too many requests in flight: more than 2 × max_concurrent_requests_per_instance × instances. Try again, or add instances."
        }
        502 | 503 => "The container crashed or is not ready. Read the deployment's log.",
        _ => "The endpoint answered with an error. Read the deployment's log.",
    })
}
