//! Carrying a release's plan out: the button under the plan.

use crate::domain::plan::Plan;
use crate::domain::repository::{Reference, ReleaseId};
use crate::paths;
use leptos::prelude::*;

/// The button, with everything that the plan was made from.
#[component]
pub fn Apply(
    /// The release.
    id: ReleaseId,
    /// Where it was read.
    reference: Option<Reference>,
    /// The fields of the form that are answers, as they stand in the URL.
    answers: Vec<(String, String)>,
    /// The plan.
    plan: Plan,
    /// Why not; `None` when it may be.
    may_not: Option<String>,
) -> impl IntoView {
    let action = paths::plan_release(&id);
    let hash = plan.hash.map(|hash| hash.0);
    let field = |(name, value): (String, String)| {
        view! { <input type="hidden" name=name value=value /> }
    };
    view! {
        <form method="post" action=action class="actions" aria-label="Carry it out">
            {reference.map(|at| view! { <input type="hidden" name="ref" value=at.to_string() /> })}
            {answers.into_iter().map(field).collect::<Vec<_>>()}
            <input type="hidden" name="plan" value=hash />
            <button type="submit" class="button" data-variant="lead" disabled=may_not.is_some()
                aria-describedby="apply-reason">
                "Carry it out"
            </button>
            <p class="reason" id="apply-reason">{may_not}</p>
        </form>
    }
}
