//! The hash of a plan, which approvals cover.

use super::Planned;
use super::step::Step;
use crate::hash::{canonical, sha256};
use crate::secrets::Marks;
use domain::endpoint::MadeOf;
use domain::guard::Level;
use domain::name::DeploymentName;
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
    /// Marks replace secret values, because a value could be guessed from its hash.
    steps: &'a [Step],
    /// The shown values before and after, without secrets. The steps have the bodies.
    differences: Vec<(String, &'a Option<String>, &'a Option<String>)>,
    /// The guards and their levels, but not their sentences, which may name times.
    verdicts: Vec<(&'a str, Level)>,
    questions: &'a [Question],
}

/// The hash of a plan that deletes a deployment, as earlier versions made it: they did not record which one. `None` for
/// a plan that deletes nothing.
#[must_use]
pub fn before_deletions(planned: &Planned, marks: &Marks) -> Option<PlanHash> {
    let mut steps = planned.steps.clone();
    let recorded = steps.iter_mut().filter_map(|step| match step {
        Step::DeleteDeployment { made_of, .. } => made_of.take(),
        _ => None,
    });
    let any = recorded.count() > 0;
    any.then(|| sealed(planned.plan.clone(), steps, marks).plan.hash)?
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
        steps: &marked,
        differences: plan.differences.iter().map(|d| (field(d), &d.before, &d.after)).collect(),
        verdicts: plan.verdicts.iter().map(|v| (v.guard.as_str(), v.level)).collect(),
        questions: &plan.questions,
    };
    plan.hash = Some(PlanHash(sha256(canonical(&matter))));
    Planned { plan, steps }
}
