//! The workspace's container registry: builds by ACR Tasks, their logs, and the images in the registry.
//!
//! * `upload`: sends the build's context; `build`: schedules and cancels a run; `runs`: reads runs, and finds the run of
//!   which the answer was lost; `log`: reads a run's log while it is written.
//! * `token`, `data`, `image`: the registry's own API, with its own tokens.
//!
//! Azure ML creates the registry with the first image that it builds itself, so a new workspace has none.

mod build;
mod data;
mod image;
mod log;
mod runs;
#[cfg(test)]
mod tests;
mod token;
mod upload;

use super::arm::{Arm, ML_API_VERSION, Workspace};
use super::error::Error;
use super::hosts;
use super::resource_id::{REGISTRY, ResourceId};
use serde::Deserialize;
use serde_json::Value;

pub use build::{Argument, Platform, Schedule, ScheduledRun, cancel, marker, schedule};
pub use image::{ImageInfo, TagPage, image, tags};
pub use log::{Complete, LINK_EXPIRED, LogPiece, is_link_expired, log_piece, log_url};
pub use runs::{BuildRun, BuildStatus, OutputImage, Traced, run, runs, trace};
pub use upload::{Upload, upload, upload_url};

/// The API version of registries: a stable one.
const API_VERSION: &str = "2023-07-01";
/// The API version of tasks and runs: what the Azure CLI sends. No stable version has agent pools and log artifacts.
const TASKS_API_VERSION: &str = "2019-06-01-preview";

/// A container registry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Registry {
    pub id: ResourceId,
    pub name: String,
    /// The host, and on loopback the port, of image names: `acranet.azurecr.io`.
    pub login_server: String,
}

impl Registry {
    /// A registry from a stored ID and login server.
    ///
    /// # Errors
    /// [`Error::Garbled`] if one of them is invalid in this cloud.
    pub fn new(arm: &Arm, id: &str, login_server: &str) -> Result<Self, Error> {
        let id = ResourceId::parse(id, REGISTRY)?;
        hosts::registry(arm.cloud(), login_server)?;
        let name = id.name().to_owned();
        Ok(Self { id, name, login_server: login_server.to_ascii_lowercase() })
    }

    /// The repository and the tag or digest of an image in this registry; `None` for other images. Without a tag it is
    /// `latest`, as for every client.
    #[must_use]
    pub fn locate<'a>(&self, image: &'a str) -> Option<(&'a str, &'a str)> {
        let (host, image) = image.split_once('/')?;
        if !host.eq_ignore_ascii_case(&self.login_server) {
            return None;
        }
        Some(match (image.split_once('@'), image.rsplit_once(':')) {
            // A digest decides, whatever tag stands before it.
            (Some((name, digest)), _) => (name.split(':').next().unwrap_or(name), digest),
            (None, Some(both)) => both,
            (None, None) => (image, "latest"),
        })
    }

    /// The URL of something below the registry in ARM, with encoded segments.
    fn url(&self, arm: &Arm, below: &[&str], query: &[(&str, &str)]) -> Result<url::Url, Error> {
        let mut url = arm.url_of(&self.id, TASKS_API_VERSION)?;
        url.path_segments_mut().map_err(|()| Error::garbled("a URL without a path"))?.extend(below);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }
}

/// The registry of a workspace; `None` if it has no registry yet.
///
/// # Errors
/// [`Error`]; [`Error::Garbled`] if the registry's ID or login server is invalid.
pub async fn of_workspace(arm: &Arm, workspace: &Workspace) -> Result<Option<Registry>, Error> {
    let body = arm.get(arm.url(&workspace.id(), ML_API_VERSION, &[])?).await?.body;
    let id = body.pointer("/properties/containerRegistry").and_then(Value::as_str);
    let Some(id) = id.filter(|id| !id.is_empty()) else { return Ok(None) };
    let id = ResourceId::parse(id, REGISTRY)?;
    let body = arm.get(arm.url_of(&id, API_VERSION)?).await?.body;
    #[derive(Deserialize)]
    struct Wire {
        properties: WireProperties,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct WireProperties {
        login_server: String,
    }
    let wire: Wire = serde_json::from_value(body)
        .map_err(|error| Error::garbled(format!("a registry: {error}")))?;
    Registry::new(arm, &id.to_string(), &wire.properties.login_server).map(Some)
}
