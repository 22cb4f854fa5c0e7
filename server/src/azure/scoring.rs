//! Requests to a scoring URI, as a client of the endpoint sends them.

use super::arm::Arm;
use super::error::Error;
use crate::redact;
use app::domain::name::DeploymentName;
use bytes::Bytes;
use std::net::IpAddr;
use std::time::{Duration, Instant};
use url::Url;

/// Largest answer that is kept, in bytes.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;
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
    /// The body, cut at 64 kB; the endpoint's key and known secrets are hidden.
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
    let url = allowed(uri, arm.cloud().scoring_on_loopback)?;
    let mut request = arm
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
    let unavailable = |error: reqwest::Error| {
        Error::Unavailable(format!("the scoring URI: {}", error.without_url()))
    };
    let mut answer = request.send().await.map_err(unavailable)?;
    let status = answer.status().as_u16();
    let answered_by = answered_by(&answer);
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(unavailable)? {
        let room = ANSWER_BYTES_MAX - bytes.len();
        bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if bytes.len() == ANSWER_BYTES_MAX {
            break;
        }
    }
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
    let Ok(url) = allowed(uri, arm.cloud().scoring_on_loopback) else { return nothing() };
    let request = arm.http().post(url).timeout(within).bearer_auth(secret);
    let request = request.header("content-type", "application/json").body(body);
    let Ok(mut answer) = request.send().await else { return nothing() };
    let (status, by) = (answer.status().as_u16(), answered_by(&answer));
    let probed = |met| Probed { met, status: Some(status), answered_by: by.clone() };
    let met = Met::of(status);
    let mut read = 0;
    // To its end, so that the connection serves the next one; an answer that breaks off is none.
    while read < ANSWER_BYTES_MAX {
        match answer.chunk().await {
            Ok(Some(chunk)) => read += chunk.len(),
            Ok(None) => break,
            Err(_) => return probed(Met::Nothing),
        }
    }
    probed(met)
}

/// The scoring URI comes from Azure and a key goes with the request: it must be https to a public name,
/// or, where the cloud itself is on loopback, http to loopback.
pub(crate) fn allowed(uri: &str, on_loopback: bool) -> Result<Url, Error> {
    let refuse = |why: &str| Error::Rejected {
        code: "ScoringUri".to_owned(),
        message: format!("the console does not send to this scoring URI: {why}"),
    };
    let url = Url::parse(uri).map_err(|_| refuse("it is not a URL"))?;
    let address = url.host_str().and_then(|host| host.trim_matches(['[', ']']).parse().ok());
    let is_loopback = address.is_some_and(|address: IpAddr| address.is_loopback());
    match (on_loopback, is_loopback) {
        (true, true) => Ok(url),
        (true, false) => Err(refuse("it is not on this machine")),
        (false, _) if url.scheme() != "https" => Err(refuse("it is not https")),
        (false, _) if address.is_some() => Err(refuse("it names an address, not a host")),
        (false, _) => Ok(url),
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

    #[test]
    fn keys_go_only_where_they_belong() {
        assert!(allowed("https://e.westeurope.inference.ml.azure.com/score", false).is_ok());
        for uri in [
            "http://e.inference.ml.azure.com/score",
            "https://169.254.169.254/",
            "https://[::1]/x",
            "x",
        ] {
            assert!(allowed(uri, false).is_err(), "{uri}");
        }
        assert!(allowed("http://127.0.0.1:8790/endpoints/e/score", true).is_ok());
        assert!(allowed("http://169.254.169.254/", true).is_err());
    }
}
