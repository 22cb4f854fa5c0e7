//! The version of the templates that a call names, and the features of that version.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The tag before the numbered ones.
pub const PRIME: &str = "prime_release_20250826";
/// The newest version in the table of [`super::contract`].
pub const LATEST: Tag = Tag::new(2, 2, 4);
/// The first numbered version.
pub const OLDEST: Tag = Tag::new(1, 0, 0);

/// A numbered tag of the templates: `v1.0.3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tag {
    major: u16,
    minor: u16,
    patch: u16,
}

impl Tag {
    /// `v{major}.{minor}.{patch}`
    #[must_use]
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch }
    }
}

/// The text is not a numbered tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoTag;

impl FromStr for Tag {
    type Err = NoTag;
    /// Git compares tags exactly, so only `v1.0.3` parses, not `V1.0.3`, `1.0.3` or `v1.0.03`.
    fn from_str(text: &str) -> Result<Self, NoTag> {
        let mut parts = text.strip_prefix('v').ok_or(NoTag)?.split('.');
        let mut next = || {
            let part = parts.next().ok_or(NoTag)?;
            let number: u16 = part.parse().map_err(|_| NoTag)?;
            if number.to_string() == part { Ok(number) } else { Err(NoTag) }
        };
        let tag = Self { major: next()?, minor: next()?, patch: next()? };
        if parts.next().is_none() { Ok(tag) } else { Err(NoTag) }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// An edition of the templates, ordered by age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edition {
    /// Before the first tag: a primary and its shadow.
    FirstForm,
    /// `prime_release_20250826`: blue and green.
    Prime,
    Tagged(Tag),
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FirstForm => f.write_str("the form before the first tag"),
            Self::Prime => f.write_str(PRIME),
            Self::Tagged(tag) => tag.fmt(f),
        }
    }
}

/// How a call's edition was determined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// The call names a version in the table.
    Named,
    /// The called workflow was read.
    Read,
    /// Guessed from the inputs.
    Guessed,
}

/// The two forms of `deploy_realtime.yml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A primary and its shadow.
    First,
    /// Blue and green.
    BlueGreen,
}

/// The version of the templates that a call names: its tag, form and features.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateVersion {
    /// The reference after the call's `@`; `None` for a workflow in the same repository.
    pub reference: Option<String>,
    /// The edition whose inputs the call is checked against.
    pub edition: Edition,
    pub known: Known,
}

impl TemplateVersion {
    /// The form of the edition.
    #[must_use]
    pub fn form(&self) -> Form {
        if self.edition == Edition::FirstForm { Form::First } else { Form::BlueGreen }
    }

    fn since(&self, major: u16, minor: u16, patch: u16) -> bool {
        self.edition >= Edition::Tagged(Tag::new(major, minor, patch))
    }

    /// Whether the version takes `templates_repo_ref`, which repeats the tag.
    #[must_use]
    pub fn takes_templates_ref(&self) -> bool {
        self.since(1, 0, 0)
    }

    /// Whether the workflow builds the image before it deploys either colour.
    #[must_use]
    pub fn builds_first(&self) -> bool {
        self.since(1, 0, 3)
    }

    /// Whether the version has `enable_queue_logging`, which turns logging of requests to a queue on (default) or off.
    #[must_use]
    pub fn sets_queue_logging(&self) -> bool {
        self.since(1, 0, 5)
    }

    /// Whether the workflow sets variables on what it deploys: `TRAFFIC_TYPE`, `ENDPOINT_NAME`, `LOGGING_MODE` and,
    /// with queue logging, `QUEUE_NAME`, `STAGING_CONTAINER_NAME` and `AZURE_STORAGE_ACCOUNT_NAME`.
    #[must_use]
    pub fn sets_variables(&self) -> bool {
        self.form() == Form::BlueGreen
    }

    /// Whether `BUILD_SHA` is one of those variables.
    #[must_use]
    pub fn sets_build_sha(&self) -> bool {
        self.since(2, 2, 1)
    }

    /// Whether the call names a version that is in the table.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.known == Known::Named
    }
}

impl fmt::Display for TemplateVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.reference, self.known) {
            (Some(reference), _) => f.write_str(reference),
            (None, _) => f.write_str("the same repository's"),
        }
    }
}
