//! Requests that change something at GitHub. Each is sent once: after a lost answer, the caller reads first.

use super::client::{self, Client};
use super::error::Error;
use super::refused;
use crate::outside::answer;
use crate::outside::caps::GITHUB_BYTES_MAX;
use crate::outside::timely;
use reqwest::Method;
use serde_json::Value;
use url::Url;

/// The answer to a write.
#[derive(Debug)]
pub(super) struct Written {
    /// 200, 201, 202 or 204.
    pub(super) status: u16,
    /// `Null` without a body.
    pub(super) body: Value,
}

impl Client {
    /// Sends one POST. [`Client::until`] sets the moment after which it is not sent.
    pub(super) async fn post(&self, url: &Url, body: &Value) -> Result<Written, Error> {
        self.may_ask()?;
        let posted = Box::pin(self.post_once(url, body)).await;
        posted.map_err(|error| self.noted(error))
    }

    async fn post_once(&self, url: &Url, body: &Value) -> Result<Written, Error> {
        let request = self.request(Method::POST, url, "application/vnd.github+json").await?;
        let request = match self.until {
            Some(until) => {
                timely::check(until).map_err(|late| Error::Unavailable(late.to_string()))?;
                timely::json(request, body, until)
            }
            None => request.json(body),
        };
        let answer = request.send().await.map_err(|error| client::broken(&error))?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        tracing::debug!(path = url.path(), status, "github write");
        if status == 401 {
            self.credential.forget().await;
        }
        if (300..400).contains(&status) {
            // GitHub redirects requests for a renamed repository. Its writes need the new name.
            return Err(Error::Redirected("a request that changes something".to_owned()));
        }
        let bytes = answer::whole(answer, GITHUB_BYTES_MAX).await.map_err(client::unread);
        if !matches!(status, 200 | 201 | 202 | 204) {
            let now = self.clock.now();
            return Err(refused::error(status, &headers, bytes.as_deref().ok(), now));
        }
        let bytes = bytes?;
        answer::weigh(&bytes).map_err(Error::garbled)?;
        let body = match bytes.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&bytes).map_err(Error::garbled)?,
        };
        Ok(Written { status, body })
    }
}
