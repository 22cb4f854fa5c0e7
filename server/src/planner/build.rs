//! Plans a build.

use super::hash;
use super::open::{REGISTRY, worded};
use super::step::Step;
use super::{Planned, diff};
use crate::secrets::Marks;
use domain::guard::context::{GuardContext, Move};
use domain::guard::inputs::GuardInputs;
use domain::guard::{self, TABLE};
use domain::plan::{Plan, Subject};
use domain::release::Release;
use domain::release::build::BuildRelease;
use domain::route::Route;
use domain::target::Target;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Plans a build; `None` when its stage or its environment's name is not known.
pub(super) fn plan(
    release: &Release,
    build: &BuildRelease,
    facts: &GuardInputs,
    marks: &Marks,
) -> Option<Planned> {
    let stage = build.environment.known()?.stage()?;
    let name = build.ml_env_name.known()?;
    let target = Target::Image { stage, name: name.to_string() };
    let tags: Map<String, Value> = build
        .tags
        .known()
        .map(|tags| tags.iter().map(|(key, value)| (key.to_owned(), json!(value))).collect())
        .unwrap_or_default();
    let image = format!("{name}:latest");
    let body = json!({"properties": {
        // The workspace's own registry, which is looked up when the image is pushed.
        "image": format!("{REGISTRY}/{image}"),
        "description": build.ml_env_description.to_string(),
        "osType": "Linux",
        "tags": tags,
    }});
    let steps = vec![
        Step::BuildImage {
            target: build.target_layer.to_string(),
            image,
            cache: format!("{name}:buildcache"),
            clear_disk: build.maximise_disk_space.known() == Some(&true),
        },
        Step::PutEnvironment { name: name.to_string(), body: body.clone() },
    ];
    let case = GuardContext { at: &target, endpoint: None, moves: &[Move::Build], facts };
    let plan = Plan {
        verdicts: guard::judge(&TABLE, &case),
        target,
        base: Route::default(),
        made_of: BTreeMap::new(),
        images: BTreeMap::new(),
        steps: steps.iter().map(Step::words).collect(),
        differences: diff::all_of(&Subject::Image, &worded(&body)),
        questions: release.questions.clone(),
        hash: None,
    };
    Some(hash::sealed(plan, steps, marks))
}
