//! The form that applies or proposes a release's plan.

use crate::components::propose::ApplyOrPropose;
use crate::paths;
use domain::plan::Plan;
use domain::repository::{Reference, ReleaseId};
use leptos::prelude::*;

/// The form, with all inputs of the plan as hidden fields.
#[component]
pub fn Apply(
    id: ReleaseId,
    reference: Option<Reference>,
    /// The URL's answer fields.
    answers: Vec<(String, String)>,
    plan: Plan,
    protected: bool,
    said: [String; 2],
    may_not: Option<String>,
) -> impl IntoView {
    let action = paths::plan_release(&id);
    let hash = plan.hash.map(|hash| hash.0);
    let field = |(name, value): (String, String)| {
        view! { <input type="hidden" name=name value=value /> }
    };
    let label = if protected { "Propose" } else { "Apply" };
    view! {
        <form method="post" action=action class="apply" aria-label=label>
            {reference.map(|at| view! { <input type="hidden" name="ref" value=at.to_string() /> })}
            {answers.into_iter().map(field).collect::<Vec<_>>()}
            <input type="hidden" name="plan" value=hash />
            <ApplyOrPropose word="Apply" variant="lead" reason=may_not protected said />
        </form>
    }
}
