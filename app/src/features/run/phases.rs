//! The phases of a step's wait, each with its duration and the usual duration.

use super::step::usually;
use crate::ui::time::{Time, span};
use domain::run::view::PhaseTook;
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// The phases; nothing for a step without phases.
#[component]
pub fn PhasesTook(phases: Vec<PhaseTook>, now: Signal<Timestamp>) -> impl IntoView {
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
