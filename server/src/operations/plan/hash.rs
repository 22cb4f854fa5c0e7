//! The hash of everything that matters about a plan.

use super::Planned;
use super::step::Step;
use app::domain::guard::Level;
use app::domain::plan::{Plan, PlanHash, Target};
use app::domain::release::Question;
use app::domain::route::Route;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// What is hashed. A field that is added or changes its meaning raises the version.
#[derive(Serialize)]
struct Matter<'a> {
    version: u32,
    target: &'a Target,
    base: &'a Route,
    steps: &'a [Step],
    /// Fields as they are and become, secrets hidden: the steps hold what is sent.
    differences: Vec<(String, &'a Option<String>, &'a Option<String>)>,
    /// What the guards said. Their sentences may name times and are left out.
    verdicts: Vec<(&'a str, Level)>,
    questions: &'a [Question],
}

/// The plan with its hash, and its steps.
pub(super) fn sealed(mut plan: Plan, steps: Vec<Step>) -> Planned {
    let field = |d: &'_ app::domain::plan::Difference| format!("{}{}", d.subject, d.field);
    let matter = Matter {
        version: 1,
        target: &plan.target,
        base: &plan.base,
        steps: &steps,
        differences: plan.differences.iter().map(|d| (field(d), &d.before, &d.after)).collect(),
        verdicts: plan.verdicts.iter().map(|v| (v.guard.as_str(), v.level)).collect(),
        questions: &plan.questions,
    };
    let canonical = serde_json_canonicalizer::to_vec(&matter)
        .expect("these types have text keys and finite numbers only");
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(&canonical) {
        write!(text, "{byte:02x}").expect("writing to a text cannot fail");
    }
    plan.hash = Some(PlanHash(text));
    Planned { plan, steps }
}
