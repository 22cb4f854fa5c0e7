//! Azure's provisioning state, as a badge and as a line of phases.

use crate::ui::badge::{Badge, Tone};
use domain::provisioning::{Phase, ProvisioningState};
use leptos::prelude::*;

/// The tone of a provisioning state.
#[must_use]
pub fn tone(state: ProvisioningState) -> Tone {
    match state {
        ProvisioningState::Succeeded => Tone::Good,
        ProvisioningState::Failed => Tone::Bad,
        ProvisioningState::Canceled | ProvisioningState::Unknown => Tone::Warn,
        _ => Tone::Busy,
    }
}

/// A provisioning state as a badge.
#[component]
pub fn StateBadge(#[prop(into)] state: Signal<ProvisioningState>) -> impl IntoView {
    let tone = Signal::derive(move || tone(state.get()));
    let word = Signal::derive(move || state.get().to_string());
    view! { <Badge tone word /> }
}

/// The phases of creating a deployment, with the current phase marked.
#[component]
pub fn Phases(current: Phase) -> impl IntoView {
    let item = |phase: Phase| {
        let progress = if phase < current { "done" } else { "open" };
        let step = (phase == current).then_some("step");
        view! { <li data-progress=progress aria-current=step>{phase.label()}</li> }
    };
    view! { <ol class="phases">{Phase::ALL.map(item).into_iter().collect::<Vec<_>>()}</ol> }
}
