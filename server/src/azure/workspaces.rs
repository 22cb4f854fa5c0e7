//! A workspace: where it is, and what it is linked to.

use super::arm::{Arm, ML_API_VERSION};
use super::error::Error;
use super::region::Region;
use super::resource_id::{COMPONENT, ResourceId};
use serde::Deserialize;

/// A workspace's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// The subscription's id.
    pub subscription: String,
    /// The resource group.
    pub resource_group: String,
    /// The workspace.
    pub name: String,
}

impl Workspace {
    /// Its ARM id.
    #[must_use]
    pub fn id(&self) -> String {
        let Self { subscription, resource_group, name } = self;
        format!(
            "/subscriptions/{subscription}/resourceGroups/{resource_group}/providers/\
             Microsoft.MachineLearningServices/workspaces/{name}"
        )
    }
}

/// What the console needs of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// Its region (`westeurope`), which its endpoints share.
    pub location: Region,
    /// Its Application Insights component, when it has one.
    pub insights: Option<ResourceId>,
}

#[derive(Deserialize)]
struct Wire {
    location: String,
    properties: WireProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireProperties {
    #[serde(default)]
    application_insights: Option<String>,
}

/// Reads it.
///
/// # Errors
/// [`Error`]; [`Error::Garbled`] also when what it is linked to is no resource.
pub async fn get(arm: &Arm, workspace: &Workspace) -> Result<Read, Error> {
    let body = arm.get(arm.url(&workspace.id(), ML_API_VERSION, &[])?).await?.body;
    let wire: Wire = serde_json::from_value(body)
        .map_err(|error| Error::garbled(format!("a workspace: {error}")))?;
    let insights = wire.properties.application_insights.filter(|id| !id.is_empty());
    let insights = insights.map(|id| ResourceId::parse(&id, COMPONENT)).transpose()?;
    Ok(Read { location: Region::parse(&wire.location)?, insights })
}
