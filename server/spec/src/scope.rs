//! The workspace that bodies are for.

/// A workspace, and the region that its endpoints' bodies carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The subscription's id.
    pub subscription: String,
    /// The resource group's name.
    pub resource_group: String,
    /// The workspace's name.
    pub workspace: String,
    /// The workspace's region, like `westeurope`.
    pub location: String,
}

impl Scope {
    /// The workspace's ARM id.
    #[must_use]
    pub fn id(&self) -> String {
        let Self { subscription, resource_group, workspace, .. } = self;
        format!(
            "/subscriptions/{subscription}/resourceGroups/{resource_group}/providers/Microsoft.MachineLearningServices/workspaces/{workspace}"
        )
    }

    /// A path in a datastore of this workspace, in the long form.
    #[must_use]
    pub fn datastore_path(&self, datastore: &str, path: &str) -> String {
        let Self { subscription, resource_group, workspace, .. } = self;
        format!(
            "azureml://subscriptions/{subscription}/resourcegroups/{resource_group}/workspaces/{workspace}/datastores/{datastore}/paths/{path}"
        )
    }
}
