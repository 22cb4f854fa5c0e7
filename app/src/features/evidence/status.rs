//! The status of the evidence that a change requires.

use super::findings::Findings;
use crate::paths;
use crate::ui::badge::{Badge, Tone};
use crate::ui::time::Time;
use crate::ui::written::Written;
use domain::evidence::fact::EvidenceState;
use domain::evidence::status::EvidenceStatus;
use domain::timestamp::Timestamp;
use leptos::prelude::*;

fn shown(state: EvidenceState) -> (Tone, &'static str) {
    match state {
        EvidenceState::Good => (Tone::Good, "passed"),
        EvidenceState::Missing => (Tone::Warn, "missing"),
        EvidenceState::Failed => (Tone::Bad, "failed"),
        EvidenceState::Stale => (Tone::Warn, "too old"),
        EvidenceState::Superseded => (Tone::Warn, "superseded"),
    }
}

/// Why evidence that passed does not count.
fn why(state: EvidenceState) -> Option<&'static str> {
    match state {
        EvidenceState::Superseded => Some(
            "Since the capture, the deployment’s model, environment or settings have changed, or other \
             deployments are live.",
        ),
        EvidenceState::Good
        | EvidenceState::Missing
        | EvidenceState::Failed
        | EvidenceState::Stale => None,
    }
}

/// The required evidence, each with its findings, age and hash.
#[component]
pub fn Standings(standings: Vec<EvidenceStatus>, now: Timestamp) -> impl IntoView {
    let items = standings.into_iter().map(move |standing| view! { <Item standing now /> });
    view! { <ul class="evidence">{items.collect::<Vec<_>>()}</ul> }
}

#[component]
fn Item(standing: EvidenceStatus, now: Timestamp) -> impl IntoView {
    let (tone, word) = shown(standing.state);
    let title = format!("{} of {}", standing.kind.label(), standing.deployment);
    let most = standing.max_age_hours.map(|hours| format!(" Valid for {hours} h."));
    let required = standing.max_age_hours.map(|hours| {
        format!("Required before live traffic moves to this deployment. Valid for {hours} h.")
    });
    let (head, about) = match standing.sealed {
        Some(sealed) => {
            let (href, hash) =
                (paths::evidence(&sealed.evidence.id), sealed.hash.short().to_owned());
            let (at, by) = (sealed.evidence.captured, sealed.evidence.by.name);
            (
                view! { <a href=href>{title}</a> }.into_any(),
                view! {
                    <p class="detail">
                        "Captured " <Time at now /> " by " <Written text=by /> "." {most} " SHA-256 " <code>{hash}</code>
                    </p>
                }
                .into_any(),
            )
        }
        None => (title.into_any(), view! { <p class="detail">{required}</p> }.into_any()),
    };
    let why = why(standing.state).map(|why| view! { <p>{why}</p> });
    view! {
        <li class="change">
            <Badge tone word />
            <div>
                <p class="title">{head}</p>
                <Findings findings=standing.findings />
                {why}
                {about}
            </div>
        </li>
    }
}
