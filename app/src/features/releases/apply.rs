//! Carrying a release's plan out, or proposing it: the end of the plan.

use crate::domain::plan::Plan;
use crate::domain::repository::{Reference, ReleaseId};
use crate::features::changes::Carry;
use crate::paths;
use leptos::prelude::*;

/// The form, with everything that the plan was made from.
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
    /// Whether its stage asks for approvals.
    protected: bool,
    /// The reason and the time that were written before.
    said: [String; 2],
    /// Why not; `None` when it may be.
    may_not: Option<String>,
) -> impl IntoView {
    let action = paths::plan_release(&id);
    let hash = plan.hash.map(|hash| hash.0);
    let field = |(name, value): (String, String)| {
        view! { <input type="hidden" name=name value=value /> }
    };
    let label = if protected { "Propose it" } else { "Carry it out" };
    view! {
        <form method="post" action=action class="apply" aria-label=label>
            {reference.map(|at| view! { <input type="hidden" name="ref" value=at.to_string() /> })}
            {answers.into_iter().map(field).collect::<Vec<_>>()}
            <input type="hidden" name="plan" value=hash />
            <Carry word="Carry it out" variant="lead" reason=may_not protected said />
        </form>
    }
}
