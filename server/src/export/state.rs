//! The inputs of a job that would set the current route, and the files that they name.

use super::{colours, workflow};
use crate::planner::observed::Live;
use domain::name::{DeploymentName, EndpointName};
use domain::release::deploy::Work;
use domain::release::input::{Given, Inputs};
use domain::release::{Definition, Release};
use domain::route::Route;
use domain::stage::EndpointKey;

/// Inputs that depend on the stage only.
const OF_STAGE: [&str; 2] = ["environment", "environment_config_file"];

/// The name of an endpoint's exported file.
#[must_use]
pub fn endpoint_file(endpoint: &EndpointName) -> String {
    format!("{endpoint}.yml")
}

/// The name of a deployment's exported file.
#[must_use]
pub fn deployment_file(endpoint: &EndpointName, name: &DeploymentName) -> String {
    format!("{endpoint}-{name}.yml")
}

/// The inputs that set the endpoint's route, with the exported YAML at the repository's root. `known` is a release of
/// the same stage, whose form and version are used.
///
/// # Errors
/// Why no job of `deploy_realtime.yml` can set the route, in a sentence.
pub fn inputs(live: &Live, known: Option<&Release>) -> Result<Inputs, String> {
    let endpoint = &live.endpoint;
    let colours = known.and_then(|known| match &known.definition {
        Some(Definition::Deploy(deploy)) => match &deploy.work {
            Work::BlueGreen(both) => Some((known, both)),
            Work::PrimaryAndShadow(_) => None,
        },
        _ => None,
    });
    match colours {
        Some((known, both)) => colours::inputs(live, &known.inputs, both),
        None => first_form(&endpoint.key, &endpoint.route, known.map(|known| &known.inputs)),
    }
}

/// The inputs for the stage and the endpoint.
pub(super) fn common(at: &EndpointKey, known: Option<&Inputs>) -> Inputs {
    let mut inputs = Inputs::new();
    let mut put = |key: &str, given: Given| {
        inputs.insert(key, given, None);
    };
    put("environment", Given::text(at.stage.as_str()));
    put("environment_config_file", Given::text(format!("config-infra-{}.yml", at.stage)));
    for key in OF_STAGE {
        if let Some(input) = known.and_then(|known| known.get(key)) {
            put(key, input.given.clone());
        }
    }
    put("run_load_test", Given::Bool(false));
    put("endpoint_name", Given::text(at.endpoint.as_str()));
    put("endpoint_config", Given::text(format!("./{}", endpoint_file(&at.endpoint))));
    inputs
}

/// The live deployment, or why no job can set the route.
pub(super) fn primary<'a>(
    at: &EndpointKey,
    route: &'a Route,
) -> Result<&'a DeploymentName, String> {
    route.primary().ok_or_else(|| {
        format!(
            "No deployment is live on {}, but a job of deploy_realtime.yml always gives its primary live traffic. \
             So no workflow inputs can express this state.",
            at.endpoint
        )
    })
}

/// The inputs that set `route`, in the templates' first form. `known` are the inputs of a release of the same stage.
///
/// # Errors
/// Why no job of `deploy_realtime.yml` can set the route, in a sentence.
pub fn first_form(
    at: &EndpointKey,
    route: &Route,
    known: Option<&Inputs>,
) -> Result<Inputs, String> {
    let mut inputs = common(at, known);
    let mut put = |key: &str, given: Given| {
        inputs.insert(key, given, None);
    };
    let file = |name| Given::text(format!("./{}", deployment_file(&at.endpoint, name)));
    put("deploy", Given::Bool(true));
    let primary = primary(at, route)?;
    put("deployment_name", Given::text(primary.as_str()));
    put("deployment_config", file(primary));
    let others: Vec<_> = route.split().iter().filter(|(name, _)| *name != primary).collect();
    match (others.as_slice(), route.mirror()) {
        ([], None) => {}
        ([], Some(mirror)) => {
            put("shadow_deployment_name", Given::text(mirror.deployment().as_str()));
            put("shadow_deployment_config", file(mirror.deployment()));
            let percent = Given::Integer(i64::from(mirror.percent()));
            put("shadow_deployment_mirror_percentage", percent);
        }
        ([(name, share)], None) => {
            put("shadow_deployment_name", Given::text(name.as_str()));
            put("shadow_deployment_traffic_percentage", Given::Integer(i64::from(*share)));
        }
        _ => {
            return Err(format!(
                "No single job of deploy_realtime.yml can set the route of {} ({route}): it allows a primary with \
                 one shadow, which gets either live or mirrored traffic.",
                at.endpoint
            ));
        }
    }
    Ok(inputs)
}

/// The call, with a comment about the files that it needs.
#[must_use]
pub fn text(inputs: &Inputs, known: Option<&Release>) -> String {
    let uses = known.map_or("", |known| known.origin.uses.as_str());
    let block = super::text(&workflow::call(uses, inputs));
    format!(
        "# Put the exported YAML at the repository's root, or correct the paths below.\n{block}"
    )
}
