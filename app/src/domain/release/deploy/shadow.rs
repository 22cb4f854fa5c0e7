//! The shadow's inputs, and what the templates forbid to combine.

use super::mirror_problem;
use crate::domain::name::DeploymentName;
use crate::domain::release::input::{Asked, Given};
use crate::domain::release::note::Weight;
use crate::domain::release::path::RepoPath;
use crate::domain::release::percent::{Percent, Share};
use crate::domain::release::reader::Reader;
use serde::{Deserialize, Serialize};

const NAME: &str = "shadow_deployment_name";
const CONFIG: &str = "shadow_deployment_config";
const TRAFFIC: &str = "shadow_deployment_traffic_percentage";
/// The templates' own README spells this one in more than one way.
const MIRROR: [&str; 3] = [
    "shadow_deployment_mirror_percentage",
    "shadow_deploment_mirror_percentage",
    "shadow_deploy_mirror_percentage",
];

/// The understudy of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shadow {
    /// Its name.
    pub name: Asked<DeploymentName>,
    /// Its YAML, when it is created or updated.
    pub config: Option<Asked<RepoPath>>,
    /// How much live traffic is mirrored to it, with the YAML.
    pub mirror: Option<Asked<Percent>>,
    /// How much live traffic it takes, without the YAML; the primary takes the rest.
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
             Give the shadow a name of its own"
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
                "{key} is given without {NAME}: it would be ignored and the primary deployed instead. \
                 Give {NAME}, or remove {key}"
            );
            reader.problem(key, message);
        }
    }
    // An expression may turn out empty: it is asked for first, and judged by its answer.
    if traffic.as_ref().and_then(Asked::known).is_some() {
        forbid(reader, config.as_ref().and_then(Asked::known).map(|_| CONFIG));
        forbid(reader, mirror.as_ref().and_then(Asked::known).map(|_| mirror_key));
    }
    Some(Shadow { name: name?, config, mirror, traffic })
}

/// The README: "Don't. Test first."
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

/// Any spelling; more than one only when they say the same.
fn mirror(reader: &mut Reader<'_>) -> (&'static str, Option<Asked<Percent>>) {
    let mut found: Option<(&'static str, Asked<Percent>)> = None;
    for key in MIRROR {
        let Some(percent) = percent(reader, key) else { continue };
        match &found {
            None => found = Some((key, percent)),
            Some((_, first)) if *first == percent => {}
            Some((first_key, first)) => {
                let message = format!(
                    "{key} is {percent} and {first_key} is {first}: two spellings of one input that disagree. \
                     Keep {}",
                    MIRROR[0]
                );
                reader.problem(key, message);
            }
        }
    }
    found.map_or((MIRROR[0], None), |(key, percent)| (key, Some(percent)))
}

/// A percentage of the first form: empty and 0 count as not given.
fn percent(reader: &mut Reader<'_>, key: &'static str) -> Option<Asked<Percent>> {
    if reader.inputs.get(key).is_some_and(|input| input.given == Given::Null) {
        reader.known.push(key);
        let message = format!(
            "{key} is empty, and counts as left out here. A called workflow that declares a number refuses it: remove \
             the line."
        );
        reader.note(Weight::Warning, key, message);
        return None;
    }
    match reader.number::<Share>(key, "1 to 100")? {
        Asked::Unknown(expression) => Some(Asked::Unknown(expression)),
        Asked::Known(share) => Percent::try_from(i64::from(share.get())).ok().map(Asked::Known),
    }
}
