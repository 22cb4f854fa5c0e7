//! Exports a plan as a JSON document with hidden secrets.

use crate::planner::Planned;
use crate::planner::step::Step;
use serde_json::{Value, json};

/// The document.
#[must_use]
pub fn document(planned: &Planned) -> Value {
    let steps: Vec<Step> = planned.steps.iter().map(Step::without_secrets).collect();
    json!({"version": 1, "plan": planned.plan, "steps": steps})
}

/// The document as text. Equal plans give equal bytes.
#[must_use]
pub fn text(planned: &Planned) -> String {
    format!("{:#}\n", document(planned))
}
