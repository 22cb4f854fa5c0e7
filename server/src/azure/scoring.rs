//! Requests to a scoring URI, sent like those of the endpoint's clients.

use super::arm::Arm;
use super::error::Error;
use super::inference::Inference;
use crate::outside::answer::{self, Unread};
use crate::outside::caps::SCORED_BYTES_MAX;
use crate::redact;
use bytes::Bytes;
use domain::name::DeploymentName;
use std::time::{Duration, Instant};

/// Timeout of a test request. Azure gives a model at most 180 s.
const WAIT_MAX: Duration = Duration::from_secs(185);

/// The response of a scoring URI.
#[derive(Debug)]
pub struct Scored {
    pub status: u16,
    /// The deployment that answered, from the response's header.
    pub answered_by: Option<String>,
    /// The model's own status, from the header that Azure adds to an error of the model.
    pub model_status: Option<u16>,
    pub duration: Duration,
    /// The body, cut at 64 KiB, with the endpoint's key and known secrets redacted.
    pub body: String,
}

/// Sends one request.
///
/// # Errors
/// [`Error::Rejected`] if the console must not send to this URI; [`Error::Unavailable`].
pub async fn post(
    arm: &Arm,
    uri: &str,
    secret: &str,
    deployment: Option<&DeploymentName>,
    body: String,
) -> Result<Scored, Error> {
    let inference = &arm.cloud().inference;
    let url = inference.allowed(uri)?;
    let mut request = inference
        .http()
        .post(url)
        .timeout(WAIT_MAX)
        .bearer_auth(secret)
        .header("content-type", "application/json")
        .body(body);
    if let Some(deployment) = deployment {
        request = request.header("azureml-model-deployment", deployment.as_str());
    }
    let started = Instant::now();
    let answer = request.send().await.map_err(|error| Inference::broken(&error))?;
    let status = answer.status().as_u16();
    let answered_by = answered_by(&answer);
    let model_status = answer.headers().get("ms-azureml-model-error-statuscode");
    let model_status =
        model_status.and_then(|value| value.to_str().ok()?.trim().parse::<u16>().ok());
    let (bytes, _) =
        answer::beginning(answer, SCORED_BYTES_MAX).await.map_err(|unread| match unread {
            Unread::Broken(error) => Inference::broken(&error),
            unread => Error::garbled(format!("the scoring URI: {unread}")),
        })?;
    let mut known = redact::Values::default();
    known.add(secret);
    // A model may repeat its request.
    let body = known.hide_all(&redact::text(&String::from_utf8_lossy(&bytes)));
    Ok(Scored { status, answered_by, model_status, duration: started.elapsed(), body })
}

/// The kind of response that a client gets from a scoring URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    /// The model's response.
    Answer,
    /// An error of the model, which a working endpoint passes on as 424.
    ModelError,
    /// No response of the model: no connection, a timeout, or an error of the endpoint itself.
    Nothing,
}

impl Met {
    /// Maps an HTTP status (azure-wire.md: 424 is the model's error, the others are the endpoint's).
    #[must_use]
    pub fn of(status: u16) -> Self {
        match status {
            200..=299 => Self::Answer,
            424 => Self::ModelError,
            _ => Self::Nothing,
        }
    }
}

/// The result of a probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probed {
    pub met: Met,
    /// `None` without a response.
    pub status: Option<u16>,
    /// The deployment that answered, from the response's header.
    pub answered_by: Option<String>,
}

fn answered_by(answer: &reqwest::Response) -> Option<String> {
    let header = answer.headers().get("azureml-model-deployment");
    header.and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// Sends one request, like a client, and reports the result within a time.
pub async fn probe(arm: &Arm, uri: &str, secret: &str, body: Bytes, within: Duration) -> Probed {
    let nothing = || Probed { met: Met::Nothing, status: None, answered_by: None };
    let inference = &arm.cloud().inference;
    let Ok(url) = inference.allowed(uri) else { return nothing() };
    let request = inference.http().post(url).timeout(within).bearer_auth(secret);
    let request = request.header("content-type", "application/json").body(body);
    let Ok(answer) = request.send().await else { return nothing() };
    let (status, by) = (answer.status().as_u16(), answered_by(&answer));
    let probed = |met| Probed { met, status: Some(status), answered_by: by.clone() };
    let met = Met::of(status);
    // Reads to the end, so that the connection can be reused. A response that breaks off counts as nothing.
    match answer::beginning(answer, SCORED_BYTES_MAX).await {
        Err(Unread::Broken(_)) => probed(Met::Nothing),
        _ => probed(met),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_models_error_is_not_an_outage_of_the_endpoint() {
        for (status, met) in [(200, Met::Answer), (424, Met::ModelError)] {
            assert_eq!(Met::of(status), met);
        }
        for status in [301, 400, 401, 403, 404, 408, 429, 500, 502, 503] {
            assert_eq!(Met::of(status), Met::Nothing, "{status}");
        }
    }
}
