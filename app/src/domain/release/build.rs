//! Builds: the inputs of `build.yml`.

use super::contract::Declared;
use super::environment::EnvironmentName;
use super::input::{Asked, Inputs};
use super::path::RepoPath;
use super::reader::{Reader, Said};
use super::tags::Tags;
use super::version::TemplateVersion;
use super::{Template, deploy};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Longest name of an Azure ML environment (Azure: naming rules of assets).
pub const IMAGE_NAME_MAX: usize = 255;
/// Longest name of a layer of a Dockerfile, and of a description, in characters: our own limit.
const TEXT_MAX: usize = 1000;

/// The name of an Azure ML environment, which is also the name of its image's repository: hence lower case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImageName(String);

/// Why a text is no name of an image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}” cannot name an environment and its image: use lower-case letters, digits, and single hyphens, dots or \
     underscores between them, 255 characters at most"
)]
pub struct ImageNameError(String);

impl ImageName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ImageName {
    type Err = ImageNameError;
    fn from_str(text: &str) -> Result<Self, ImageNameError> {
        let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        // Container registries take one separator at a time, or several hyphens.
        let mut rest = text;
        let mut legal = text.len() <= IMAGE_NAME_MAX && text.starts_with(is_word);
        legal = legal && text.ends_with(is_word);
        while let Some(at) = rest.find(|c: char| !is_word(c)) {
            let end = rest[at..].find(is_word).map_or(rest.len(), |length| at + length);
            let separators = &rest[at..end];
            rest = &rest[end..];
            let hyphens = separators.chars().all(|c| c == '-');
            legal = legal && (hyphens || [".", "_", "__"].contains(&separators));
        }
        if legal {
            Ok(Self(text.to_owned()))
        } else {
            Err(ImageNameError(text.chars().take(60).collect()))
        }
    }
}

impl TryFrom<String> for ImageName {
    type Error = ImageNameError;
    fn try_from(text: String) -> Result<Self, ImageNameError> {
        text.parse()
    }
}

impl From<ImageName> for String {
    fn from(name: ImageName) -> Self {
        name.0
    }
}

impl fmt::Display for ImageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A plain text of bounded length, such as a description or the name of a layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Words(String);

/// Why a text is too long.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the text has {0} characters; {TEXT_MAX} at most are taken. Shorten it")]
pub struct WordsError(usize);

impl Words {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Words {
    type Err = WordsError;
    fn from_str(text: &str) -> Result<Self, WordsError> {
        let length = text.chars().count();
        if length <= TEXT_MAX { Ok(Self(text.to_owned())) } else { Err(WordsError(length)) }
    }
}

impl TryFrom<String> for Words {
    type Error = WordsError;
    fn try_from(text: String) -> Result<Self, WordsError> {
        text.parse()
    }
}

impl From<Words> for String {
    fn from(words: Words) -> Self {
        words.0
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What `build.yml` is called with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildRelease {
    /// The GitHub environment, which stands for a stage.
    pub environment: Asked<EnvironmentName>,
    /// The infra configuration.
    pub environment_config_file: Asked<RepoPath>,
    /// The Azure ML environment whose next version is made, and the image's repository.
    pub ml_env_name: Asked<ImageName>,
    /// What that version says about itself.
    pub ml_env_description: Asked<Words>,
    /// The Dockerfile's layer that is built.
    pub target_layer: Asked<Words>,
    /// Tags of that version.
    pub tags: Asked<Tags>,
    /// Whether the runner's disk is cleared first.
    pub maximise_disk_space: Asked<bool>,
    /// The version of the templates, again (v1.0.0).
    pub templates_repo_ref: Option<Asked<Words>>,
}

/// Reads a build's inputs; everything that is wrong is listed, and then there is no build.
pub(super) fn read(
    inputs: &Inputs,
    version: &TemplateVersion,
    declared: Option<&[Declared]>,
) -> (Option<BuildRelease>, Said) {
    let mut reader = Reader::new(inputs, Template::Build, version);
    let build = fields(&mut reader);
    let said = reader.finish(declared);
    (build.filter(|_| said.0.is_empty()), said)
}

fn fields(reader: &mut Reader<'_>) -> Option<BuildRelease> {
    let environment = reader.text("environment", deploy::ENVIRONMENT);
    let environment_config_file = reader.text("environment_config_file", deploy::CONFIG);
    let ml_env_name = reader.text(
        "ml_env_name",
        "Name the Azure ML environment; it must equal the environment in the deployment's YAML.",
    );
    let ml_env_description =
        reader.text("ml_env_description", "Say in a few words what the image is for.");
    let target_layer =
        reader.text("target_layer", "Name the layer of the Dockerfile that serves the model.");
    let tags = reader.text("tags", "Write tags like 'team=data-science' 'repo=ml-azua'.");
    let maximise_disk_space = reader.flag(
        "maximise_disk_space",
        "Write true or false; images that serve a model rarely need the space.",
    );
    let templates_repo_ref = reader.text_if_given("templates_repo_ref");
    deploy::same_ref(reader, templates_repo_ref.as_ref());
    Some(BuildRelease {
        environment: environment?,
        environment_config_file: environment_config_file?,
        ml_env_name: ml_env_name?,
        ml_env_description: ml_env_description?,
        target_layer: target_layer?,
        tags: tags?,
        maximise_disk_space: maximise_disk_space?,
        templates_repo_ref,
    })
}
