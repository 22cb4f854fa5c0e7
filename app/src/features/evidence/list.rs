//! An endpoint's evidence, and the forms that capture more.

use super::api;
use super::capture::CaptureShadow;
use crate::components::address;
use crate::components::ages::Ages;
use crate::components::load::loaded;
use crate::components::page_head::PageHead;
use crate::components::problem::Refused;
use crate::paths;
use crate::port::EvidenceList;
use crate::ui::badge::{Badge, Tone};
use crate::ui::empty::Empty;
use crate::ui::section::Section;
use crate::ui::time::Time;
use crate::ui::written::Written;
use domain::evidence::Sealed;
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// The most pieces of evidence that the page lists.
const LISTED_MAX: usize = 50;

/// The evidence of an endpoint.
#[component]
pub fn EvidenceListPage() -> impl IntoView {
    let at = address::endpoint();
    loaded(async { api::read_evidence_of(at?).await }, |list| view! { <Page list /> })
}

#[component]
fn Page(list: EvidenceList) -> impl IntoView {
    let EvidenceList { now, endpoint, required, measured, all, may_not_capture } = list;
    let at = endpoint.key;
    let trail = vec![(at.endpoint.to_string(), paths::endpoint(&at))];
    let title = format!("Evidence of {}", at.endpoint);
    let kinds: Vec<_> =
        required.kinds().iter().map(|(kind, _)| kind.label().to_lowercase()).collect();
    let asks = match kinds.is_empty() {
        true => "This stage’s policy requires no evidence. You can capture some anyway.".to_owned(),
        false => format!(
            "Before a deployment gets more live traffic, this stage requires: {}.",
            kinds.join(", ")
        ),
    };
    let is_measured = !measured.is_empty();
    let (of_capture, test) = (at.clone(), paths::test(&at));
    let capture = measured.into_iter().map(move |deployment| {
        let (at, may_not) = (of_capture.clone(), may_not_capture.clone());
        view! { <CaptureShadow at deployment may_not change=None /> }
    });
    let is_empty = all.is_empty();
    let note = match all.len() < LISTED_MAX {
        true => "Newest first. Only the newest of each kind counts.",
        false => "The newest 50. The audit log has older evidence, under the kind Evidence.",
    };
    let items = all.into_iter().map(move |sealed| view! { <Item sealed now /> });
    view! {
        <Ages now />
        <PageHead title trail here="Evidence"><p>{asks}</p></PageHead>
        <Refused />
        <Section id="capture" title="Capture" note="Captured evidence is stored with its hash and never changes.">
            <div class="captures">{capture.collect::<Vec<_>>()}</div>
            {(!is_measured).then(|| view! {
                <Empty>"No deployment is mirrored or shares live traffic with another, so there is nothing to compare."</Empty>
            })}
            <p class="further">
                "To capture a replay diff, send a " <a href=test>"test request"</a> " to two deployments."
            </p>
        </Section>
        <Section id="captured" title="Captured" note=note>
            <ul class="evidence">{items.collect::<Vec<_>>()}</ul>
            {is_empty.then(|| view! { <Empty>"No evidence has been captured yet."</Empty> })}
        </Section>
    }
}

#[component]
fn Item(sealed: Sealed, now: Timestamp) -> impl IntoView {
    let Sealed { evidence, hash } = sealed;
    let (tone, word) = standing(evidence.was_good());
    view! {
        <li class="change">
            <Badge tone word />
            <div>
                <p class="title"><a href=paths::evidence(&evidence.id)>{evidence.title()}</a></p>
                <p class="detail"><code>{hash.short().to_owned()}</code></p>
            </div>
            <p class="by"><Written text=evidence.by.name /> " · " <Time at=evidence.captured now /></p>
        </li>
    }
}

/// Whether evidence met the policy when it was captured.
pub(super) fn standing(was_good: bool) -> (Tone, &'static str) {
    if was_good { (Tone::Good, "passed") } else { (Tone::Bad, "failed") }
}
