//! The run book of a shadow: the steps from an endpoint with a primary to an endpoint with a new primary.
//!
//! [`ShadowDraft`] holds a person's decisions, and is stored in the page's URL. [`Seen`] holds what the console observed.
//! From both, [`steps`](steps::steps) derives the progress of each step, and [`inputs`] the inputs of the team's
//! workflow for the next run.

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
use crate::checked_text::checked_text;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// A person's decisions about a shadow so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ShadowDraft {
    pub at: Option<EndpointKey>,
    /// The repository's state to read; the configured one if `None`.
    pub reference: Option<Reference>,
    pub name: Option<DeploymentName>,
    /// The present or future path of the deployment's YAML in the repository.
    pub config: Option<RepoPath>,
    /// The model, if the YAML is derived from the primary's; `None` if the repository has the YAML.
    pub model: Option<AssetVersion>,
    /// The environment for a derived YAML; the primary's if `None`.
    pub environment: Option<AssetVersion>,
    /// Percentage of live traffic to mirror.
    pub mirror: Option<Percent>,
    /// Percentage of live traffic to move in the next step.
    pub traffic: Option<Percent>,
}

/// The team's release that the run book fills in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    pub id: ReleaseId,
    pub primary: Option<DeploymentName>,
    /// Whether the release names a shadow.
    pub has_shadow: bool,
    /// The release that builds the image for the same stage, if any.
    pub build: Option<ReleaseId>,
}

/// What the console observed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Seen {
    pub endpoint: Option<Endpoint>,
    pub traffic: Option<Traffic>,
    /// Endpoints of other stages on which a deployment of the same name has succeeded.
    pub elsewhere: Vec<EndpointKey>,
    /// The team's release for the endpoint, if any repository has one.
    pub basis: Option<Basis>,
}

impl Seen {
    /// The new deployment's role; `None` if the deployment does not exist.
    #[must_use]
    pub fn part(&self, name: &DeploymentName) -> Option<Part> {
        let endpoint = self.endpoint.as_ref()?;
        endpoint.deployment(name).map(|deployment| endpoint.part(&deployment.name))
    }

    /// The deployment to compare with: the other deployment with the largest live share, otherwise the primary that
    /// the release names.
    #[must_use]
    pub fn primary(&self, name: Option<&DeploymentName>) -> Option<&DeploymentName> {
        let endpoint = self.endpoint.as_ref()?;
        let others = endpoint.route.split().iter().filter(|(live, _)| Some(*live) != name);
        let live = others.max_by_key(|(_, share)| *share).map(|(live, _)| live);
        let named = || self.basis.as_ref()?.primary.as_ref().filter(|named| Some(*named) != name);
        live.or_else(named)
    }
}

/// Maximum length of an asset's name and version, in bytes (Azure: 255 characters each).
const ASSET_BYTES_MAX: usize = 511;

/// A registered asset at a version: `nbq:2`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AssetVersion(String);

/// The text is not a valid asset version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}” is not a registered version: use a name and version like nbq:2, in letters, digits and ._-"
)]
pub struct AssetVersionError(String);

impl FromStr for AssetVersion {
    type Err = AssetVersionError;
    /// Accepts the prefix `azureml:`, which YAML uses.
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

checked_text!(AssetVersion);
