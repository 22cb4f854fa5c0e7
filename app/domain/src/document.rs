//! Exported documents: a plan or a state in the formats that teams keep.

use super::name::DeploymentName;
use serde::{Deserialize, Serialize};

/// The format of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A plan as JSON.
    Json,
    /// A plan as `az ml` commands.
    Commands,
    /// The `with:` block of a job that calls `deploy_realtime.yml` (or `build.yml`).
    With,
    /// An endpoint's CLI v2 YAML.
    Endpoint,
    /// A deployment's CLI v2 YAML.
    Deployment,
}

impl Form {
    /// The formats of a plan.
    pub const OF_PLAN: [Self; 3] = [Self::Json, Self::Commands, Self::With];

    /// The format's title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Commands => "az ml commands",
            Self::With => "Workflow inputs",
            Self::Endpoint => "Endpoint YAML",
            Self::Deployment => "Deployment YAML",
        }
    }

    /// The format's name within a sentence.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::With => "workflow inputs",
            Self::Endpoint => "endpoint YAML",
            Self::Deployment => "deployment YAML",
            Self::Json | Self::Commands => self.title(),
        }
    }

    /// The file extension.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Commands => "sh",
            Self::With | Self::Endpoint | Self::Deployment => "yml",
        }
    }

    /// The media type (YAML: RFC 9512).
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Commands => "text/x-shellscript; charset=utf-8",
            Self::With | Self::Endpoint | Self::Deployment => "application/yaml",
        }
    }
}

/// An exported document. Secrets are hidden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    pub form: Form,
    /// The file name: letters, digits, hyphens and dots.
    pub name: String,
    pub text: String,
}

/// A state as documents that would create it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Export {
    /// The documents in order, each with the deployment that it would create.
    pub documents: Vec<(Option<DeploymentName>, Document)>,
    /// What the documents cannot express, one sentence each.
    pub losses: Vec<String>,
}
