//! The hash of a plan, which approvals cover.

use super::Planned;
use super::step::Step;
use crate::hash::{canonical, sha256};
use crate::secrets::Marks;
use domain::endpoint::MadeOf;
use domain::guard::Level;
use domain::name::DeploymentName;
use domain::plan::image::PlannedImage;
use domain::plan::{Plan, PlanHash};
use domain::release::Question;
use domain::route::Route;
use domain::target::Target;
use serde::Serialize;
use std::collections::BTreeMap;

/// The hashed parts of a plan. Raise the version when a field is added or changes its meaning.
#[derive(Serialize)]
struct Matter<'a> {
    version: u32,
    target: &'a Target,
    base: &'a Route,
    made_of: &'a BTreeMap<DeploymentName, MadeOf>,
    /// The digests of the images. Left out of plans without images, so that these keep the hash of earlier versions.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    images: BTreeMap<&'a DeploymentName, Option<&'a str>>,
    /// Marks replace secret values, because a value could be guessed from its hash.
    steps: &'a [Step],
    /// The shown values before and after, without secrets. The steps have the bodies.
    differences: Vec<(String, &'a Option<String>, &'a Option<String>)>,
    /// The guards and their levels, but not their sentences, which may name times.
    verdicts: Vec<(&'a str, Level)>,
    questions: &'a [Question],
}

/// The hashes of a plan as earlier versions made them: without the images, and before that without recording which
/// deployment is deleted. Empty if they would be the same.
#[must_use]
pub fn as_earlier_versions(planned: &Planned, marks: &Marks) -> Vec<PlanHash> {
    let plan = Plan { images: BTreeMap::new(), ..planned.plan.clone() };
    let mut steps = planned.steps.clone();
    let recorded = steps.iter_mut().filter_map(|step| match step {
        Step::DeleteDeployment { made_of, .. } => made_of.take(),
        _ => None,
    });
    let deletes = recorded.count() > 0;
    let without_images = (!planned.plan.images.is_empty())
        .then(|| sealed(plan.clone(), planned.steps.clone(), marks).plan.hash)
        .flatten();
    let before_deletions = deletes.then(|| sealed(plan, steps, marks).plan.hash).flatten();
    without_images.into_iter().chain(before_deletions).collect()
}

/// Adds the images of a plan's deployments, which become part of its hash.
#[must_use]
pub fn with_images(
    planned: Planned,
    images: BTreeMap<DeploymentName, PlannedImage>,
    marks: &Marks,
) -> Planned {
    let Planned { plan, steps } = planned;
    sealed(Plan { images, ..plan }, steps, marks)
}

/// Adds the hash to a plan.
pub(super) fn sealed(mut plan: Plan, steps: Vec<Step>, marks: &Marks) -> Planned {
    let mut marked = steps.clone();
    marked.iter_mut().filter_map(Step::body_mut).for_each(|body| *body = marks.in_place(body));
    let field = |d: &'_ domain::plan::Difference| format!("{}{}", d.subject, d.field);
    let matter = Matter {
        version: 3,
        target: &plan.target,
        base: &plan.base,
        made_of: &plan.made_of,
        images: plan.images.iter().map(|(name, image)| (name, image.digest.as_deref())).collect(),
        steps: &marked,
        differences: plan.differences.iter().map(|d| (field(d), &d.before, &d.after)).collect(),
        verdicts: plan.verdicts.iter().map(|v| (v.guard.as_str(), v.level)).collect(),
        questions: &plan.questions,
    };
    plan.hash = Some(PlanHash(sha256(canonical(&matter))));
    Planned { plan, steps }
}
