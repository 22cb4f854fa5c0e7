//! The decisions on a run, one plain form each.

use crate::ui::section::Section;
use domain::run::Decision;
use domain::run::view::Offer;
use leptos::prelude::*;

/// The decisions that the run offers now.
#[component]
pub fn Decisions(action: String, offers: Vec<Offer>) -> impl IntoView {
    (!offers.is_empty()).then(move || {
        let each = move |offer| view! { <Choice action=action.clone() offer /> };
        view! {
            <Section id="decide" title="Decide">
                {offers.into_iter().map(each).collect::<Vec<_>>()}
            </Section>
        }
    })
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
