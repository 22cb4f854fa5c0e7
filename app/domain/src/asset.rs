//! Assets that a deployment refers to: model, environment and code.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The kind of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssetKind {
    Model,
    Environment,
    Code,
}

impl AssetKind {
    /// The name of the collection in Azure's paths.
    #[must_use]
    pub fn collection(self) -> &'static str {
        match self {
            Self::Model => "models",
            Self::Environment => "environments",
            Self::Code => "codes",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Environment => "environment",
            Self::Code => "code",
        }
    }
}

/// An asset that a deployment refers to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Asset {
    pub kind: AssetKind,
    /// The reference in Azure's format: an ARM id, a registry's id, or `azureml:name:version`.
    pub reference: String,
}

impl Asset {
    /// Name and version, if the reference has both.
    #[must_use]
    pub fn version(&self) -> Option<(&str, &str)> {
        let parts: Vec<&str> = self.reference.trim_end_matches('/').split('/').collect();
        let (name, version) = match parts.as_slice() {
            [.., collection, name, versions, version]
                if versions.eq_ignore_ascii_case("versions")
                    && collection.eq_ignore_ascii_case(self.kind.collection()) =>
            {
                (*name, *version)
            }
            [short] => short.strip_prefix("azureml:")?.rsplit_once(':')?,
            _ => return None,
        };
        (!name.is_empty() && !version.is_empty()).then_some((name, version))
    }
}

impl fmt::Display for Asset {
    /// `model nbq:2`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.version() {
            Some((name, version)) => write!(f, "{} {name}:{version}", self.kind.word()),
            None => write!(f, "{} {}", self.kind.word(), self.reference),
        }
    }
}

/// The result of looking up an asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    There,
    Missing,
    /// The lookup was not possible, for this reason.
    NotChecked(String),
}

/// An asset that was looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    pub asset: Asset,
    pub found: Found,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_version_are_read_from_every_format_of_a_reference() {
        let home = "/subscriptions/s/resourceGroups/r/providers/x/workspaces/w";
        for (kind, reference, shown) in [
            (AssetKind::Model, format!("{home}/models/nbq/versions/2"), "model nbq:2"),
            (AssetKind::Code, format!("{home}/codes/c/Versions/1"), "code c:1"),
            (AssetKind::Environment, "azureml:env:3".to_owned(), "environment env:3"),
            (
                AssetKind::Model,
                "azureml://registries/r/models/m/versions/1".to_owned(),
                "model m:1",
            ),
            (AssetKind::Model, "azureml:nbq@latest".to_owned(), "model azureml:nbq@latest"),
            (AssetKind::Model, "@model#1".to_owned(), "model @model#1"),
            (AssetKind::Model, "azureml::1".to_owned(), "model azureml::1"),
            (
                AssetKind::Model,
                format!("{home}/environments/e/versions/1"),
                &format!("model {home}/environments/e/versions/1"),
            ),
        ] {
            assert_eq!(Asset { kind, reference }.to_string(), shown);
        }
    }
}
