//! The target workspace of rendered bodies.

/// A workspace and its region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    pub subscription: String,
    pub resource_group: String,
    pub workspace: String,
    /// The region, for example `westeurope`.
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
