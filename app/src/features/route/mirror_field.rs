//! The mirror's fields: the deployment and the percentage.

use super::editing::{Editing, MIRROR_FIRST};
use super::fields::{Written, settle, slid};
use crate::live::pick;
use domain::endpoint::Endpoint;
use domain::name::DeploymentName;
use domain::route::{MIRROR_MAX, Mirror};
use domain::route_draft::RouteDraft;
use domain::route_form::{MIRROR, MIRROR_PERCENT};
use leptos::prelude::*;

/// The deployment that receives a copy of live traffic, and the percentage.
#[component]
pub fn MirrorField(editing: Editing) -> impl IntoView {
    let who = pick(editing.draft, |d| d.route().mirror().map(|mirror| mirror.deployment().clone()));
    let percent = pick(editing.draft, |d| d.route().mirror().map_or(MIRROR_FIRST, Mirror::percent));
    let still = Memo::new(move |_| editing.scripted.get() && who.with(Option::is_none));
    let slide = move |event: web_sys::Event| {
        if let (Some(name), Some(to)) = (who.get_untracked(), slid(&event)) {
            editing.set_mirror(Some((name, to)));
        }
    };
    let write = Callback::new(move |text: String| editing.type_mirror(&text));
    let settled = move |event: web_sys::Event| settle(&event, percent.get_untracked());
    view! {
        <div class="handle" data-kind="mirror" data-locked=move || still.get().then_some("true")>
            <Who editing who percent />
            <input type="range" class="scripted" min="1" max=MIRROR_MAX aria-label="Mirror %"
                value=percent.get_untracked().to_string() prop:value=move || percent.get().to_string()
                disabled=still on:input=slide on:change=settled />
            <Written field=MIRROR_PERCENT.to_owned() label="Mirror %" range=(1, MIRROR_MAX) value=percent
                locked=still about="mirror-reason".to_owned() editing write />
            <Locked editing />
        </div>
    }
}

#[component]
fn Who(editing: Editing, who: Memo<Option<DeploymentName>>, percent: Memo<u8>) -> impl IntoView {
    let choose = move |event: web_sys::Event| {
        let name = event_target_value(&event).parse::<DeploymentName>().ok();
        editing.set_mirror(name.map(|name| (name, percent.get_untracked())));
    };
    let names = pick(editing.endpoint, Endpoint::names);
    let none = move || who.with(Option::is_none);
    let choice = move |name| view! { <Choice name editing who /> };
    view! {
        <label>
            "Mirror to"
            <select name=MIRROR id=MIRROR aria-describedby="mirror-reason" on:change=choose>
                <option value="" selected=none prop:selected=none>
                    "No deployment"
                </option>
                {move || names.get().into_iter().map(choice).collect::<Vec<_>>()}
            </select>
        </label>
    }
}

#[component]
fn Choice(
    name: DeploymentName,
    editing: Editing,
    who: Memo<Option<DeploymentName>>,
) -> impl IntoView {
    let text = name.to_string();
    let value = text.clone();
    let name = StoredValue::new(name);
    let chosen = move || who.with(|who| name.with_value(|name| who.as_ref() == Some(name)));
    let locked = move || {
        let locked = editing.draft.with(|draft| name.with_value(|n| draft.mirror_locked(n)));
        editing.scripted.get() && locked.is_some() && !chosen()
    };
    view! {
        <option value=value selected=chosen prop:selected=chosen disabled=locked>
            {text}
        </option>
    }
}

fn reasons(draft: &RouteDraft) -> Vec<String> {
    // With a deployment chosen, the reasons of the others are beside the point.
    if draft.route().mirror().is_some() {
        return Vec::new();
    }
    let locked = draft.seats().iter().filter_map(|seat| draft.mirror_locked(&seat.deployment));
    let mut reasons: Vec<_> = locked.map(|blocked| blocked.to_string()).collect();
    reasons.dedup();
    reasons
}

/// Why some deployments cannot be chosen.
#[component]
fn Locked(editing: Editing) -> impl IntoView {
    let lines = move || {
        let line = |reason| view! { <p>{reason}</p> };
        let shown = if editing.scripted.get() { editing.draft.with(reasons) } else { Vec::new() };
        shown.into_iter().map(line).collect::<Vec<_>>()
    };
    view! { <div class="reason" id="mirror-reason">{lines}</div> }
}
