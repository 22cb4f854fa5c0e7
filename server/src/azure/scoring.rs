//! Requests to a scoring URI, as a client of the endpoint sends them.

use super::arm::Arm;
use super::error::Error;
use app::domain::name::DeploymentName;
use std::net::IpAddr;
use std::time::{Duration, Instant};
use url::Url;

/// Largest answer that is kept, in bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
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
    /// The body, cut at 64 kB.
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
    let header = answer.headers().get("azureml-model-deployment");
    let answered_by = header.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(unavailable)? {
        let room = ANSWER_BYTES_MAX - bytes.len();
        bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if bytes.len() == ANSWER_BYTES_MAX {
            break;
        }
    }
    let body = String::from_utf8_lossy(&bytes).into_owned();
    Ok(Scored { status, answered_by, duration: started.elapsed(), body })
}

/// The scoring URI comes from Azure and a key goes with the request: it must be https to a public name,
/// or, where the cloud itself is on loopback, http to loopback.
fn allowed(uri: &str, on_loopback: bool) -> Result<Url, Error> {
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
