//! Sends the context of a build to the storage account that the registry names.

use super::Registry;
use crate::azure::arm::{self, Arm};
use crate::azure::error::Error;
use crate::azure::hosts;
use crate::azure::secret_url::SecretUrl;
use crate::outside::caps::{BLOCK_BYTES, BLOCK_TIME_MAX, LINK_BYTES_MAX};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use std::path::Path;
use std::time::Duration;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;
use url::Url;

/// Most attempts of one block. Writing the same block again has no further effect.
const TRIES_MAX: u32 = 3;

/// Where a context goes.
#[derive(Debug, Clone)]
pub struct Upload {
    pub url: SecretUrl,
    /// The name of the context in the request that schedules the build.
    pub relative_path: String,
}

/// Asks the registry where to send a context. This creates nothing, so it may be repeated.
///
/// # Errors
/// [`Error`]; [`Error::Garbled`] if the URL is not a storage URL of this cloud.
pub async fn upload_url(arm: &Arm, registry: &Registry) -> Result<Upload, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wire {
        upload_url: String,
        relative_path: String,
    }
    let url = registry.url(arm, &["listBuildSourceUploadUrl"], &[])?;
    let body = arm.send(Method::POST, url, None).await?.body;
    let wire: Wire = serde_json::from_value(body)
        .map_err(|_| Error::garbled("an upload URL without its fields"))?;
    let path = wire.relative_path;
    let is_path = !path.is_empty()
        && path.len() <= LINK_BYTES_MAX
        && path.chars().all(|c| c.is_ascii_graphic())
        && !path.split('/').any(|part| part == "..");
    if !is_path {
        return Err(Error::garbled("an upload URL with an invalid relative path"));
    }
    Ok(Upload { url: SecretUrl::parse(arm.cloud(), &wire.upload_url)?, relative_path: path })
}

/// Writes a file as one block blob. A file of more than one block is sent block by block, so memory stays constant.
/// Repeating the upload has no further effect.
///
/// # Errors
/// [`Error`], after retries if the error is temporary; [`Error::Rejected`] if the file cannot be read.
pub async fn upload(arm: &Arm, url: &SecretUrl, file: &Path) -> Result<(), Error> {
    let url = hosts::blob(arm.cloud(), url.expose())?;
    let mut file = File::open(file).await.map_err(|error| unreadable(&error))?;
    let mut block = next_block(&mut file).await?;
    let mut next = next_block(&mut file).await?;
    if next.is_empty() {
        return put(arm, &url, &block, "BlockBlob").await;
    }
    let mut ids = Vec::new();
    while !block.is_empty() {
        // All IDs of a blob must have the same length.
        let id = BASE64_STANDARD.encode(format!("{:08}", ids.len()));
        let mut at = url.clone();
        at.query_pairs_mut().append_pair("comp", "block").append_pair("blockid", &id);
        put(arm, &at, &block, "").await?;
        ids.push(id);
        block = std::mem::replace(&mut next, Bytes::new());
        if !block.is_empty() {
            next = next_block(&mut file).await?;
        }
    }
    let list: String = ids.iter().map(|id| format!("<Latest>{id}</Latest>")).collect();
    let list = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>{list}</BlockList>");
    let mut at = url;
    at.query_pairs_mut().append_pair("comp", "blocklist");
    put(arm, &at, &list.into(), "").await
}

fn unreadable(error: &std::io::Error) -> Error {
    let message = format!("the context to upload cannot be read: {}", error.kind());
    Error::Rejected { code: "Context".to_owned(), message }
}

/// The next block; empty at the end of the file.
async fn next_block(file: &mut File) -> Result<Bytes, Error> {
    let mut block = Vec::new();
    let mut part = file.take(BLOCK_BYTES as u64);
    part.read_to_end(&mut block).await.map_err(|error| unreadable(&error))?;
    Ok(block.into())
}

async fn put(arm: &Arm, url: &Url, bytes: &Bytes, kind: &str) -> Result<(), Error> {
    let mut tries = 1;
    loop {
        match once(arm, url, bytes, kind).await {
            Err(Error::Unavailable(_) | Error::Throttled { .. }) if tries < TRIES_MAX => {}
            outcome => return outcome,
        }
        tokio::time::sleep(Duration::from_millis(200 << tries)).await;
        tries += 1;
    }
}

async fn once(arm: &Arm, url: &Url, bytes: &Bytes, kind: &str) -> Result<(), Error> {
    // Tests shorten the timeout.
    let time = BLOCK_TIME_MAX.min(arm.within().answer * 4);
    let mut request = arm.http().put(url.clone()).timeout(time).body(bytes.clone());
    if !kind.is_empty() {
        request = request.header("x-ms-blob-type", kind);
    }
    let answer = request.send().await.map_err(|error| arm::broken(&error))?;
    match answer.status() {
        StatusCode::OK | StatusCode::CREATED => Ok(()),
        _ => Err(refused(&answer)),
    }
}

/// Maps an unsuccessful response of a storage account to an error. The bodies are XML, and a header repeats the code.
pub(super) fn refused(answer: &reqwest::Response) -> Error {
    let status = answer.status();
    let code = answer.headers().get("x-ms-error-code").and_then(|code| code.to_str().ok());
    let is_plain =
        |code: &&str| code.len() <= 100 && code.chars().all(|c| c.is_ascii_alphanumeric());
    let code =
        code.filter(is_plain).map_or_else(|| format!("HTTP {}", status.as_u16()), str::to_owned);
    match status.as_u16() {
        404 => Error::NotFound(format!("{code}, in a storage account")),
        429 => Error::Throttled { retry_after: None },
        401 | 403 => super::log::expired(),
        408 | 500.. => Error::Unavailable(format!("a storage account: {code}")),
        _ => {
            let message = "a storage account rejected the request".to_owned();
            Error::Rejected { code, message }
        }
    }
}
