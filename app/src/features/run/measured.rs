//! What a step measured: the conditions of a bake, limit beside observation, and what probes met.

use crate::domain::run::measured::{Measured, Reading};
use crate::ui::badge::{Badge, Tone};
use leptos::prelude::*;

/// Everything that a step measured; nothing when it measured nothing.
#[component]
pub fn Readings(
    /// What it measured.
    measured: Measured,
    /// The step, counted from 1.
    number: usize,
) -> impl IntoView {
    let Measured { bake, probe } = measured;
    let list = (!bake.is_empty()).then(|| {
        let label = format!("What was observed in step {number}");
        let items = bake.into_iter().map(|reading| view! { <Condition reading /> });
        view! { <ul class="baked" aria-label=label>{items.collect::<Vec<_>>()}</ul> }
    });
    let probe = probe.map(|probe| view! { <p class="detail probe">{probe.to_string()}</p> });
    view! { {list} {probe} }
}

#[component]
fn Condition(reading: Reading) -> impl IntoView {
    let (tone, word) = match (reading.is_good(), &reading.observed) {
        (true, _) => (Tone::Good, "met"),
        (false, Some(_)) => (Tone::Bad, "not met"),
        (false, None) => (Tone::Bad, "not known"),
    };
    view! {
        <li data-condition=word>
            <Badge tone word=word.to_owned() />
            " "
            {reading.to_string()}
        </li>
    }
}
