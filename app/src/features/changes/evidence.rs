//! The evidence that a change needs: what is required, what is there, and capturing it there and then.

use crate::domain::change::ChangeId;
use crate::domain::evidence::Kind;
use crate::domain::evidence::standing::Standing;
use crate::domain::name::DeploymentName;
use crate::domain::route::Route;
use crate::domain::scoring::SAMPLE;
use crate::domain::stage::EndpointKey;
use crate::domain::timestamp::Timestamp;
use crate::features::evidence::{CaptureReplay, CaptureShadow, Standings};
use crate::ui::section::Section;
use leptos::prelude::*;

/// The section; nothing where nothing is required.
#[component]
pub fn EvidenceSection(
    /// Where, and which change.
    of: (EndpointKey, ChangeId),
    /// The route before the change.
    base: Route,
    /// How each piece stands.
    standings: Vec<Standing>,
    /// Whether somebody has still to decide.
    is_waiting: bool,
    /// Why this person may not capture any; `None` when they may.
    may_not: Option<String>,
    /// The server's clock.
    now: Timestamp,
) -> impl IntoView {
    if standings.is_empty() {
        return ().into_any();
    }
    let note = match is_waiting {
        true => "Part of what is approved. Captured anew, it is to be approved anew.",
        false => "As it was when it was signed.",
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
    match (kind, primary(&base, &deployment)) {
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
            <p class="reason">"Nothing is live beside it, so there are no answers to compare."</p>
        }
        .into_any(),
    }
}

/// Who has the largest live share beside a deployment.
fn primary(base: &Route, deployment: &DeploymentName) -> Option<DeploymentName> {
    let beside = base.split().iter().filter(|(name, _)| *name != deployment);
    beside.max_by_key(|(_, share)| *share).map(|(name, _)| name.clone())
}
