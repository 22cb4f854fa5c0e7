//! Workspaces: region and linked Application Insights.

use super::arm::{Arm, ML_API_VERSION};
use super::error::Error;
use super::region::Region;
use super::resource_id::{COMPONENT, ResourceId};
use serde::Deserialize;

/// The names that identify a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    pub subscription: String,
    pub resource_group: String,
    pub name: String,
}

impl Workspace {
    /// The ARM ID.
    #[must_use]
    pub fn id(&self) -> String {
        let Self { subscription, resource_group, name } = self;
        format!(
            "/subscriptions/{subscription}/resourceGroups/{resource_group}/providers/\
             Microsoft.MachineLearningServices/workspaces/{name}"
        )
    }
}

/// The properties of a workspace that the console uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The region of the workspace and its endpoints.
    pub location: Region,
    /// The linked Application Insights component.
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
    application_insights: Option<String>,
}

/// Reads a workspace.
///
/// # Errors
/// [`Error`]; [`Error::Garbled`] also if the linked component's ID is invalid.
pub async fn get(arm: &Arm, workspace: &Workspace) -> Result<Read, Error> {
    let body = arm.get(arm.url(&workspace.id(), ML_API_VERSION, &[])?).await?.body;
    let wire: Wire = serde_json::from_value(body)
        .map_err(|error| Error::garbled(format!("a workspace: {error}")))?;
    let insights = wire.properties.application_insights.filter(|id| !id.is_empty());
    let insights = insights.map(|id| ResourceId::parse(&id, COMPONENT)).transpose()?;
    Ok(Read { location: Region::parse(&wire.location)?, insights })
}
