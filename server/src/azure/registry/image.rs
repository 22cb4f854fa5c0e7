//! Images in a registry: digest, size, age and commit of what a tag names now.

use super::Registry;
use super::data::{self, Document};
use super::token::{self, Access};
use crate::azure::arm::Arm;
use crate::azure::error::Error;
use crate::azure::wire::moment;
use crate::hash::sha256;
use domain::text::shortened;
use domain::timestamp::Timestamp;
use serde_json::Value;

/// The media types of manifests and indexes, of OCI and of Docker.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
                         application/vnd.docker.distribution.manifest.list.v2+json, \
                         application/vnd.docker.distribution.manifest.v2+json";
/// The label with the commit. Source: the OCI image specification.
const REVISION: &str = "org.opencontainers.image.revision";
/// Longest name of a repository, in characters. Source: the OCI distribution specification.
const REPOSITORY_CHARS_MAX: usize = 255;
/// Tags on one page. Source: ACR's default and maximum.
const PAGE: usize = 100;

/// An image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageInfo {
    /// What the tag names: `sha256:…` of the manifest, or of the index if the image has several platforms.
    pub digest: String,
    pub media_type: String,
    /// The compressed layers and the configuration of linux/amd64, in bytes.
    pub size_bytes: Option<u64>,
    pub created: Option<Timestamp>,
    /// From the label `org.opencontainers.image.revision`, if it is a hash.
    pub commit: Option<String>,
}

/// A page of tags.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TagPage {
    /// In the registry's order, which is alphabetical.
    pub tags: Vec<String>,
    /// What to pass for the next page; `None` on the last one.
    pub next: Option<String>,
}

