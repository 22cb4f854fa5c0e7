//! Texts to take away: a plan or a state in the forms that teams keep.

use super::name::DeploymentName;
use serde::{Deserialize, Serialize};

/// What form a text has.
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
    /// The forms of a plan.
    pub const OF_PLAN: [Self; 3] = [Self::Json, Self::Commands, Self::With];

    /// For people.
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

    /// Within a sentence.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::With => "workflow inputs",
            Self::Endpoint => "endpoint YAML",
            Self::Deployment => "deployment YAML",
            Self::Json | Self::Commands => self.title(),
        }
    }

    /// How files of it end.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Commands => "sh",
            Self::With | Self::Endpoint | Self::Deployment => "yml",
        }
    }

    /// Its media type (YAML: RFC 9512).
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Commands => "text/x-shellscript; charset=utf-8",
            Self::With | Self::Endpoint | Self::Deployment => "application/yaml",
        }
    }
}

/// A text to take away. Secrets in it are hidden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its form.
    pub form: Form,
    /// The file's name: letters, digits, hyphens and dots.
    pub name: String,
    /// The text.
    pub text: String,
}

/// A state in the forms that would make it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Export {
    /// The texts, in the order in which they are shown, each with the deployment that it makes.
    pub documents: Vec<(Option<DeploymentName>, Document)>,
    /// What they cannot say, one sentence each.
    pub losses: Vec<String>,
}
