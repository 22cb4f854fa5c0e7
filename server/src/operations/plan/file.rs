//! The YAML files that a release names, as rendered to REST bodies by whoever read them.

use app::domain::release::path::RepoPath;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// One file, rendered.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Rendered {
    /// The REST body, without `location`.
    pub body: Value,
    /// References in it (`@code#1`) to local files that must be registered first.
    pub unregistered: Vec<String>,
}

/// All of them, by path.
pub type Files = BTreeMap<RepoPath, Rendered>;
