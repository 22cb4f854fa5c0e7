//! How a release stands: what it defines against what runs. The server compares (`plan::drift`).

use super::name::DeploymentName;
use super::plan::Difference;
use super::release::deploy::{Target, Work};
use super::release::input::Asked;
use super::release::{Definition, Release};
use serde::{Deserialize, Serialize};

/// How a release stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Something is wrong with it: nothing can be planned from it.
    Broken,
    /// It cannot be compared, and why.
    NotCompared(String),
    /// The endpoint is not there.
    NoEndpoint,
    /// Some of its deployments are not there.
    Absent(Vec<DeploymentName>),
    /// All are there, and some fields differ: before is what runs, after what is defined.
    Differs(Vec<Difference>),
    /// Every field is as defined.
    AsDefined,
}

/// The deployments that a release names, in the order in which it names them.
#[must_use]
pub fn targets(release: &Release) -> Vec<DeploymentName> {
    let Some(Definition::Deploy(deploy)) = &release.definition else { return Vec::new() };
    let known = |target: &Target| target.name.known().cloned();
    let named = |name: &Option<Asked<DeploymentName>>| name.as_ref()?.known().cloned();
    match &deploy.work {
        Work::PrimaryAndShadow(work) => {
            let shadow = work.shadow.as_ref().and_then(|shadow| shadow.name.known().cloned());
            known(&work.primary).into_iter().chain(shadow).collect()
        }
        Work::BlueGreen(colours) => {
            let both = [named(&colours.blue.name), named(&colours.green.name)];
            both.into_iter().flatten().collect()
        }
    }
}
