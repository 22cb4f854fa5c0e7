//! What must exist before a body can be sent: code, models, environments, collected data.

use crate::scope::Scope;
use serde::Serialize;
use serde_json::Value as Json;

/// What the SDK calls environments without a name.
pub(crate) const ANONYMOUS_ENVIRONMENT: &str = "CliV2AnonymousEnvironment";

/// The kinds of assets that a deployment refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A scoring folder.
    Code,
    /// A model.
    Model,
    /// An environment.
    Environment,
    /// Where collected data goes.
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

    /// The word for it in references and messages.
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

/// What has to be done about an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Upload `path`, then register `body` with the place of the upload in `upload_to`.
    Upload,
    /// Register `body` as it is.
    Register,
    /// Find the version that `label` means today: `azureml:name@latest`.
    Resolve,
}

/// One asset. Its `reference` stands in the deployment's body where its id will go, in words: it may reach a
/// person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Asset {
    /// What a person reads in its place: `azureml:nbq@latest`, `local model: ./nbq`, `inline environment`. With
    /// `kind` it is unique in one rendering.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What it is.
    pub kind: Kind,
    /// What has to be done.
    pub action: Action,
    /// Its name; for an anonymous model or code, what the service makes of its contents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its version; without one the next is taken, or for anonymous assets what their contents give.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The label to resolve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The local file or folder to upload, resolved against the file that names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The datastore to upload to, when the file names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub datastore: Option<String>,
    /// The key of `body.properties` that gets the upload's address: `codeUri`, `modelUri`, `build.contextUri`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload_to: Option<&'static str>,
    /// An environment's conda specification: registered as YAML text in `condaFile`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conda: Option<Json>,
    /// What is sent to register it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Json>,
}

impl Asset {
    /// An asset of which nothing is known but what has to be done.
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
    /// Notes an asset and gives the reference that stands for its id.
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
