//! What a person can decide about a run: one plain form each.

use crate::domain::run::Decision;
use crate::domain::run::view::{Offer, RunView};
use crate::live::pick;
use crate::paths;
use crate::ui::section::Section;
use leptos::prelude::*;

/// The decisions that are open now.
#[component]
pub fn Decisions(
    /// The run.
    view: RwSignal<RunView>,
) -> impl IntoView {
    let offers = pick(view, |view| view.offers.clone());
    let action = view.with_untracked(|view| paths::run(&view.operation.id));
    move || {
        let (offers, action) = (offers.get(), action.clone());
        (!offers.is_empty()).then(|| {
            let each = move |offer| view! { <Choice action=action.clone() offer /> };
            view! {
                <Section id="decide" title="Decide">
                    {offers.into_iter().map(each).collect::<Vec<_>>()}
                </Section>
            }
        })
    }
}

#[component]
fn Choice(action: String, offer: Offer) -> impl IntoView {
    let Offer { decision, why_not } = offer;
    let variant = match decision {
        Decision::Retry => "lead",
        Decision::Cancel | Decision::RollBack => "danger",
        Decision::Leave => "plain",
    };
    let about = format!("{}-about", decision.word());
    view! {
        <form method="post" action=action class="actions">
            <input type="hidden" name="decision" value=decision.word() />
            <button type="submit" class="button" data-variant=variant disabled=why_not.is_some()
                aria-describedby=about.clone()>
                {decision.label()}
            </button>
            <p id=about class="reason">{why_not.unwrap_or_else(|| decision.help().to_owned())}</p>
        </form>
    }
}
