//! Large bodies, read by pieces in constant memory.

use super::client::{self, Client, REDIRECTS_MAX};
use super::error::Error;
use super::{data_host, redirect, refused};
use crate::outside::answer;
use crate::outside::caps::{DOWNLOAD_READS, GITHUB_BYTES_MAX};
use bytes::Bytes;
use futures::Stream;
use reqwest::header::CONTENT_ENCODING;
use reqwest::{Method, Response};
use std::time::Duration;
use url::Url;

/// A body that arrives.
#[derive(Debug)]
pub struct Download {
    answer: Response,
    /// Bytes that may still arrive.
    left: u64,
    bytes_max: u64,
    /// The longest wait for the next piece.
    pause_max: Duration,
}

impl Download {
    /// The next piece, of the size that the network gave it; `None` at the end.
    ///
    /// # Errors
    /// [`Error::TooLarge`]; [`Error::Unavailable`] if the connection breaks or nothing arrives in time.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        let piece = tokio::time::timeout(self.pause_max, self.answer.chunk()).await;
        let late = || Error::Unavailable("a download stopped".to_owned());
        let piece = piece.map_err(|_| late())?.map_err(|error| client::broken(&error))?;
        let Some(piece) = piece else { return Ok(None) };
        self.left = self.left.checked_sub(piece.len() as u64).ok_or_else(|| {
            let bytes_max = usize::try_from(self.bytes_max).unwrap_or(usize::MAX);
            Error::TooLarge { bytes_max }
        })?;
        Ok(Some(piece))
    }

    /// The pieces as a stream. It ends after an error.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, Error>> + Send + Unpin {
        Box::pin(futures::stream::try_unfold(self, |mut download| async move {
            Ok(download.next().await?.map(|piece| (piece, download)))
        }))
    }
}

impl Client {
    /// Opens a body of at most `bytes_max` bytes. The API may redirect to signed data, which is read without the token.
    pub(super) async fn download(
        &self,
        url: &Url,
        accept: &str,
        bytes_max: u64,
    ) -> Result<Download, Error> {
        self.may_ask()?;
        let opened = Box::pin(self.open(url, accept)).await;
        let answer = opened.map_err(|error| self.noted(error))?;
        let mut encodings = answer.headers().get_all(CONTENT_ENCODING).iter();
        if encodings.any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
            return Err(Error::garbled(answer::Unread::Compressed));
        }
        Ok(Download { answer, left: bytes_max, bytes_max, pause_max: self.within.answer })
    }

    async fn open(&self, url: &Url, accept: &str) -> Result<Response, Error> {
        let (mut at, mut is_data) = (url.clone(), false);
        for _ in 0..=REDIRECTS_MAX {
            let request = match is_data {
                true => self.http.get(at.clone()),
                false => self.request(Method::GET, &at, accept).await?,
            };
            // The time for the whole body; the head has less.
            let request = request.timeout(self.within.read * DOWNLOAD_READS).send();
            let late = || Error::Unavailable("no response in time".to_owned());
            let answer = tokio::time::timeout(self.within.answer, request).await;
            let answer = answer.map_err(|_| late())?.map_err(|error| client::broken(&error))?;
            let status = answer.status().as_u16();
            tracing::debug!(host = at.host_str(), is_data, status, "github download");
            match status {
                200 => return Ok(answer),
                // A renamed repository.
                301 | 307 | 308 if !is_data => {
                    at = redirect::target(&at, answer.headers(), &self.api)?;
                }
                302 | 303 if !is_data => {
                    at = data_host::target(&at, answer.headers(), &self.api)?;
                    is_data = true;
                }
                300..400 => return Err(Error::Redirected("a download once more".to_owned())),
                _ => {
                    if status == 401 && !is_data {
                        self.credential.forget().await;
                    }
                    let headers = answer.headers().clone();
                    let bytes = answer::whole(answer, GITHUB_BYTES_MAX).await.ok();
                    let now = self.clock.now();
                    return Err(refused::error(status, &headers, bytes.as_deref(), now));
                }
            }
        }
        Err(Error::Redirected(format!("more than {REDIRECTS_MAX} times in a row")))
    }
}
