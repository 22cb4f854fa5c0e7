//! The inputs of the templates by version: their types, whether they are required, and their defaults.

use super::input::Given;
use super::version::{Edition, Tag};
use serde::{Deserialize, Serialize};

/// The type of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `string`: numbers and flags become texts.
    Text,
    /// `boolean`: `true` or `false` without quotes.
    Flag,
    /// `number`: without quotes.
    Number,
}

impl Kind {
    /// Parses the `type:` of a declared input.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        match word {
            "string" => Some(Self::Text),
            "boolean" => Some(Self::Flag),
            "number" => Some(Self::Number),
            _ => None,
        }
    }

    /// Parses text that a person typed into a field of this type.
    #[must_use]
    pub fn typed(self, text: &str) -> Given {
        match self {
            Self::Text => Given::text(text),
            Self::Flag | Self::Number => Given::plain(text),
        }
    }
}

/// One input of one template, in the editions that have it.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    pub file: &'static str,
    pub key: &'static str,
    pub kind: Kind,
    /// Whether a call must give it.
    pub required: bool,
    /// The default, unless that is empty, `false` or 0.
    pub default: Option<&'static str>,
    /// The first edition that has the input.
    pub since: Edition,
    /// The last edition that has the input; `None` if the newest still has it.
    pub until: Option<Edition>,
}

/// An input that a called workflow declares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    pub key: String,
    pub kind: Kind,
    /// Whether a call must give it.
    pub required: bool,
}

const FIRST: Edition = Edition::FirstForm;
const V1: Edition = Edition::Tagged(Tag::new(1, 0, 0));
const V1_0_3: Edition = Edition::Tagged(Tag::new(1, 0, 3));
const V1_0_5: Edition = Edition::Tagged(Tag::new(1, 0, 5));
const V2_1: Edition = Edition::Tagged(Tag::new(2, 1, 0));

const fn row(file: &'static str, key: &'static str, kind: Kind, since: Edition) -> Row {
    Row { file, key, kind, required: false, default: None, since, until: None }
}
const fn build(key: &'static str, kind: Kind, since: Edition) -> Row {
    Row { required: true, ..row("build.yml", key, kind, since) }
}
const fn deploy(key: &'static str, kind: Kind, since: Edition) -> Row {
    row("deploy_realtime.yml", key, kind, since)
}
const fn needed(row: Row) -> Row {
    Row { required: true, ..row }
}
const fn first(row: Row) -> Row {
    Row { until: Some(FIRST), ..row }
}
const fn promote(key: &'static str) -> Row {
    Row { required: true, ..row("promote_model.yml", key, Text, V2_1) }
}

use Edition::Prime;
use Kind::{Flag, Number, Text};

/// All inputs of the templates.
pub const TABLE: [Row; 46] = [
    build("environment", Text, FIRST),
    build("environment_config_file", Text, FIRST),
    build("templates_repo_ref", Text, V1),
    build("ml_env_name", Text, FIRST),
    build("ml_env_description", Text, FIRST),
    build("target_layer", Text, FIRST),
    build("tags", Text, FIRST),
    build("maximise_disk_space", Flag, FIRST),
    needed(deploy("environment", Text, FIRST)),
    needed(deploy("environment_config_file", Text, FIRST)),
    needed(deploy("templates_repo_ref", Text, V1)),
    needed(deploy("run_load_test", Flag, FIRST)),
    needed(deploy("endpoint_name", Text, FIRST)),
    needed(deploy("endpoint_config", Text, FIRST)),
    first(needed(deploy("deploy", Flag, FIRST))),
    first(needed(deploy("deployment_name", Text, FIRST))),
    first(needed(deploy("deployment_config", Text, FIRST))),
    first(deploy("shadow_deployment_name", Text, FIRST)),
    first(deploy("shadow_deployment_config", Text, FIRST)),
    first(deploy("shadow_deployment_mirror_percentage", Number, FIRST)),
    // The README of the templates uses several spellings of this input.
    first(deploy("shadow_deploment_mirror_percentage", Number, FIRST)),
    first(deploy("shadow_deploy_mirror_percentage", Number, FIRST)),
    first(deploy("shadow_deployment_traffic_percentage", Number, FIRST)),
    deploy("deploy_blue", Flag, Prime),
    deploy("deploy_green", Flag, Prime),
    deploy("blue_deployment_name", Text, Prime),
    deploy("blue_deployment_config", Text, Prime),
    deploy("blue_traffic_percentage", Number, Prime),
    deploy("blue_mirror_percentage", Number, Prime),
    deploy("green_deployment_name", Text, Prime),
    deploy("green_deployment_config", Text, Prime),
    deploy("green_traffic_percentage", Number, Prime),
    deploy("green_mirror_percentage", Number, Prime),
    deploy("load_test_config", Text, FIRST),
    deploy("load_test_name", Text, FIRST),
    deploy("ml_env_name", Text, V1_0_3),
    deploy("ml_env_description", Text, V1_0_3),
    deploy("target_layer", Text, V1_0_3),
    deploy("tags", Text, V1_0_3),
    deploy("maximise_disk_space", Flag, V1_0_3),
    Row { default: Some("true"), ..deploy("enable_queue_logging", Flag, V1_0_5) },
    promote("environment"),
    promote("environment_config_file"),
    promote("templates_repo_ref"),
    promote("model_name"),
    promote("model_version"),
];

