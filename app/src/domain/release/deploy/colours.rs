//! Blue and green: the inputs of later versions of the template.

use super::mirror_problem;
use crate::domain::name::DeploymentName;
use crate::domain::release::input::Asked;
use crate::domain::release::path::RepoPath;
use crate::domain::release::percent::Percent;
use crate::domain::release::reader::Reader;
use serde::{Deserialize, Serialize};

/// One of the two deployments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Colour {
    /// Whether it is created or updated.
    pub deploy: Asked<bool>,
    /// Its name.
    pub name: Option<Asked<DeploymentName>>,
    /// Its YAML.
    pub config: Option<Asked<RepoPath>>,
    /// How much live traffic it takes.
    pub traffic: Option<Asked<Percent>>,
    /// How much live traffic is mirrored to it.
    pub mirror: Option<Asked<Percent>>,
}

/// Both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Colours {
    /// One.
    pub blue: Colour,
    /// The other.
    pub green: Colour,
}

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
/// Inputs of the first form, which must not be mixed with these.
const FIRST_FORM: [&str; 8] = [
    "deploy",
    "deployment_name",
    "deployment_config",
    "shadow_deployment_name",
    "shadow_deployment_config",
    "shadow_deployment_mirror_percentage",
    "shadow_deploment_mirror_percentage",
    "shadow_deployment_traffic_percentage",
];

/// Whether any input of this form is given.
pub(super) fn are_given(reader: &mut Reader<'_>) -> bool {
    let mut any = false;
    for keys in [BLUE, GREEN] {
        for key in [keys.deploy, keys.name, keys.config, keys.traffic, keys.mirror] {
            any |= reader.given(key).is_some();
        }
    }
    any
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<Colours> {
    for key in FIRST_FORM {
        if reader.given(key).is_some() {
            let message = format!(
                "{key} belongs to the template's first form, and blue and green inputs are given as well. \
                 Keep one form: primary and shadow, or blue and green"
            );
            reader.problem(key, message);
        }
    }
    let blue = colour(reader, &BLUE);
    let green = colour(reader, &GREEN);
    let (blue, green) = (blue?, green?);
    together(reader, &blue, &green);
    Some(Colours { blue, green })
}

fn colour(reader: &mut Reader<'_>, keys: &Keys) -> Option<Colour> {
    let deploy =
        reader.flag(keys.deploy, "Write true to create or update this deployment, or false.");
    let name = reader.text_if_given(keys.name);
    let config = reader.text_if_given(keys.config);
    let traffic = reader.percent(keys.traffic);
    let mirror = reader.percent(keys.mirror);
    if deploy == Some(Asked::Known(true)) {
        for (key, given) in [(keys.name, name.is_some()), (keys.config, config.is_some())] {
            if !given && reader.given(key).is_none() {
                let message = format!("{key} is missing, and {} is true. Give it", keys.deploy);
                reader.problem(key, message);
            }
        }
    }
    let percents = [(keys.traffic, traffic.is_some()), (keys.mirror, mirror.is_some())];
    for (key, given) in percents {
        if given && reader.given(keys.name).is_none() {
            let message = format!("{key} is given without {}. Name the deployment", keys.name);
            reader.problem(key, message);
        }
    }
    if traffic.is_some() && mirror.is_some() {
        let message = format!(
            "{} and {} are both given: a deployment takes live or mirrored traffic, not both. Remove one",
            keys.traffic, keys.mirror
        );
        reader.problem(keys.mirror, message);
    }
    if let Some(problem) = mirror_problem(mirror.as_ref()) {
        reader.problem(keys.mirror, format!("{}: {problem}", keys.mirror));
    }
    Some(Colour { deploy: deploy?, name, config, traffic, mirror })
}

fn together(reader: &mut Reader<'_>, blue: &Colour, green: &Colour) {
    if let (Some(Asked::Known(b)), Some(Asked::Known(g))) = (&blue.name, &green.name)
        && b == g
    {
        let message =
            format!("{} and {} are both {b}. Give each a name of its own", BLUE.name, GREEN.name);
        reader.problem(GREEN.name, message);
    }
    if let (Some(Asked::Known(b)), Some(Asked::Known(g))) = (&blue.traffic, &green.traffic) {
        let sum = u32::from(b.get()) + u32::from(g.get());
        if sum != 100 {
            let message = format!(
                "{} and {} add up to {sum} %, not 100 %. Change one of them",
                BLUE.traffic, GREEN.traffic
            );
            reader.problem(GREEN.traffic, message);
        }
    }
    if blue.mirror.is_some() && green.mirror.is_some() {
        let message = format!(
            "{} and {} are both given: only one deployment can be mirrored to. Keep one",
            BLUE.mirror, GREEN.mirror
        );
        reader.problem(GREEN.mirror, message);
    }
}
