//! The hash of everything that matters about a plan.

use super::Planned;
use super::step::Step;
use crate::hash::{canonical, sha256};
use crate::secrets::Marks;
use app::domain::endpoint::MadeOf;
use app::domain::guard::Level;
use app::domain::name::DeploymentName;
use app::domain::plan::{Plan, PlanHash, Target};
use app::domain::release::Question;
use app::domain::route::Route;
use serde::Serialize;
use std::collections::BTreeMap;

/// What is hashed. A field that is added or changes its meaning raises the version.
#[derive(Serialize)]
struct Matter<'a> {
    version: u32,
    target: &'a Target,
    base: &'a Route,
    made_of: &'a BTreeMap<DeploymentName, MadeOf>,
    /// With marks in place of secret values: a hash of a value could be guessed at.
    steps: &'a [Step],
    /// Fields as they are and become, secrets hidden: the steps hold what is sent.
    differences: Vec<(String, &'a Option<String>, &'a Option<String>)>,
    /// What the guards said. Their sentences may name times and are left out.
    verdicts: Vec<(&'a str, Level)>,
    questions: &'a [Question],
}

/// The plan with its hash, and its steps.
pub(super) fn sealed(mut plan: Plan, steps: Vec<Step>, marks: &Marks) -> Planned {
    let mut marked = steps.clone();
    marked.iter_mut().filter_map(Step::body_mut).for_each(|body| *body = marks.in_place(body));
    let field = |d: &'_ app::domain::plan::Difference| format!("{}{}", d.subject, d.field);
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
