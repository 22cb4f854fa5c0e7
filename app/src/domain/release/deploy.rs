//! Deployments: the inputs of `deploy_realtime.yml`, the first form (primary and shadow) and the later
//! one (blue and green).

use super::build::{ImageName, Words};
use super::environment::EnvironmentName;
use super::input::{Asked, Inputs};
use super::note::Weight;
use super::path::RepoPath;
use super::percent::Percent;
use super::reader::{Reader, Said};
use super::tags::Tags;
use super::version::{Form, TemplateVersion};
use super::{Template, contract};
use crate::domain::name::{DeploymentName, EndpointName};
use serde::{Deserialize, Serialize};

mod colours;
mod load_test;
mod shadow;

pub use colours::{Colour, Colours};
pub use load_test::{LoadTest, LoadTestName, TEST_ID_MAX};
pub use shadow::Shadow;

pub(super) use colours::{first_form_of, speaks_blue_green, speaks_first_form};

pub(super) const ENVIRONMENT: &str = "Name the GitHub environment, like anet-dev.";
pub(super) const CONFIG: &str =
    "Name the infra configuration's file, like config-infra-anet-dev.yml.";

/// A deployment's name and its YAML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its name.
    pub name: Asked<DeploymentName>,
    /// Its YAML.
    pub config: Asked<RepoPath>,
}

/// Primary and shadow, the first form of the template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrimaryAndShadow {
    /// Whether endpoint and deployments are touched at all.
    pub deploy: Asked<bool>,
    /// The deployment that carries live traffic.
    pub primary: Target,
    /// Its understudy. While it is given, the primary is not touched.
    pub shadow: Option<Shadow>,
}

/// What is done to the deployments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// The first form.
    PrimaryAndShadow(PrimaryAndShadow),
    /// The later form.
    BlueGreen(Colours),
}

/// What `deploy_realtime.yml` is called with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeployRelease {
    /// The GitHub environment, which stands for a stage.
    pub environment: Asked<EnvironmentName>,
    /// The infra configuration.
    pub environment_config_file: Asked<RepoPath>,
    /// The endpoint.
    pub endpoint_name: Asked<EndpointName>,
    /// Its YAML.
    pub endpoint_config: Asked<RepoPath>,
    /// What is done to its deployments.
    pub work: Work,
    /// The load test.
    pub load_test: LoadTest,
    /// The environment whose image is deployed, and built first (v1.0.3).
    pub ml_env_name: Option<Asked<ImageName>>,
    /// What that image is built from (v1.0.3).
    pub image: FirstBuild,
    /// Whether requests are logged to a queue (v1.0.5).
    pub enable_queue_logging: Option<Asked<bool>>,
    /// The version of the templates, again (v1.0.0).
    pub templates_repo_ref: Option<Asked<Words>>,
}

/// The inputs of the build that comes before a deployment. All may be left out, and the build then stops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstBuild {
    /// What the environment's new version says about itself.
    pub ml_env_description: Option<Asked<Words>>,
    /// The Dockerfile's layer that is built.
    pub target_layer: Option<Asked<Words>>,
    /// Tags of that version.
    pub tags: Option<Asked<Tags>>,
    /// Whether the runner's disk is cleared first.
    pub maximise_disk_space: Asked<bool>,
}

impl DeployRelease {
    /// Whether a version logs this release's requests to a queue; `None` when only GitHub knows. Blue and green
    /// do, unless they say otherwise; the first form knows no such logs.
    #[must_use]
    pub fn logs_to_queue(&self, version: &TemplateVersion) -> Option<bool> {
        match &self.enable_queue_logging {
            _ if !version.sets_variables() => Some(false),
            Some(asked) if version.sets_queue_logging() => asked.known().copied(),
            _ => Some(true),
        }
    }

    /// Whether a version builds the image before it deploys; `None` when only GitHub knows whether it deploys.
    #[must_use]
    pub fn builds_first(&self, version: &TemplateVersion) -> Option<bool> {
        let Work::BlueGreen(colours) = &self.work else { return Some(false) };
        if version.builds_first() { colours.deploys() } else { Some(false) }
    }
}

/// Reads a deployment's inputs; everything that is wrong is listed, and then there is no deployment.
pub(super) fn read(
    inputs: &Inputs,
    version: &TemplateVersion,
    declared: Option<&[contract::Declared]>,
) -> (Option<DeployRelease>, Said) {
    let mut reader = Reader::new(inputs, Template::DeployRealtime, version);
    let deploy = fields(&mut reader);
    if let Some(deploy) = &deploy {
        note_build(&mut reader, deploy);
    }
    let said = reader.finish(declared);
    (deploy.filter(|_| said.0.is_empty()), said)
}

