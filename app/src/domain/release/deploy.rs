//! Deployments: the inputs of `deploy_realtime.yml`, the first form (primary and shadow) and the later
//! one (blue and green).

use super::build::{ImageName, Words};
use super::input::{Asked, Inputs};
use super::path::RepoPath;
use super::percent::Percent;
use super::reader::Reader;
use super::{Problem, Template};
use crate::domain::name::{DeploymentName, EndpointName, StageName};
use serde::{Deserialize, Serialize};

mod colours;
mod load_test;
mod shadow;

pub use colours::{Colour, Colours};
pub use load_test::{LoadTest, LoadTestName, TEST_ID_MAX};
pub use shadow::Shadow;

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
    /// The GitHub environment: the stage.
    pub environment: Asked<StageName>,
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
    /// The environment whose image is deployed (later versions of the template).
    pub ml_env_name: Option<Asked<ImageName>>,
    /// Whether requests are logged to a queue (later versions).
    pub enable_queue_logging: Option<Asked<bool>>,
    /// The version of the templates (later versions).
    pub templates_repo_ref: Option<Asked<Words>>,
}

/// Reads a deployment's inputs; everything that is wrong is listed, and then there is no deployment.
pub(super) fn read(inputs: &Inputs) -> (Option<DeployRelease>, Vec<Problem>) {
    let mut reader = Reader::new(inputs);
    let deploy = fields(&mut reader);
    let problems = reader.finish(Template::DeployRealtime);
    (deploy.filter(|_| problems.is_empty()), problems)
}

fn fields(reader: &mut Reader<'_>) -> Option<DeployRelease> {
    let environment = reader.text("environment", ENVIRONMENT);
    let environment_config_file = reader.text("environment_config_file", CONFIG);
    let endpoint_name = reader.text("endpoint_name", "Name the endpoint, like anet-ep-dev.");
    let endpoint_config = reader.text("endpoint_config", "Give the path of the endpoint's YAML.");
    let work = work(reader);
    let load_test = load_test::read(reader, endpoint_name.as_ref());
    let ml_env_name = reader.text_if_given("ml_env_name");
    let enable_queue_logging = reader.flag_if_given("enable_queue_logging");
    let templates_repo_ref = reader.text_if_given("templates_repo_ref");
    Some(DeployRelease {
        environment: environment?,
        environment_config_file: environment_config_file?,
        endpoint_name: endpoint_name?,
        endpoint_config: endpoint_config?,
        work: work?,
        load_test: load_test?,
        ml_env_name,
        enable_queue_logging,
        templates_repo_ref,
    })
}

fn work(reader: &mut Reader<'_>) -> Option<Work> {
    if colours::are_given(reader) {
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
