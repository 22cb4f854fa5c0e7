//! The phases that a step waited through, each with its time and the usual one.

use super::step::usually;
use crate::domain::run::view::PhaseTook;
use crate::domain::timestamp::Timestamp;
use crate::ui::time::{Time, span};
use leptos::prelude::*;

/// The phases; nothing when there are none.
#[component]
pub fn PhasesTook(
    /// They.
    phases: Vec<PhaseTook>,
    /// The clock from which ages are computed.
    now: Signal<Timestamp>,
) -> impl IntoView {
    let one = |took: PhaseTook| {
        let PhaseTook { phase, entered, ms, usual } = took;
        let (progress, current) = match ms {
            Some(_) => ("done", None),
            None => ("open", Some("step")),
        };
        let time = match ms {
            Some(ms) => span(ms).into_any(),
            None => view! { "since " <Time at=entered now /> }.into_any(),
        };
        view! {
            <li data-progress=progress aria-current=current>
                {phase.label()} " " <small>{time} {usually(usual)}</small>
            </li>
        }
    };
    let list = phases.into_iter().map(one).collect::<Vec<_>>();
    (!list.is_empty()).then(|| view! { <ol class="phases">{list}</ol> })
}