/// The inputs of a template in an edition, in the order of the contract.
pub fn inputs(file: &str, edition: Edition) -> impl Iterator<Item = &'static Row> {
    TABLE.iter().filter(move |row| {
        row.file == file && row.since <= edition && row.until.is_none_or(|last| edition <= last)
    })
}

/// The type of an input in any edition.
#[must_use]
pub fn kind(file: &str, key: &str) -> Option<Kind> {
    TABLE.iter().find(|row| row.file == file && row.key == key).map(|row| row.kind)
}

/// A workflow of the templates that the console does not run.
#[derive(Debug, Clone, Copy)]
pub struct Other {
    pub file: &'static str,
    pub does: &'static str,
}

/// Workflows that share a model or do not concern online endpoints.
pub const OTHERS: [Other; 5] = [
    Other {
        file: "promote_model.yml",
        does: "shares a model version with a registry (az ml model share)",
    },
    Other { file: "train_pipeline.yml", does: "runs a training pipeline" },
    Other { file: "appservice_build.yml", does: "builds an image for an App Service" },
    Other { file: "appservice_deploy.yml", does: "deploys to an App Service" },
    Other { file: "read-yaml.yml", does: "reads an infra configuration" },
];

#[cfg(test)]
mod tests {
    use super::super::version::{LATEST, OLDEST};
    use super::*;

    fn keys(file: &str, edition: Edition) -> Vec<&'static str> {
        inputs(file, edition).map(|row| row.key).collect()
    }

    #[test]
    fn each_version_takes_its_own_inputs() {
        let deploy = |edition| keys("deploy_realtime.yml", edition);
        let first = deploy(FIRST);
        assert!(first.contains(&"deployment_name") && !first.contains(&"deploy_blue"));
        let prime = deploy(Prime);
        assert!(prime.contains(&"deploy_blue") && !prime.contains(&"deploy"));
        assert!(!prime.contains(&"templates_repo_ref"));
        assert!(deploy(Edition::Tagged(OLDEST)).contains(&"templates_repo_ref"));
        for (tag, builds, logs) in [
            (Tag::new(1, 0, 2), false, false),
            (Tag::new(1, 0, 3), true, false),
            (LATEST, true, true),
        ] {
            let keys = deploy(Edition::Tagged(tag));
            assert_eq!(keys.contains(&"ml_env_name"), builds, "{tag}");
            assert_eq!(keys.contains(&"enable_queue_logging"), logs, "{tag}");
        }
        assert_eq!(keys("build.yml", Prime).len() + 1, keys("build.yml", V1).len());
        assert_eq!(keys("promote_model.yml", V1), [""; 0]);
        assert_eq!(keys("promote_model.yml", V2_1).len(), 5);
    }

    #[test]
    fn no_input_is_listed_twice() {
        for (at, row) in TABLE.iter().enumerate() {
            let again = TABLE[at + 1..].iter().any(|o| o.file == row.file && o.key == row.key);
            assert!(!again, "{} {}", row.file, row.key);
        }
    }
}
