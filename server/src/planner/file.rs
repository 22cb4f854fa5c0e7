//! The YAML files of a release, rendered to REST bodies.

use domain::release::path::RepoPath;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use spec::asset::{Action, Kind};
use spec::scope::Scope;
use std::collections::BTreeMap;

/// One rendered file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Rendered {
    /// The REST body, without `location`.
    pub body: Value,
    /// The assets that must be uploaded or registered first, in words.
    pub unregistered: Vec<String>,
    /// Assets that the file names by a label. The workspace knows their version.
    #[serde(default)]
    pub labels: Vec<Label>,
}

/// An asset named by a label, such as `azureml:nbq@latest`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Label {
    /// ARM's collection: `models` or `environments`.
    pub collection: String,
    pub name: String,
}

impl Label {
    /// The label as in the YAML.
    #[must_use]
    pub fn written(&self) -> String {
        format!("azureml:{}@latest", self.name)
    }

    /// The field of a deployment's body that names the asset.
    #[must_use]
    pub fn field(&self) -> &'static str {
        if self.collection == Kind::Model.collection() {
            "/properties/model"
        } else {
            "/properties/environmentId"
        }
    }
}

impl Rendered {
    /// A file from the renderer, without the location, which comes from the workspace.
    #[must_use]
    pub fn of(rendered: spec::render::Rendered, scope: &Scope) -> Self {
        let mut body = rendered.with_known_ids(scope);
        if let Some(fields) = body.as_object_mut() {
            fields.remove("location");
        }
        let (mut unregistered, mut labels) = (Vec::new(), Vec::new());
        for asset in rendered.assets {
            let named = matches!(asset.kind, Kind::Model | Kind::Environment);
            match (asset.action, asset.name) {
                (Action::Resolve, Some(name)) if named => {
                    labels.push(Label { collection: asset.kind.collection().to_owned(), name });
                }
                _ => unregistered.push(asset.reference),
            }
        }
        Self { body, unregistered, labels }
    }
}

/// The files of a release, by path.
pub type Files = BTreeMap<RepoPath, Rendered>;
