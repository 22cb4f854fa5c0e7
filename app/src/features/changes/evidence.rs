//! The evidence that a change requires, its status, and the forms that capture it.

use crate::features::evidence::{CaptureReplay, CaptureShadow, Standings};
use crate::ui::section::Section;
use domain::change::ChangeId;
use domain::evidence::Kind;
use domain::evidence::status::EvidenceStatus;
use domain::name::DeploymentName;
use domain::route::Route;
use domain::scoring::SAMPLE;
use domain::stage::EndpointKey;
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// The section; nothing if the change requires no evidence.
#[component]
pub fn EvidenceSection(
    of: (EndpointKey, ChangeId),
    /// The route before the change.
    base: Route,
    standings: Vec<EvidenceStatus>,
    is_waiting: bool,
    may_not: Option<String>,
    now: Timestamp,
) -> impl IntoView {
    if standings.is_empty() {
        return ().into_any();
    }
    let note = match is_waiting {
        true => "Approvals cover this evidence. New evidence requires re-approval.",
        false => "The evidence that the approvals covered.",
    };
    let captures = standings.iter().filter(|_| is_waiting).map(|standing| {
        let (kind, deployment) = (standing.kind, standing.deployment.clone());
        view! { <Capture of=of.clone() kind deployment base=base.clone() may_not=may_not.clone() /> }
    });
    let captures = captures.collect::<Vec<_>>();
    view! {
        <Section id="evidence" title="Evidence" note=note>
            <Standings standings now />
            <div class="captures">{captures}</div>
        </Section>
    }
    .into_any()
}

#[component]
fn Capture(
    of: (EndpointKey, ChangeId),
    kind: Kind,
    deployment: DeploymentName,
    base: Route,
    may_not: Option<String>,
) -> impl IntoView {
    let (at, change) = (of.0, Some(of.1));
    match (kind, baseline(&base, &deployment)) {
        (Kind::ShadowComparison, _) => {
            view! { <CaptureShadow at deployment change may_not /> }.into_any()
        }
        (Kind::ReplayDiff, Some(live)) => view! {
            <details>
                <summary>"Replay a request to " {live.to_string()} " and " {deployment.to_string()}</summary>
                <CaptureReplay at live deployment change sample=SAMPLE may_not />
            </details>
        }
        .into_any(),
        (Kind::ReplayDiff, None) => view! {
            <p class="reason">"No other deployment is live, so there are no responses to compare."</p>
        }
        .into_any(),
    }
}

/// The deployment with the largest live share, other than the one given.
fn baseline(base: &Route, deployment: &DeploymentName) -> Option<DeploymentName> {
    let beside = base.split().iter().filter(|(name, _)| *name != deployment);
    beside.max_by_key(|(_, share)| *share).map(|(name, _)| name.clone())
}
