//! Sends test requests with the endpoint's key, which no person sees.

use super::SignedIn;
use super::views::no_deployment;
use crate::azure::scoring::{self, Scored};
use crate::azure::{self, endpoints};
use crate::error::{OrInternal as _, from_azure};
use app::error::ConsoleError;
use app::port::Result;
use domain::evidence::own::OwnCalls;
use domain::name::DeploymentName;
use domain::scoring::{Answer, BODY_BYTES_MAX, TestTarget};
use domain::stage::EndpointKey;
use domain::text::visible;

impl SignedIn {
    pub(super) async fn send_test(
        &self,
        at: &EndpointKey,
        target: &TestTarget,
        body: &str,
    ) -> Result<Answer> {
        let scored = self.score(at, target, body).await?;
        Ok(Answer {
            target: target.clone(),
            answered_by: scored.answered_by,
            status: scored.status,
            duration_ms: u32::try_from(scored.duration.as_millis()).unwrap_or(u32::MAX),
            hint: hint(scored.status, scored.model_status),
            body: visible(&indented(scored.body)),
        })
    }

    /// Sends one request. A response with any status is a result, not an error.
    pub(super) async fn score(
        &self,
        at: &EndpointKey,
        target: &TestTarget,
        body: &str,
    ) -> Result<Scored> {
        check_body(body)?;
        let place = self.place(at)?;
        let endpoint = self.observed(at).await?;
        let deployment = match target {
            TestTarget::Split => None,
            TestTarget::Deployment(name) if endpoint.deployment(name).is_none() => {
                return Err(no_deployment(at, name));
            }
            TestTarget::Deployment(name) => Some(name),
        };
        let Some(uri) = &endpoint.scoring_uri else {
            let message =
                format!("{} has no scoring URI yet. Wait until it is provisioned.", at.endpoint);
            return Err(ConsoleError::Refused(message));
        };
        let (arm, workspace) = (&place.arm, &place.workspace);
        let secret = endpoints::bearer(arm, workspace, &endpoint).await;
        let secret = secret.map_err(|error| from_azure(&error))?;
        let scored = scoring::post(arm, uri, &secret, deployment, body.to_owned()).await;
        // Azure did not count a request that the console did not send.
        if !matches!(scored, Err(azure::Error::Rejected { .. })) {
            self.count(at, deployment, scored.as_ref().ok()).await?;
        }
        scored.map_err(|error| from_azure(&error))
    }

    /// Records that the console sent a request. Azure counts it like a client's, and evidence must subtract it.
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
        counted.or_internal("a test request could not be counted")
    }
}

fn check_body(body: &str) -> Result<()> {
    let invalid =
        |message: String| ConsoleError::Invalid { field: Some("body".to_owned()), message };
    if body.len() > BODY_BYTES_MAX {
        let length = body.len();
        return Err(invalid(format!(
            "The body has {length} bytes, but may have at most {BODY_BYTES_MAX}. Nothing was sent."
        )));
    }
    if body.trim().is_empty() {
        return Err(invalid(
            "The body is empty. Enter JSON, for example {}. Nothing was sent.".to_owned(),
        ));
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

/// Explains the status of a scoring response (Azure: how-to-troubleshoot-online-endpoints).
fn hint(status: u16, model_status: Option<u16>) -> Option<String> {
    let hint = match status {
        200..=299 => return None,
        401 => {
            "The endpoint rejected the console's key or token. If keys were regenerated a moment ago, try again."
        }
        403 => "The console's identity may not score on this endpoint. Check its role assignments.",
        404 => {
            "No deployment has live traffic. Set the route, or send the request to one deployment by name."
        }
        408 => {
            "The model took longer than request_timeout_ms. Increase this limit in the deployment, or make the model faster."
        }
        424 => return Some(model_error(model_status)),
        429 => {
            "Too many requests in flight: more than 2 × max_concurrent_requests_per_instance × instances. Try again, or add instances."
        }
        502 | 503 => "The container crashed or is not ready. Read the deployment's log.",
        _ => "The endpoint returned an error. Read the deployment's log.",
    };
    Some(hint.to_owned())
}

/// Explains 424, with the model's own status if Azure passed it on.
fn model_error(status: Option<u16>) -> String {
    const HEADER: &str = "ms-azureml-model-error-statuscode";
    match status {
        Some(status @ 400..=499) => format!(
            "The model rejected the request: its own status is {status} (header {HEADER}). Azure answers 424 for every \
             error of the model. Check the request's body, then the deployment's log."
        ),
        Some(status) => format!(
            "The model's code failed: its own status is {status} (header {HEADER}). Azure answers 424 for every error \
             of the model. Read the deployment's log."
        ),
        None => format!(
            "The model failed or rejected the request. Azure answers 424 for every error of the model, and this \
             response does not have the model's own status (header {HEADER}). Read the deployment's log."
        ),
    }
}
