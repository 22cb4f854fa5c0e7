//! Requests to a scoring URI, as a client of the endpoint sends them.

use super::arm::Arm;
use super::error::Error;
use super::inference::Inference;
use crate::outside::answer::{self, Unread};
use crate::outside::caps::SCORED_BYTES_MAX;
use crate::redact;
use app::domain::name::DeploymentName;
use bytes::Bytes;
use std::time::{Duration, Instant};

/// Longest that a test request waits; Azure allows a model 180 s at most.
const WAIT_MAX: Duration = Duration::from_secs(185);

/// What a scoring URI answered.
#[derive(Debug)]
pub struct Scored {
    /// The HTTP status.
    pub status: u16,
    /// Who answered, as the response's header says.
    pub answered_by: Option<String>,
    /// How long it took.
    pub duration: Duration,
    /// The body, cut at 64 KiB; the endpoint's key and known secrets are hidden.
    pub body: String,
}

/// Sends one request.
///
/// # Errors
/// [`Error::Rejected`] when the URI is not one that the console may send to; [`Error::Unavailable`].
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
    let (bytes, _) =
        answer::beginning(answer, SCORED_BYTES_MAX).await.map_err(|unread| match unread {
            Unread::Broken(error) => Inference::broken(&error),
            unread => Error::garbled(format!("the scoring URI: {unread}")),
        })?;
    let mut known = redact::Values::default();
    known.add(secret);
    // A model may repeat what it was sent.
    let body = known.hide_all(&redact::text(&String::from_utf8_lossy(&bytes)));
    Ok(Scored { status, answered_by, duration: started.elapsed(), body })
}

/// What a client meets at a scoring URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    /// A model's answer.
    Answer,
    /// A model's own error, handed through as 424: the endpoint did its part.
    ModelError,
    /// No model's answer: no connection, nothing in time, or an error of the endpoint itself.
    Nothing,
}

impl Met {
    /// What a status means (azure-wire.md: 424 is the model's, the others are the endpoint's).
    #[must_use]
    pub fn of(status: u16) -> Self {
        match status {
            200..=299 => Self::Answer,
            424 => Self::ModelError,
            _ => Self::Nothing,
        }
    }
}

/// What a probe met, and what Azure will have counted of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probed {
    /// What it met.
    pub met: Met,
    /// The HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// Who answered, as the response's header says.
    pub answered_by: Option<String>,
}

/// Who answered, as a response's header says.
fn answered_by(answer: &reqwest::Response) -> Option<String> {
    let header = answer.headers().get("azureml-model-deployment");
    header.and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// Sends one request as a client does, and tells what it met within a time.
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
    // To its end, so that the connection serves the next one; an answer that breaks off is none.
    match answer::beginning(answer, SCORED_BYTES_MAX).await {
        Err(Unread::Broken(_)) => probed(Met::Nothing),
        _ => probed(met),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_models_own_error_is_no_gap_of_the_endpoint() {
        for (status, met) in [(200, Met::Answer), (424, Met::ModelError)] {
            assert_eq!(Met::of(status), met);
        }
        for status in [301, 400, 401, 403, 404, 408, 429, 500, 502, 503] {
            assert_eq!(Met::of(status), Met::Nothing, "{status}");
        }
    }
}
