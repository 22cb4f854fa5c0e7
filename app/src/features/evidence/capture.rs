//! Capturing evidence: plain forms that lead back to the change they were sent from, or to what was captured.

use crate::domain::change::ChangeId;
use crate::domain::evidence::Kind;
use crate::domain::evidence::form::{BODY, CHANGE, DEPLOYMENT, KIND};
use crate::domain::name::DeploymentName;
use crate::domain::stage::EndpointKey;
use crate::paths;
use leptos::prelude::*;

/// The button that captures a shadow comparison.
#[component]
pub fn CaptureShadow(
    /// Where.
    at: EndpointKey,
    /// Of which deployment.
    deployment: DeploymentName,
    /// The change to lead back to.
    #[prop(optional_no_strip)]
    change: Option<ChangeId>,
    /// Why this person may not; `None` when they may.
    may_not: Option<String>,
) -> impl IntoView {
    let words = format!("Capture a shadow comparison of {deployment}");
    let why_id = may_not.is_some().then(|| format!("no-comparison-of-{deployment}"));
    view! {
        <form method="post" action=paths::evidence_of(&at) class="capture">
            <Hidden kind=Kind::ShadowComparison change />
            <input type="hidden" name=DEPLOYMENT value=deployment.to_string() />
            <button type="submit" class="button" disabled=may_not.is_some() aria-describedby=why_id.clone()>
                {words}
            </button>
            <span class="reason" id=why_id>{may_not}</span>
        </form>
    }
}

/// The form that sends one request to two deployments and compares their answers.
#[component]
pub fn CaptureReplay(
    /// Where.
    at: EndpointKey,
    /// The deployment that is live.
    live: DeploymentName,
    /// The one that is compared with it.
    deployment: DeploymentName,
    /// The change to lead back to.
    change: Option<ChangeId>,
    /// What the request is to be, before anybody has written another one.
    sample: &'static str,
    /// Why this person may not; `None` when they may.
    may_not: Option<String>,
) -> impl IntoView {
    let words = format!("Capture a replay diff of {deployment}");
    let (field, why_id) = (format!("replay-{deployment}"), format!("no-replay-of-{deployment}"));
    let why_id = may_not.is_some().then_some(why_id);
    let label = format!("Request that {live} and {deployment} answer (JSON)");
    view! {
        <form method="post" action=paths::evidence_of(&at) class="capture">
            <Hidden kind=Kind::ReplayDiff change />
            <input type="hidden" name="target" value=live.to_string() />
            <input type="hidden" name="target" value=deployment.to_string() />
            <p class="field">
                <label for=field.clone()>{label}</label>
                <textarea id=field name=BODY rows="3" spellcheck="false">{sample}</textarea>
            </p>
            <button type="submit" class="button" disabled=may_not.is_some() aria-describedby=why_id.clone()>
                {words}
            </button>
            <span class="reason" id=why_id>{may_not}</span>
        </form>
    }
}

#[component]
fn Hidden(kind: Kind, change: Option<ChangeId>) -> impl IntoView {
    view! {
        <input type="hidden" name=KIND value=kind.word() />
        {change.map(|id| view! { <input type="hidden" name=CHANGE value=id.0 /> })}
    }
}
