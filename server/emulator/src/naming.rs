//! Names of the resources that are linked to a workspace. They follow the templates' naming
//! (`mlw-{n}-{p}{e}`, `kv-…`, `appi-…`).

/// The common part of the names of a workspace's linked resources.
pub fn stem(workspace: &str) -> &str {
    workspace.strip_prefix("mlw-").unwrap_or(workspace)
}

/// The names of the key vault, of Application Insights, and of the storage account.
pub fn linked(workspace: &str) -> (String, String, String) {
    let stem = stem(workspace);
    let storage: String = stem.chars().filter(char::is_ascii_alphanumeric).take(22).collect();
    (format!("kv-{stem}"), format!("appi-{stem}"), format!("st{}", storage.to_lowercase()))
}

/// The storage account behind a workspace.
pub fn storage_account(workspace: &str) -> String {
    linked(workspace).2
}
