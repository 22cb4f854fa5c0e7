//! Forms that capture evidence and then lead back to the change they belong to, or to the new evidence.

use crate::paths;
use domain::change::ChangeId;
use domain::evidence::Kind;
use domain::evidence::form::{BODY, CHANGE, DEPLOYMENT, KIND};
use domain::name::DeploymentName;
use domain::stage::EndpointKey;
use leptos::prelude::*;

/// The button that captures a shadow comparison.
#[component]
pub fn CaptureShadow(
    at: EndpointKey,
    deployment: DeploymentName,
    /// The change to return to.
    #[prop(optional_no_strip)]
    change: Option<ChangeId>,
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

/// The form that sends one request to two deployments and compares their responses.
#[component]
pub fn CaptureReplay(
    at: EndpointKey,
    /// The live deployment (the baseline).
    live: DeploymentName,
    /// The deployment that is compared with the baseline.
    deployment: DeploymentName,
    change: Option<ChangeId>,
    sample: &'static str,
    may_not: Option<String>,
) -> impl IntoView {
    let words = format!("Capture a replay diff of {deployment}");
    let (field, why_id) = (format!("replay-{deployment}"), format!("no-replay-of-{deployment}"));
    let why_id = may_not.is_some().then_some(why_id);
    let label = format!("Request body for {live} and {deployment} (JSON)");
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