/// Reads the image that a tag or digest names; `None` if there is no such image.
///
/// # Errors
/// [`Error`]; [`Error::Garbled`] also if a manifest does not match its digest.
pub async fn image(
    arm: &Arm,
    registry: &Registry,
    repository: &str,
    reference: &str,
) -> Result<Option<ImageInfo>, Error> {
    check(repository, Some(reference))?;
    let read = async {
        let access = token::access(arm, registry, repository, "pull").await?;
        let (digest, media_type, top) = manifest(arm, &access, repository, reference).await?;
        let manifest = match amd64(&top) {
            None => top,
            Some(digest) => manifest(arm, &access, repository, digest).await?.2,
        };
        let config = match manifest.pointer("/config/digest").and_then(Value::as_str) {
            Some(digest) if is_digest(digest) => blob(arm, &access, repository, digest).await?,
            _ => Value::Null,
        };
        let created = config.get("created").and_then(Value::as_str).and_then(moment);
        let (size_bytes, commit) = (size(&manifest), revision(&config));
        Ok(ImageInfo { digest, media_type, size_bytes, created, commit })
    };
    match Box::pin(read).await {
        Ok(info) => Ok(Some(info)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// One page of a repository's tags. `page` is `next` of the page before.
///
/// # Errors
/// [`Error`]; [`Error::NotFound`] if the registry has no such repository.
pub async fn tags(
    arm: &Arm,
    registry: &Registry,
    repository: &str,
    page: Option<&str>,
) -> Result<TagPage, Error> {
    check(repository, page)?;
    let access = token::access(arm, registry, repository, "metadata_read,pull").await?;
    let mut url = data::url(&access, repository, &["tags", "list"])?;
    url.query_pairs_mut().append_pair("n", &PAGE.to_string());
    if let Some(last) = page {
        url.query_pairs_mut().append_pair("last", last);
    }
    let document = data::get(arm, &access, &url, "application/json").await?;
    let body = document.json()?;
    // The list is null in an empty repository.
    let tags = match body.get("tags") {
        Some(Value::Array(tags)) => tags.iter().filter_map(Value::as_str),
        Some(Value::Null) => return Ok(TagPage::default()),
        _ => return Err(Error::garbled("a list of tags without “tags”")),
    };
    let tags: Vec<_> = tags.filter(|tag| is_tag(tag)).map(str::to_owned).collect();
    let link = document.headers.get("link").and_then(|link| link.to_str().ok());
    let has_more = link.is_some_and(|link| link.contains("rel=\"next\""));
    let next = tags.last().filter(|last| has_more && page != Some(last.as_str())).cloned();
    Ok(TagPage { tags, next })
}

/// Reads a manifest: its digest, its media type, and itself.
async fn manifest(
    arm: &Arm,
    access: &Access,
    repository: &str,
    reference: &str,
) -> Result<(String, String, Value), Error> {
    let url = data::url(access, repository, &["manifests", reference])?;
    let document = data::get(arm, access, &url, MANIFESTS).await?;
    let digest = digest(&document, reference)?;
    let body = document.json()?;
    let media_type = body.get("mediaType").and_then(Value::as_str).or(document.media_type());
    let media_type = media_type.unwrap_or_default().to_owned();
    let is_manifest = body.get("config").is_some() || body.get("manifests").is_some();
    if !is_manifest {
        return Err(Error::garbled("a manifest without configuration and without manifests"));
    }
    Ok((digest, shortened(&media_type, 200), body))
}

/// Reads an image's configuration.
async fn blob(arm: &Arm, access: &Access, repository: &str, digest: &str) -> Result<Value, Error> {
    let url = data::url(access, repository, &["blobs", digest])?;
    let document = data::get(arm, access, &url, "*/*").await?;
    self::digest(&document, digest)?;
    document.json()
}

/// The digest of a document, which must be the one that was requested.
fn digest(document: &Document, reference: &str) -> Result<String, Error> {
    let found = format!("sha256:{}", sha256(&document.bytes));
    let said = document.headers.get("docker-content-digest").and_then(|said| said.to_str().ok());
    let said = said.filter(|said| said.starts_with("sha256:"));
    let requested = Some(reference).filter(|reference| reference.starts_with("sha256:"));
    if said.into_iter().chain(requested).any(|expected| expected != found) {
        return Err(Error::garbled("an image that does not match its digest"));
    }
    Ok(found)
}

/// The digest of linux/amd64 in an index, or of its first manifest; `None` if this is not an index.
fn amd64(manifest: &Value) -> Option<&str> {
    let all = manifest.get("manifests")?.as_array()?;
    let is_own = |one: &&Value| {
        one.pointer("/platform/os").and_then(Value::as_str) == Some("linux")
            && one.pointer("/platform/architecture").and_then(Value::as_str) == Some("amd64")
    };
    let one = all.iter().find(is_own).or_else(|| all.first())?;
    one.get("digest")?.as_str().filter(|digest| is_digest(digest))
}

fn size(manifest: &Value) -> Option<u64> {
    let layers = manifest.get("layers")?.as_array()?;
    let all = layers.iter().chain(manifest.get("config"));
    all.map(|one| one.get("size")?.as_u64()).try_fold(0_u64, |sum, size| sum.checked_add(size?))
}

fn revision(config: &Value) -> Option<String> {
    let labels = config.pointer("/config/Labels")?;
    let revision = labels.get(REVISION)?.as_str()?;
    let is_commit =
        (7..=64).contains(&revision.len()) && revision.bytes().all(|b| b.is_ascii_hexdigit());
    is_commit.then(|| revision.to_ascii_lowercase())
}

fn check(repository: &str, reference: Option<&str>) -> Result<(), Error> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
    let is_segment = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphanumeric()) && part.chars().all(is_plain)
    };
    let is_name = repository.len() <= REPOSITORY_CHARS_MAX && repository.split('/').all(is_segment);
    let is_reference = reference.is_none_or(|one| is_tag(one) || is_digest(one));
    if is_name && is_reference {
        return Ok(());
    }
    let message = "the name of the image is not a valid repository with a tag or digest".to_owned();
    Err(Error::Rejected { code: "ImageName".to_owned(), message })
}

fn is_tag(tag: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    (1..=128).contains(&tag.len()) && tag.chars().all(is_plain) && !tag.starts_with(['.', '-'])
}

/// Whether a text is `sha256:` with 64 hexadecimal digits.
pub(super) fn is_digest(text: &str) -> bool {
    let hex = text.strip_prefix("sha256:");
    hex.is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}
