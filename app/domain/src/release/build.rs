//! Builds: the inputs of `build.yml`.

use super::contract::Declared;
use super::environment::EnvironmentName;
use super::input::{Asked, Given, Inputs};
use super::path::RepoPath;
use super::reader::{Reader, Said};
use super::tags::Tags;
use super::version::TemplateVersion;
use super::{Template, deploy};
use crate::checked_text::checked_text;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Maximum length of an Azure ML environment's name (Azure docs: naming rules for assets).
pub const IMAGE_NAME_MAX: usize = 255;
/// Maximum length of a [`Words`] value, in characters: our own limit.
const TEXT_MAX: usize = 1000;

/// The name of an Azure ML environment and of the repository of its image, which requires lower case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImageName(String);

/// The text is not a valid image name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}” cannot name an environment and its image: use lower-case letters, digits, and single hyphens, dots or \
     underscores between them, 255 characters at most"
)]
pub struct ImageNameError(String);

impl FromStr for ImageName {
    type Err = ImageNameError;
    fn from_str(text: &str) -> Result<Self, ImageNameError> {
        let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        // Container registries allow a single dot, one or two underscores, or several hyphens.
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

checked_text!(ImageName);

/// A text of bounded length, such as a description or the name of a Dockerfile layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Words(String);

/// The text is longer than the limit; holds its length in characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the text has {0} characters; the limit is {TEXT_MAX}. Use a shorter text")]
pub struct WordsError(usize);

impl FromStr for Words {
    type Err = WordsError;
    fn from_str(text: &str) -> Result<Self, WordsError> {
        let length = text.chars().count();
        if length <= TEXT_MAX { Ok(Self(text.to_owned())) } else { Err(WordsError(length)) }
    }
}

checked_text!(Words);

/// The checked inputs of `build.yml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildRelease {
    /// The GitHub environment, which identifies a stage.
    pub environment: Asked<EnvironmentName>,
    pub environment_config_file: Asked<RepoPath>,
    /// The Azure ML environment that gets a new version, and the image's repository.
    pub ml_env_name: Asked<ImageName>,
    /// The description of that version.
    pub ml_env_description: Asked<Words>,
    /// The Dockerfile layer to build.
    pub target_layer: Asked<Words>,
    pub tags: Asked<Tags>,
    /// Whether the workflow frees disk space on the runner first.
    pub maximise_disk_space: Asked<bool>,
    /// The templates' tag, repeated (since v1.0.0).
    pub templates_repo_ref: Option<Asked<Words>>,
}

/// The inputs of `build.yml`, in its order.
pub const KEYS: [&str; 8] = [
    "environment",
    "environment_config_file",
    "ml_env_name",
    "ml_env_description",
    "target_layer",
    "tags",
    "maximise_disk_space",
    "templates_repo_ref",
];

/// The problem with a text that is neither `true` nor `false`.
const FLAG: &str = "Enter true or false.";

/// The problem with a text for one of the [`KEYS`], as a sentence; `None` if the text is valid.
#[must_use]
pub fn problem(key: &str, text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return match key {
            "maximise_disk_space" => Some(FLAG.to_owned()),
            "templates_repo_ref" => None,
            key => KEYS.contains(&key).then(|| "Enter a value.".to_owned()),
        };
    }
    match key {
        "environment" => wrong::<EnvironmentName>(text),
        "environment_config_file" => wrong::<RepoPath>(text),
        "ml_env_name" => wrong::<ImageName>(text),
        "ml_env_description" | "target_layer" | "templates_repo_ref" => wrong::<Words>(text),
        "tags" => wrong::<Tags>(text),
        "maximise_disk_space" => match Given::plain(text) {
            Given::Bool(_) => None,
            _ => Some(FLAG.to_owned()),
        },
        _ => None,
    }
}

/// The error of a text as a sentence.
fn wrong<T: FromStr<Err: ToString>>(text: &str) -> Option<String> {
    let error = text.parse::<T>().err()?.to_string();
    let mut letters = error.chars();
    let first = letters.next()?;
    Some(format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

/// Reads a build's inputs. Returns no build if there is any problem.
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
        reader.text("ml_env_description", "Describe the image in a few words.");
    let target_layer =
        reader.text("target_layer", "Name the Dockerfile layer that serves the model.");
    let tags = reader.text("tags", "Write tags like 'team=data-science' 'repo=ml-azua'.");
    let maximise_disk_space = reader.flag(
        "maximise_disk_space",
        "Write true or false. Images that serve a model rarely need the space.",
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
