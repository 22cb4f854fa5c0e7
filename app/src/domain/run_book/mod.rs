//! The run book of a shadow: from an endpoint with a primary to a new primary and nothing left behind.
//!
//! [`Draft`] is what a person has decided so far and nothing else; it stands in the page's URL. [`Seen`] is
//! what was observed. From both [`steps`](steps::steps) tells how far the run book is, what comes next, and
//! what would be out of order; [`inputs`] tells what the team's workflow has to say for the next run. Pure.

pub mod form;
pub mod inputs;
pub mod step;
pub mod steps;
mod window;

#[cfg(test)]
mod tests;

use super::endpoint::Endpoint;
use super::name::DeploymentName;
use super::release::path::RepoPath;
use super::release::percent::Percent;
use super::repository::{Reference, ReleaseId};
use super::route::Part;
use super::stage::EndpointKey;
use super::traffic::Traffic;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What a person has decided of a shadow so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Draft {
    /// Where.
    pub at: Option<EndpointKey>,
    /// The state of the repository that is read; its own when none is given.
    pub reference: Option<Reference>,
    /// The new deployment's name.
    pub name: Option<DeploymentName>,
    /// Where its YAML is in the repository, or will be.
    pub config: Option<RepoPath>,
    /// Its model, when its YAML is made from the primary's; none when the YAML is in the repository.
    pub model: Option<AssetVersion>,
    /// Its environment then; the primary's when none is given.
    pub environment: Option<AssetVersion>,
    /// How much live traffic is mirrored to it.
    pub mirror: Option<Percent>,
    /// How much live traffic it takes next.
    pub traffic: Option<Percent>,
}

/// The team's release that the run book fills in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// Which.
    pub id: ReleaseId,
    /// The primary that it names.
    pub primary: Option<DeploymentName>,
    /// Whether it names a shadow.
    pub has_shadow: bool,
    /// The release that builds the image for the same stage, when there is one.
    pub build: Option<ReleaseId>,
}

/// What was observed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Seen {
    /// The endpoint.
    pub endpoint: Option<Endpoint>,
    /// What was measured of it.
    pub traffic: Option<Traffic>,
    /// Endpoints of other stages on which a deployment of that name has succeeded.
    pub elsewhere: Vec<EndpointKey>,
    /// The team's release for the endpoint; none when no repository has one.
    pub basis: Option<Basis>,
}

impl Seen {
    /// What the new deployment does; `None` while it is not there.
    #[must_use]
    pub fn part(&self, name: &DeploymentName) -> Option<Part> {
        let endpoint = self.endpoint.as_ref()?;
        endpoint.deployment(name).map(|deployment| endpoint.part(&deployment.name))
    }

    /// The deployment that the new one learns from: the largest live share that is not its own, else the
    /// primary that the release names.
    #[must_use]
    pub fn primary(&self, name: Option<&DeploymentName>) -> Option<&DeploymentName> {
        let endpoint = self.endpoint.as_ref()?;
        let others = endpoint.route.split().iter().filter(|(live, _)| Some(*live) != name);
        let live = others.max_by_key(|(_, share)| *share).map(|(live, _)| live);
        let named = || self.basis.as_ref()?.primary.as_ref().filter(|named| Some(*named) != name);
        live.or_else(named)
    }
}

/// Longest name and version of an asset, in bytes (Azure: 255 characters each).
const ASSET_BYTES_MAX: usize = 511;

/// A registered asset at a version: `nbq:2`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AssetVersion(String);

/// Why a text is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}” is not a registered version: write its name and version like nbq:2, in letters, digits and ._-"
)]
pub struct AssetVersionError(String);

impl FromStr for AssetVersion {
    type Err = AssetVersionError;
    /// Also with `azureml:` before it, as YAML has it.
    fn from_str(text: &str) -> Result<Self, AssetVersionError> {
        let text = text.trim();
        let plain = text.strip_prefix("azureml:").unwrap_or(text);
        let word = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_alphanumeric())
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        };
        match plain.split_once(':') {
            Some((name, version))
                if word(name) && word(version) && plain.len() <= ASSET_BYTES_MAX =>
            {
                Ok(Self(plain.to_owned()))
            }
            _ => {
                Err(AssetVersionError(text.chars().filter(|c| !c.is_control()).take(60).collect()))
            }
        }
    }
}

impl TryFrom<String> for AssetVersion {
    type Error = AssetVersionError;
    fn try_from(text: String) -> Result<Self, AssetVersionError> {
        text.parse()
    }
}

impl From<AssetVersion> for String {
    fn from(asset: AssetVersion) -> Self {
        asset.0
    }
}

impl fmt::Display for AssetVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
