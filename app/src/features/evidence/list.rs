//! An endpoint's evidence: what was captured, and capturing more.

use super::api;
use super::capture::CaptureShadow;
use crate::domain::evidence::Sealed;
use crate::domain::timestamp::Timestamp;
use crate::features::address;
use crate::features::ages::Ages;
use crate::features::frame::Crumbs;
use crate::features::load::loaded;
use crate::features::problem::Refusal;
use crate::paths;
use crate::port::EvidenceList;
use crate::submission::Submission;
use crate::ui::badge::{Badge, Tone};
use crate::ui::empty::Empty;
use crate::ui::section::Section;
use crate::ui::time::Time;
use crate::ui::written::Written;
use leptos::prelude::*;
use leptos_meta::Title;

/// So many are listed at most.
const LISTED_MAX: usize = 50;

/// The evidence of an endpoint.
#[component]
pub fn EvidenceListPage() -> impl IntoView {
    let sent = use_context::<Submission>();
    let at = address::endpoint();
    let load = async { api::read_evidence_of(at?).await };
    loaded(load, |list| view! { <Page list sent /> })
}

#[component]
fn Page(list: EvidenceList, sent: Option<Submission>) -> impl IntoView {
    let EvidenceList { now, endpoint, required, measured, all, may_not_capture } = list;
    let refusal = sent.and_then(|sent| sent.refusal().cloned());
    let at = endpoint.key;
    let trail = vec![(at.endpoint.to_string(), paths::endpoint(&at))];
    let title = format!("Evidence of {}", at.endpoint);
    let kinds: Vec<_> =
        required.kinds().iter().map(|(kind, _)| kind.label().to_lowercase()).collect();
    let asks = match kinds.is_empty() {
        true => "This stage’s policy requires none; it can be captured all the same.".to_owned(),
        false => format!(
            "Before a deployment gets more live traffic this stage requires: {}.",
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
        true => "The newest first. Only the newest of a kind counts.",
        false => "The newest 50. Older ones are in the history, as entries of the kind Evidence.",
    };
    let items = all.into_iter().map(move |sealed| view! { <Item sealed now /> });
    view! {
        <Title text=title.clone() />
        <Ages now />
        <Crumbs trail here="Evidence" />
        <header class="head">
            <h1>{title}</h1>
            <p>{asks}</p>
        </header>
        {refusal.map(|error| view! { <Refusal error /> })}
        <Section id="capture" title="Capture" note="What is captured is kept, with its hash, and never changed.">
            <div class="captures">{capture.collect::<Vec<_>>()}</div>
            {(!is_measured).then(|| view! {
                <Empty>"No deployment is mirrored to or live beside another, so there is nothing to compare."</Empty>
            })}
            <p class="further">
                "A replay diff is captured from a " <a href=test>"test request"</a> " that goes to two deployments."
            </p>
        </Section>
        <Section id="captured" title="Captured" note=note>
            <ul class="evidence">{items.collect::<Vec<_>>()}</ul>
            {is_empty.then(|| view! { <Empty>"Nothing was captured yet."</Empty> })}
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

/// How evidence stood when it was captured.
pub(super) fn standing(was_good: bool) -> (Tone, &'static str) {
    if was_good { (Tone::Good, "good") } else { (Tone::Bad, "not good") }
}
