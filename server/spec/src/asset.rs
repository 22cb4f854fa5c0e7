//! The assets that must exist before a body can be sent: code, models, environments, collected data.

use crate::scope::Scope;
use serde::Serialize;
use serde_json::Value as Json;

/// The SDK's name for environments without a name.
pub(crate) const ANONYMOUS_ENVIRONMENT: &str = "CliV2AnonymousEnvironment";

/// The kinds of assets that a deployment refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A scoring folder.
    Code,
    Model,
    Environment,
    /// The destination of collected data.
    Data,
}

impl Kind {
    /// The ARM collection.
    #[must_use]
    pub fn collection(self) -> &'static str {
        match self {
            Self::Code => "codes",
            Self::Model => "models",
            Self::Environment => "environments",
            Self::Data => "data",
        }
    }

    /// The word in references and messages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Model => "model",
            Self::Environment => "environment",
            Self::Data => "data",
        }
    }
}

/// The action that an asset needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Upload `path`, then register `body` with the upload's address at `upload_to`.
    Upload,
    /// Register `body`.
    Register,
    /// Look up the current version of `label`: `azureml:name@latest`.
    Resolve,
}

/// One asset. The deployment's body has its `reference` in place of its id. The reference is readable, because people
/// may see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Asset {
    /// For example `azureml:nbq@latest`, `local model: ./nbq`, `inline environment`. Unique per `kind` in one
    /// rendering.
    #[serde(rename = "ref")]
    pub reference: String,
    pub kind: Kind,
    pub action: Action,
    /// `None` for an anonymous model or code, whose name the service derives from the contents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `None` for the next version, or for a version derived from the contents of an anonymous asset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The local file or folder to upload, resolved against the file that names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The datastore to upload to, if the file names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub datastore: Option<String>,
    /// The key in `body.properties` for the upload's address: `codeUri`, `modelUri`, `build.contextUri`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload_to: Option<&'static str>,
    /// An environment's conda specification, registered as YAML text in `condaFile`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conda: Option<Json>,
    /// The body that registers the asset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Json>,
}

impl Asset {
    /// An asset with only these two fields set.
    #[must_use]
    pub fn new(kind: Kind, action: Action) -> Self {
        Self {
            reference: String::new(),
            kind,
            action,
            name: None,
            version: None,
            label: None,
            path: None,
            datastore: None,
            upload_to: None,
            conda: None,
            body: None,
        }
    }

    fn words(&self) -> String {
        let word = self.kind.word();
        let name = self.name.as_deref().unwrap_or_default();
        match (self.action, &self.label, &self.path) {
            (Action::Resolve, Some(label), _) => format!("azureml:{name}@{label}"),
            (Action::Upload, _, Some(path)) => format!("local {word}: {path}"),
            _ if name.is_empty() || name == ANONYMOUS_ENVIRONMENT => format!("inline {word}"),
            _ => format!("inline {word}: {name}"),
        }
    }
}

/// The assets found so far, numbered by kind.
#[derive(Debug, Default)]
pub(crate) struct Assets {
    pub(crate) all: Vec<Asset>,
}

impl Assets {
    /// Adds an asset; returns its unique reference.
    pub(crate) fn add(&mut self, mut asset: Asset) -> String {
        let words = asset.words();
        let is_taken = |text: &str| {
            self.all.iter().any(|known| known.kind == asset.kind && known.reference == text)
        };
        let numbered = (2..).map(|number| format!("{words} ({number})"));
        let free = std::iter::once(words.clone()).chain(numbered).find(|text| !is_taken(text));
        asset.reference = free.unwrap_or(words);
        let reference = asset.reference.clone();
        self.all.push(asset);
        reference
    }
}

/// The ARM id of a registered asset.
pub(crate) fn id(scope: &Scope, kind: Kind, name: &str, version: &str) -> String {
    format!("{}/{}/{name}/versions/{version}", scope.id(), kind.collection())
}
