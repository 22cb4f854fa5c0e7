//! Blue and green: the inputs of every tagged version of the template. An omitted percentage is 0.

use super::mirror_problem;
use crate::name::DeploymentName;
use crate::release::input::{Asked, Given, Inputs};
use crate::release::path::RepoPath;
use crate::release::percent::{Percent, Share};
use crate::release::reader::Reader;
use serde::{Deserialize, Serialize};

mod checks;

/// One of the two deployments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Colour {
    pub deploy: Asked<bool>,
    pub name: Option<Asked<DeploymentName>>,
    pub config: Option<Asked<RepoPath>>,
    /// Percentage of live traffic; 0 if omitted.
    pub traffic: Asked<Share>,
    /// Percentage of live traffic to mirror; `None` if 0 or omitted.
    pub mirror: Option<Asked<Percent>>,
}

/// Both deployments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Colours {
    pub blue: Colour,
    pub green: Colour,
}

impl Colours {
    /// Whether the workflow deploys either colour; `None` if only GitHub knows.
    #[must_use]
    pub fn deploys(&self) -> Option<bool> {
        let both = [self.blue.deploy.known(), self.green.deploy.known()];
        if both.contains(&Some(&true)) {
            return Some(true);
        }
        if both.contains(&None) { None } else { Some(false) }
    }
}

#[derive(Debug)]
struct Keys {
    deploy: &'static str,
    name: &'static str,
    config: &'static str,
    traffic: &'static str,
    mirror: &'static str,
}

const BLUE: Keys = Keys {
    deploy: "deploy_blue",
    name: "blue_deployment_name",
    config: "blue_deployment_config",
    traffic: "blue_traffic_percentage",
    mirror: "blue_mirror_percentage",
};
const GREEN: Keys = Keys {
    deploy: "deploy_green",
    name: "green_deployment_name",
    config: "green_deployment_config",
    traffic: "green_traffic_percentage",
    mirror: "green_mirror_percentage",
};
/// Inputs of the first form, which a call must not mix with these.
const FIRST_FORM: [&str; 9] = [
    "deploy",
    "deployment_name",
    "deployment_config",
    "shadow_deployment_name",
    "shadow_deployment_config",
    "shadow_deployment_mirror_percentage",
    "shadow_deploment_mirror_percentage",
    "shadow_deploy_mirror_percentage",
    "shadow_deployment_traffic_percentage",
];

fn stands(inputs: &Inputs, key: &str) -> bool {
    inputs.get(key).is_some_and(|input| input.given != Given::Null)
}

/// Whether a call gives any blue/green input.
pub(in crate::release) fn speaks_blue_green(inputs: &Inputs) -> bool {
    [BLUE, GREEN].iter().any(|keys| {
        [keys.deploy, keys.name, keys.config, keys.traffic, keys.mirror]
            .iter()
            .any(|key| stands(inputs, key))
    })
}

/// The first-form inputs that a call gives.
pub(in crate::release) fn first_form_of(inputs: &Inputs) -> Vec<&'static str> {
    FIRST_FORM.into_iter().filter(|key| stands(inputs, key)).collect()
}

/// Whether a call gives first-form inputs and no blue/green inputs.
pub(in crate::release) fn speaks_first_form(inputs: &Inputs) -> bool {
    !speaks_blue_green(inputs) && !first_form_of(inputs).is_empty()
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<Colours> {
    for key in FIRST_FORM {
        if reader.given(key).is_some() {
            let message = format!(
                "{key} belongs to the template's first form, but blue and green inputs are also given. \
                 Use one form: primary and shadow, or blue and green"
            );
            reader.problem(key, message);
        }
    }
    let blue = colour(reader, &BLUE);
    let green = colour(reader, &GREEN);
    let colours = Colours { blue: blue?, green: green? };
    checks::check(reader, &colours);
    Some(colours)
}

fn colour(reader: &mut Reader<'_>, keys: &Keys) -> Option<Colour> {
    let deploy = reader.flag_or(keys.deploy, false);
    let name = reader.text_if_given(keys.name);
    let config = reader.text_if_given(keys.config);
    let traffic = match reader.number(keys.traffic, "0 to 100") {
        None if !reader.is_wrong(keys.traffic) => Some(Asked::Known(Share::default())),
        traffic => traffic,
    };
    let mirror = mirror(reader, keys.mirror);
    if deploy == Some(Asked::Known(true)) {
        for (key, given) in [(keys.name, name.is_some()), (keys.config, config.is_some())] {
            if !given && !reader.is_wrong(key) {
                let state = if reader.is_written(key) { "empty" } else { "missing" };
                let message = format!("{key} is {state}, but {} is true. Add {key}", keys.deploy);
                reader.problem(key, message);
            }
        }
    }
    let is_live = matches!(&traffic, Some(Asked::Known(share)) if share.get() > 0);
    let percents = [(keys.traffic, is_live), (keys.mirror, mirror.is_some())];
    for (key, given) in percents {
        if given && name.is_none() && !reader.is_wrong(keys.name) {
            let message = format!("{key} is given without {}. Name the deployment", keys.name);
            reader.problem(key, message);
        }
    }
    if let Some(problem) = mirror_problem(mirror.as_ref()) {
        reader.problem(keys.mirror, format!("{}: {problem}", keys.mirror));
    }
    Some(Colour { deploy: deploy?, name, config, traffic: traffic?, mirror })
}

/// Reads a mirror percentage; 0 counts as not given.
fn mirror(reader: &mut Reader<'_>, key: &'static str) -> Option<Asked<Percent>> {
    match reader.number::<Share>(key, "0 to 50")? {
        Asked::Unknown(expression) => Some(Asked::Unknown(expression)),
        Asked::Known(share) => Percent::try_from(i64::from(share.get())).ok().map(Asked::Known),
    }
}