fn fields(reader: &mut Reader<'_>) -> Option<DeployRelease> {
    let environment = reader.text("environment", ENVIRONMENT);
    let environment_config_file = reader.text("environment_config_file", CONFIG);
    let endpoint_name = reader.text("endpoint_name", "Name the endpoint, like anet-ep-dev.");
    let endpoint_config = reader.text("endpoint_config", "Give the path of the endpoint's YAML.");
    let work = work(reader);
    let load_test = load_test::read(reader, endpoint_name.as_ref());
    let ml_env_name = reader.text_if_given("ml_env_name");
    let image = first_build(reader);
    let enable_queue_logging = reader.flag_if_given("enable_queue_logging");
    let templates_repo_ref = reader.text_if_given("templates_repo_ref");
    same_ref(reader, templates_repo_ref.as_ref());
    Some(DeployRelease {
        environment: environment?,
        environment_config_file: environment_config_file?,
        endpoint_name: endpoint_name?,
        endpoint_config: endpoint_config?,
        work: work?,
        load_test: load_test?,
        ml_env_name,
        image: image?,
        enable_queue_logging,
        templates_repo_ref,
    })
}

fn first_build(reader: &mut Reader<'_>) -> Option<FirstBuild> {
    Some(FirstBuild {
        ml_env_description: reader.text_if_given("ml_env_description"),
        target_layer: reader.text_if_given("target_layer"),
        tags: reader.text_if_given("tags"),
        maximise_disk_space: reader.flag_or("maximise_disk_space", false)?,
    })
}

/// The scripts come from where `templates_repo_ref` says, the workflow from where the call says.
pub(super) fn same_ref(reader: &mut Reader<'_>, again: Option<&Asked<Words>>) {
    const KEY: &str = "templates_repo_ref";
    let called = reader.version.reference.clone();
    let again = again.and_then(Asked::known).map(|again| again.as_str().trim());
    if let (Some(called), Some(again)) = (called, again)
        && again.strip_prefix("refs/tags/").unwrap_or(again) != called
    {
        let message = format!(
            "{KEY} is {again}, and the call names {called}: the workflow of {called} would run with the scripts of \
             {again}. Write the same tag in both."
        );
        reader.note(Weight::Warning, KEY, message);
    }
}

/// Says that the build before the deployment would stop.
fn note_build(reader: &mut Reader<'_>, deploy: &DeployRelease) {
    let key = "ml_env_name";
    if deploy.builds_first(reader.version) != Some(true) || reader.is_wrong(key) {
        return;
    }
    let FirstBuild { ml_env_description, target_layer, tags, .. } = &deploy.image;
    let all = [
        (key, deploy.ml_env_name.is_some()),
        ("ml_env_description", ml_env_description.is_some()),
        ("target_layer", target_layer.is_some()),
        ("tags", tags.is_some()),
    ];
    let empty: Vec<_> = all.iter().filter(|(_, given)| !given).map(|(key, _)| *key).collect();
    if !empty.is_empty() {
        let message = format!(
            "{} from v1.0.3 on builds the image before it deploys, and build.yml stops where one of its inputs is \
             empty: {}. The console deploys the image that is there.",
            Template::DeployRealtime.file(),
            empty.join(", ")
        );
        reader.note(Weight::Warning, key, message);
    }
}

fn work(reader: &mut Reader<'_>) -> Option<Work> {
    if reader.version.form() == Form::BlueGreen {
        return colours::read(reader).map(Work::BlueGreen);
    }
    let deploy = reader.flag(
        "deploy",
        "Write true to update the endpoint and its deployments, false to update only diagnostic settings, \
         alert and load test.",
    );
    let name: Option<Asked<DeploymentName>> =
        reader.text("deployment_name", "Name the primary deployment, like anet-eedi.");
    let config =
        reader.text("deployment_config", "Give the path of the primary deployment's YAML.");
    let shadow = shadow::read(reader, name.as_ref());
    Some(Work::PrimaryAndShadow(PrimaryAndShadow {
        deploy: deploy?,
        primary: Target { name: name?, config: config? },
        shadow,
    }))
}

/// Says that a percentage cannot be mirrored; `None` when it can or is not known.
fn mirror_problem(percent: Option<&Asked<Percent>>) -> Option<String> {
    use crate::domain::route::MIRROR_MAX;
    let percent = percent?.known().filter(|percent| percent.get() > MIRROR_MAX)?;
    Some(format!(
        "{percent} cannot be mirrored: Azure mirrors at most {MIRROR_MAX} % of live traffic. Lower it"
    ))
}
