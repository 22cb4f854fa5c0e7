//! How the evidence that a change needs stands, on the change's page.

use super::findings::Findings;
use crate::domain::evidence::standing::Standing;
use crate::domain::guard::facts::EvidenceState;
use crate::domain::timestamp::Timestamp;
use crate::paths;
use crate::ui::badge::{Badge, Tone};
use crate::ui::time::Time;
use crate::ui::written::Written;
use leptos::prelude::*;

fn shown(state: EvidenceState) -> (Tone, &'static str) {
    match state {
        EvidenceState::Good => (Tone::Good, "good"),
        EvidenceState::Missing => (Tone::Warn, "missing"),
        EvidenceState::Failed => (Tone::Bad, "not good"),
        EvidenceState::Stale => (Tone::Warn, "too old"),
        EvidenceState::Superseded => (Tone::Warn, "of another"),
    }
}

/// Why it does not count although it is there and good.
fn why(state: EvidenceState) -> Option<&'static str> {
    match state {
        EvidenceState::Superseded => Some(
            "It is about a deployment that was made of something else or set otherwise, or it was compared with \
             others than are live now.",
        ),
        EvidenceState::Good
        | EvidenceState::Missing
        | EvidenceState::Failed
        | EvidenceState::Stale => None,
    }
}

/// The list, each with its numbers, its age and its hash.
#[component]
pub fn Standings(
    /// How each stands.
    standings: Vec<Standing>,
    /// The server's clock.
    now: Timestamp,
) -> impl IntoView {
    let items = standings.into_iter().map(move |standing| view! { <Item standing now /> });
    view! { <ul class="evidence">{items.collect::<Vec<_>>()}</ul> }
}

#[component]
fn Item(standing: Standing, now: Timestamp) -> impl IntoView {
    let (tone, word) = shown(standing.state);
    let title = format!("{} of {}", standing.kind.label(), standing.deployment);
    let most = standing.max_age_hours.map(|hours| format!(" At most {hours} h old."));
    let required = standing
        .max_age_hours
        .map(|hours| format!("Required before live traffic moves to it, at most {hours} h old."));
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
