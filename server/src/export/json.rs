//! A plan as a JSON document, secrets hidden.

use crate::operations::plan::Planned;
use crate::operations::plan::step::Step;
use serde_json::{Value, json};

/// The document.
#[must_use]
pub fn document(planned: &Planned) -> Value {
    let steps: Vec<Step> = planned.steps.iter().map(Step::without_secrets).collect();
    json!({"version": 1, "plan": planned.plan, "steps": steps})
}

/// The document as text: the same plan always gives the same bytes.
#[must_use]
pub fn text(planned: &Planned) -> String {
    format!("{:#}\n", document(planned))
}
