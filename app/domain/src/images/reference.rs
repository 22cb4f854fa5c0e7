//! References to images: `registry/repository:tag@digest`.
//!
//! Sources: OCI Distribution Specification 1.1, “Pulling manifests” (repositories and tags), and OCI Image Specification
//! 1.1, “Descriptors” (digests). How the registry is recognised is docker's convention.

use crate::checked_text::checked_text;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Maximum length of registry and repository together, in bytes (OCI Distribution Specification: many clients have this
/// limit).
pub const NAME_BYTES_MAX: usize = 255;
/// Maximum length of a tag, in bytes (OCI Distribution Specification).
pub const TAG_BYTES_MAX: usize = 128;
/// The tag that a reference without tag and digest means.
pub const LATEST: &str = "latest";

/// The digest of a manifest: `sha256:` and 64 hexadecimal digits, or `sha512:` and 128.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImageDigest(String);

/// The text is not a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a digest is sha256: and 64 hexadecimal digits in lower case, or sha512: and 128")]
pub struct DigestError;

impl FromStr for ImageDigest {
    type Err = DigestError;
    fn from_str(text: &str) -> Result<Self, DigestError> {
        let (algorithm, digits) = text.split_once(':').ok_or(DigestError)?;
        let length = match algorithm {
            "sha256" => 64,
            "sha512" => 128,
            _ => return Err(DigestError),
        };
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let is_legal = digits.len() == length && digits.bytes().all(is_digit);
        is_legal.then(|| Self(text.to_owned())).ok_or(DigestError)
    }
}

checked_text!(ImageDigest);

impl ImageDigest {
    /// The first twelve hexadecimal digits, for screens.
    #[must_use]
    pub fn short(&self) -> &str {
        let digits = self.0.split_once(':').map_or("", |(_, digits)| digits);
        digits.get(..12).unwrap_or(digits)
    }
}

/// A tag of an image.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImageTag(String);

/// The text is not a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a tag has letters, digits, underscores, dots and hyphens, does not begin with a dot or a hyphen, and has \
     {TAG_BYTES_MAX} characters at most"
)]
pub struct TagError;

impl FromStr for ImageTag {
    type Err = TagError;
    fn from_str(text: &str) -> Result<Self, TagError> {
        let is_first = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let is_later = |byte: u8| is_first(byte) || matches!(byte, b'.' | b'-');
        let is_legal = text.len() <= TAG_BYTES_MAX
            && text.bytes().next().is_some_and(is_first)
            && text.bytes().all(is_later);
        is_legal.then(|| Self(text.to_owned())).ok_or(TagError)
    }
}

checked_text!(ImageTag);

/// A reference to an image in a registry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImageReference {
    registry: Option<String>,
    repository: String,
    tag: Option<ImageTag>,
    digest: Option<ImageDigest>,
}

/// Why a text is not a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    #[error(
        "registry and repository have {0} characters; {NAME_BYTES_MAX} are allowed. Use a shorter name"
    )]
    Long(usize),
    #[error(
        "a repository has lower-case letters and digits with single dots, one or two underscores, or hyphens between \
         them, and slashes between its parts"
    )]
    Repository,
    #[error("a registry is a host name, perhaps with a port: anet.azurecr.io")]
    Registry,
    #[error("{0}")]
    Tag(#[from] TagError),
    #[error("{0}")]
    Digest(#[from] DigestError),
}

impl ImageReference {
    /// The registry's host and port; `None` means Docker Hub.
    #[must_use]
    pub fn registry(&self) -> Option<&str> {
        self.registry.as_deref()
    }

    /// The repository within the registry.
    #[must_use]
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag, if the reference has one.
    #[must_use]
    pub fn tag(&self) -> Option<&ImageTag> {
        self.tag.as_ref()
    }

    /// The digest, if the reference has one. The tag then has no effect.
    #[must_use]
    pub fn digest(&self) -> Option<&ImageDigest> {
        self.digest.as_ref()
    }

    /// The tag that decides which image this is: `latest` if neither tag nor digest is given, and `None` with a digest.
    #[must_use]
    pub fn moving_tag(&self) -> Option<&str> {
        match (&self.digest, &self.tag) {
            (Some(_), _) => None,
            (None, Some(tag)) => Some(tag.as_str()),
            (None, None) => Some(LATEST),
        }
    }

    /// Whether both are in the same repository of the same registry. Host names have no case.
    #[must_use]
    pub fn is_in_repository_of(&self, other: &Self) -> bool {
        let hosts = (self.registry.as_deref(), other.registry.as_deref());
        let is_same_host = match hosts {
            (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
            (one, other) => one == other,
        };
        is_same_host && self.repository == other.repository
    }

    /// The same image with another tag and no digest.
    #[must_use]
    pub fn with_tag(&self, tag: ImageTag) -> Self {
        Self { tag: Some(tag), digest: None, ..self.clone() }
    }

    /// The same repository's image with this digest, whatever its tags mean later.
    #[must_use]
    pub fn with_digest(&self, digest: ImageDigest) -> Self {
        Self { digest: Some(digest), ..self.clone() }
    }
}

/// Whether a text is one part of a repository: words of lower-case letters and digits with separators between them.
fn is_component(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    let edges = [bytes.first(), bytes.last()];
    let separators = text.split(|c: char| u8::try_from(c).is_ok_and(is_word));
    let is_separator =
        |part: &str| matches!(part, "" | "." | "_" | "__") || part.bytes().all(|byte| byte == b'-');
    edges.into_iter().all(|edge| edge.copied().is_some_and(is_word))
        && separators.into_iter().all(is_separator)
}

/// Whether a text is a host name, perhaps with a port.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let is_port = |port: &str| {
        port.bytes().all(|byte| byte.is_ascii_digit())
            && port.parse::<u16>().is_ok_and(|port| port > 0)
    };
    let is_label = |label: &str| {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty()
            && label.bytes().all(legal)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.split('.').all(is_label) && port.is_none_or(is_port)
}

impl FromStr for ImageReference {
    type Err = ReferenceError;
    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.parse()?)),
            None => (text, None),
        };
        // A colon before the last slash belongs to a port.
        let last = rest.rfind('/').map_or(0, |at| at + 1);
        let (name, tag) = match rest[last..].split_once(':') {
            Some((end, tag)) => (&rest[..last + end.len()], Some(tag.parse()?)),
            None => (rest, None),
        };
        if name.len() > NAME_BYTES_MAX {
            return Err(ReferenceError::Long(name.len()));
        }
        let is_registry = |first: &str| first.contains(['.', ':']) || first == "localhost";
        let (registry, repository) = match name.split_once('/') {
            Some((first, rest)) if is_registry(first) => (Some(first), rest),
            _ => (None, name),
        };
        if !registry.is_none_or(is_host) {
            return Err(ReferenceError::Registry);
        }
        if !repository.split('/').all(is_component) {
            return Err(ReferenceError::Repository);
        }
        let (registry, repository) = (registry.map(str::to_owned), repository.to_owned());
        Ok(Self { registry, repository, tag, digest })
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(registry) = &self.registry {
            write!(f, "{registry}/")?;
        }
        f.write_str(&self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

impl TryFrom<String> for ImageReference {
    type Error = ReferenceError;
    fn try_from(text: String) -> Result<Self, ReferenceError> {
        text.parse()
    }
}

impl From<ImageReference> for String {
    fn from(reference: ImageReference) -> Self {
        reference.to_string()
    }
}
