//! Where an asset's files are stored: from a model's id through its `modelUri` to the blob store.

use std::path::PathBuf;

use crate::inner::Inner;
use crate::references::parse_reference;

/// The file or folder of a registered model; `None` if it is elsewhere or was never uploaded.
pub fn model_path(inner: &Inner, workspace: &str, id: &str) -> Option<PathBuf> {
    let uri = inner.store.read(|state| {
        let workspace = state.workspaces.get(workspace)?;
        let (name, version) = parse_reference("models", id)?;
        let container = workspace.assets.get("models")?.get(&name.to_lowercase())?;
        let asset = container.versions.iter().find(|asset| asset.version == version)?;
        asset.properties.get("modelUri")?.as_str().map(str::to_owned)
    })?;
    let (_, path) = uri.split_once("/paths/")?;
    inner.blobs.file(&container(workspace), path.trim_end_matches('/'))
}

/// The blob container behind a workspace's default datastore.
pub fn container(workspace: &str) -> String {
    format!("azureml-blobstore-{}", workspace.to_lowercase())
}
