//! The inputs of a job that would make a route as it is, and the files that it names.

use super::{colours, workflow};
use crate::operations::plan::observed::Live;
use app::domain::name::{DeploymentName, EndpointName};
use app::domain::release::deploy::Work;
use app::domain::release::input::{Given, Inputs};
use app::domain::release::{Definition, Release};
use app::domain::route::Route;
use app::domain::stage::EndpointKey;

/// Inputs that are the stage's, whatever the endpoint.
const OF_STAGE: [&str; 2] = ["environment", "environment_config_file"];

/// The file that an endpoint's YAML is exported to.
#[must_use]
pub fn endpoint_file(endpoint: &EndpointName) -> String {
    format!("{endpoint}.yml")
}

/// The file that a deployment's YAML is exported to.
#[must_use]
pub fn deployment_file(endpoint: &EndpointName, name: &DeploymentName) -> String {
    format!("{endpoint}-{name}.yml")
}

/// The inputs that make `route`, with the exported YAML at the repository's root, in the form and version that
/// `known` uses: a release of the same stage.
///
/// # Errors
/// Why no job of `deploy_realtime.yml` makes such a route, in a sentence.
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

/// What every job says of its stage and endpoint.
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

/// Who is live, or why no job says so.
pub(super) fn primary<'a>(
    at: &EndpointKey,
    route: &'a Route,
) -> Result<&'a DeploymentName, String> {
    route.primary().ok_or_else(|| {
        format!(
            "Nobody is live on {}, and a job of deploy_realtime.yml always gives its primary live traffic: there \
             are no workflow inputs that would leave it so.",
            at.endpoint
        )
    })
}

/// The inputs that make `route`, in the templates' first form. `known` are those of a release of the same stage.
///
/// # Errors
/// Why no job of `deploy_realtime.yml` makes such a route, in a sentence.
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
                "The route of {} ({route}) is more than one job of deploy_realtime.yml can say: a primary with \
                 one shadow, which is live or mirrored to.",
                at.endpoint
            ));
        }
    }
    Ok(inputs)
}

/// The call, and what has to be beside it.
#[must_use]
pub fn text(inputs: &Inputs, known: Option<&Release>) -> String {
    let uses = known.map_or("", |known| known.origin.uses.as_str());
    let block = super::text(&workflow::call(uses, inputs));
    format!(
        "# Put the exported YAML at the repository's root, or correct the paths below.\n{block}"
    )
}
