//! A step's measurements: the conditions of a bake with limit and observation, and the results of probes.

use crate::ui::badge::{Badge, Tone};
use domain::policy::conditions::Reading;
use domain::run::measured::Measured;
use domain::traffic::MINUTE_PERCENTILES;
use leptos::prelude::*;

/// A step's measurements; nothing if the step measured nothing.
#[component]
pub fn Readings(
    measured: Measured,
    /// The step, counted from 1.
    number: usize,
) -> impl IntoView {
    let Measured { bake, probe } = measured;
    let list = (!bake.is_empty()).then(|| {
        let label = format!("Observations in step {number}");
        let is_explained = bake.iter().any(|reading| reading.condition.is_minute_p99());
        let explained = is_explained.then(|| view! { <p class="detail">{MINUTE_PERCENTILES}</p> });
        let items = bake.into_iter().map(|reading| view! { <Condition reading /> });
        view! { <ul class="baked" aria-label=label>{items.collect::<Vec<_>>()}</ul> {explained} }
    });
    let probe = probe.map(|probe| view! { <p class="detail probe">{probe.to_string()}</p> });
    view! { {list} {probe} }
}

#[component]
fn Condition(reading: Reading) -> impl IntoView {
    let (tone, word) = match (reading.is_good(), &reading.observed) {
        (true, _) => (Tone::Good, "met"),
        (false, Some(_)) => (Tone::Bad, "not met"),
        (false, None) => (Tone::Bad, "unknown"),
    };
    view! {
        <li data-condition=word>
            <Badge tone word=word.to_owned() />
            " "
            {reading.to_string()}
        </li>
    }
}
