//! Reads from a registry's own API (OCI distribution).

use super::token::Access;
use crate::azure::arm::{self, Arm};
use crate::azure::error::Error;
use crate::azure::hosts;
use crate::azure::refused::Refused;
use crate::outside::answer;
use crate::outside::caps::MANIFEST_BYTES_MAX;
use crate::outside::retry_after;
use reqwest::Response;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, LOCATION};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use url::Url;

/// A document of a registry.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) bytes: Vec<u8>,
    pub(super) headers: HeaderMap,
}

impl Document {
    /// The document as JSON.
    pub(super) fn json(&self) -> Result<Value, Error> {
        answer::weigh(&self.bytes).map_err(Error::garbled)?;
        serde_json::from_slice(&self.bytes).map_err(Error::garbled)
    }

    /// The media type in the headers, without parameters.
    pub(super) fn media_type(&self) -> Option<&str> {
        let kind = self.headers.get(CONTENT_TYPE)?.to_str().ok()?;
        kind.split(';').next().map(str::trim).filter(|kind| !kind.is_empty() && kind.len() < 200)
    }
}

/// The URL of something in a repository, with encoded segments.
pub(super) fn url(access: &Access, repository: &str, below: &[&str]) -> Result<Url, Error> {
    let mut url = access.base.clone();
    url.path_segments_mut()
        .map_err(|()| Error::garbled("a registry's URL without a path"))?
        .pop_if_empty()
        .push("v2")
        .extend(repository.split('/'))
        .extend(below);
    Ok(url)
}

/// Reads a document. A registry may keep blobs in a storage account and redirect there; the token is not sent along.
///
/// # Errors
/// [`Error`]; [`Error::NotFound`] if there is no such document.
pub(super) async fn get(
    arm: &Arm,
    access: &Access,
    url: &Url,
    accept: &str,
) -> Result<Document, Error> {
    let request = arm.http().get(url.clone()).timeout(arm.within().answer);
    let request = request.bearer_auth(access.token.expose_secret()).header(ACCEPT, accept);
    let mut answer = request.send().await.map_err(|error| arm::broken(&error))?;
    if matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        let to = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok());
        let to = to.ok_or_else(|| Error::garbled("a redirect without a target"))?;
        let to = hosts::blob(arm.cloud(), to)?;
        let request = arm.http().get(to).timeout(arm.within().answer);
        answer = request.send().await.map_err(|error| arm::broken(&error))?;
    }
    tracing::debug!(path = url.path(), status = answer.status().as_u16(), "registry");
    if answer.status().as_u16() != 200 {
        return Err(refused(answer).await);
    }
    let headers = answer.headers().clone();
    let bytes = answer::whole(answer, MANIFEST_BYTES_MAX).await.map_err(arm::unread)?;
    Ok(Document { bytes, headers })
}

/// Maps an unsuccessful response of a registry (`{"errors":[{"code","message"}]}`) to an error.
pub(super) async fn refused(answer: Response) -> Error {
    let status = answer.status();
    let retry_after = retry_after::pause(answer.headers(), None);
    let bytes = answer::whole(answer, MANIFEST_BYTES_MAX).await.unwrap_or_default();
    let body = answer::weigh(&bytes).ok().and_then(|()| serde_json::from_slice(&bytes).ok());
    let first = |body: &Value| body.pointer("/errors/0").cloned();
    let refused = body.as_ref().map(|body| Refused::read(&first(body).unwrap_or(body.clone())));
    let Refused { code, .. } = refused.clone().unwrap_or_default();
    let said = refused.map(|refused| refused.sentence()).filter(|said| !said.is_empty());
    let http = format!("HTTP {}", status.as_u16());
    let message = format!("the container registry: {}", said.unwrap_or_else(|| http.clone()));
    match status.as_u16() {
        401 | 403 => Error::Rejected {
            code: if code.is_empty() { http } else { code },
            message: format!(
                "{message}. Check that the console's identity has AcrPull on the registry"
            ),
        },
        404 => Error::NotFound(message),
        429 => Error::Throttled { retry_after },
        408 | 500.. => Error::Unavailable(message),
        _ => Error::Rejected { code: if code.is_empty() { http } else { code }, message },
    }
}
