//! The shadow's inputs, and the combinations that the templates forbid.

use super::mirror_problem;
use crate::name::DeploymentName;
use crate::release::input::{Asked, Given};
use crate::release::note::Weight;
use crate::release::path::RepoPath;
use crate::release::percent::{Percent, Share};
use crate::release::reader::Reader;
use serde::{Deserialize, Serialize};

const NAME: &str = "shadow_deployment_name";
const CONFIG: &str = "shadow_deployment_config";
const TRAFFIC: &str = "shadow_deployment_traffic_percentage";
/// The spellings of the mirror percentage in the README of the templates.
const MIRROR: [&str; 3] = [
    "shadow_deployment_mirror_percentage",
    "shadow_deploment_mirror_percentage",
    "shadow_deploy_mirror_percentage",
];

/// The shadow deployment of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shadow {
    pub name: Asked<DeploymentName>,
    /// The deployment's YAML, given to create or update the deployment.
    pub config: Option<Asked<RepoPath>>,
    /// Percentage of live traffic to mirror, together with `config`.
    pub mirror: Option<Asked<Percent>>,
    /// Percentage of live traffic, without `config`. The primary takes the rest.
    pub traffic: Option<Asked<Percent>>,
}

pub(super) fn read(
    reader: &mut Reader<'_>,
    primary: Option<&Asked<DeploymentName>>,
) -> Option<Shadow> {
    let name: Option<Asked<DeploymentName>> = reader.text_if_given(NAME);
    let named = name.is_some() || reader.given(NAME).is_some();
    let config = reader.text_if_given(CONFIG);
    let (mirror_key, mirror) = mirror(reader);
    let traffic = percent(reader, TRAFFIC);
    if let (Some(Asked::Known(name)), Some(Asked::Known(primary))) = (&name, primary)
        && name == primary
    {
        let message = format!(
            "{NAME} and deployment_name are both {name}: a deployment cannot be its own shadow. \
             Give the shadow a different name"
        );
        reader.problem(NAME, message);
    }
    if let Some(problem) = mirror_problem(mirror.as_ref()) {
        reader.problem(mirror_key, format!("{mirror_key}: {problem}"));
    }
    let others =
        [(CONFIG, config.is_some()), (mirror_key, mirror.is_some()), (TRAFFIC, traffic.is_some())];
    for (key, given) in others {
        if given && !named {
            let message = format!(
                "{key} is given without {NAME}: the workflow would ignore {key} and deploy the primary instead. \
                 Give {NAME}, or remove {key}"
            );
            reader.problem(key, message);
        }
    }
    // An expression may evaluate to nothing, so only its answer is checked.
    if traffic.as_ref().and_then(Asked::known).is_some() {
        forbid(reader, config.as_ref().and_then(Asked::known).map(|_| CONFIG));
        forbid(reader, mirror.as_ref().and_then(Asked::known).map(|_| mirror_key));
    }
    Some(Shadow { name: name?, config, mirror, traffic })
}

/// The README of the templates forbids both at once: "Don't. Test first."
fn forbid(reader: &mut Reader<'_>, other: Option<&str>) {
    if let Some(other) = other {
        let message = format!(
            "{TRAFFIC} and {other} are both given: creating or updating a shadow and giving it live traffic are \
             two changes, with a test between them. Remove {TRAFFIC} to deploy and mirror; remove \
             {CONFIG} and the mirror percentage to move live traffic"
        );
        reader.problem(TRAFFIC, message);
    }
}

/// Reads the mirror percentage in any spelling. Spellings that disagree are a problem.
fn mirror(reader: &mut Reader<'_>) -> (&'static str, Option<Asked<Percent>>) {
    let mut found: Option<(&'static str, Asked<Percent>)> = None;
    for key in MIRROR {
        let Some(percent) = percent(reader, key) else { continue };
        match &found {
            None => found = Some((key, percent)),
            Some((_, first)) if *first == percent => {}
            Some((first_key, first)) => {
                let message = format!(
                    "{key} is {percent} and {first_key} is {first}: these spellings of one input disagree. \
                     Keep {}",
                    MIRROR[0]
                );
                reader.problem(key, message);
            }
        }
    }
    found.map_or((MIRROR[0], None), |(key, percent)| (key, Some(percent)))
}

/// Reads a percentage of the first form: empty and 0 count as not given.
fn percent(reader: &mut Reader<'_>, key: &'static str) -> Option<Asked<Percent>> {
    if reader.inputs.get(key).is_some_and(|input| input.given == Given::Null) {
        reader.known.push(key);
        let message = format!(
            "{key} is empty, and the console treats it as omitted. A workflow that declares a number rejects an empty \
             value: remove the line."
        );
        reader.note(Weight::Warning, key, message);
        return None;
    }
    match reader.number::<Share>(key, "1 to 100")? {
        Asked::Unknown(expression) => Some(Asked::Unknown(expression)),
        Asked::Known(share) => Percent::try_from(i64::from(share.get())).ok().map(Asked::Known),
    }
}
