//! The traffic editor: sliders, with the plan of the draft below.

use super::editing::Editing;
use super::live_field::LiveField;
use super::mirror_field::MirrorField;
use crate::components::hindrance::Hindering;
use crate::components::plan::PlanPreview;
use crate::components::route_bar::RouteBar;
use crate::live::{derive, pick};
use crate::paths;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use domain::endpoint::Endpoint;
use domain::glass::purpose::{ROUTE, WHAT};
use domain::plan::rollout_path::Outline;
use domain::route::Route;
use domain::route_form::BASE;
use leptos::prelude::*;

/// The traffic editor. Without scripts, a form that leads to the plan's page.
#[component]
pub fn RouteEditor(
    endpoint: Memo<Endpoint>,
    may_not: Memo<Option<String>>,
    /// Whether the stage requires approvals: then the plan's page proposes.
    protected: bool,
    promotion: Option<Outline>,
    hindering: Memo<Hindering>,
    glass: bool,
) -> impl IntoView {
    let editing = Editing::new(endpoint, promotion, hindering);
    let action = endpoint.with_untracked(|endpoint| paths::route(&endpoint.key));
    let glass =
        glass.then(|| endpoint.with_untracked(|endpoint| paths::break_glass(&endpoint.key, None)));
    let names = pick(endpoint, Endpoint::names);
    let base = move || editing.base.with(Route::to_text);
    view! {
        <form class="editor" method="get" action=action autocomplete="off">
            <input type="hidden" name=BASE value=base prop:value=base />
            <Moved editing />
            <fieldset>
                <legend>"Live traffic"</legend>
                <For each=move || names.get() key=ToString::to_string let:name>
                    <LiveField name editing />
                </For>
            </fieldset>
            <fieldset>
                <legend>"Mirror"</legend>
                <MirrorField editing />
            </fieldset>
            <Trouble editing />
            <Preview editing />
            <Actions editing may_not protected glass />
        </form>
    }
}

/// Reports that the route changed during editing, and lets the person choose.
#[component]
fn Moved(editing: Editing) -> impl IntoView {
    move || {
        editing.moved().map(|now| {
            let was = editing.base.with(ToString::to_string);
            view! {
                <Notice tone=Tone::Warn title="The traffic split has changed" alert=true>
                    <p>"Before: " <b>{was}</b> ". Now: " <b>{now.to_string()}</b> "."</p>
                    <p class="actions">
                        <button type="button" class="button" on:click=move |_| editing.reset()>
                            "Use the current split"
                        </button>
                        <button type="button" class="button" on:click=move |_| editing.keep()>
                            "Keep my draft"
                        </button>
                    </p>
                </Notice>
            }
        })
    }
}

#[component]
fn Trouble(editing: Editing) -> impl IntoView {
    view! {
        <p class="trouble" role="status">
            {move || editing.trouble.get()}
        </p>
    }
}

/// The draft's plan, once there is a draft.
#[component]
fn Preview(editing: Editing) -> impl IntoView {
    let drafted = Memo::new(move |_| editing.drafted.get() && editing.wrong.with(Vec::is_empty));
    let route = derive(editing.draft, |draft| draft.route().clone());
    let sentence = move || editing.draft.with(|draft| format!("Proposed split: {}", draft.route()));
    move || {
        drafted.get().then(|| {
            view! {
                <div class="preview">
                    <h3 aria-live="polite">{sentence}</h3>
                    <RouteBar endpoint=editing.endpoint route />
                    {move || view! { <PlanPreview plan=editing.plan() /> }}
                    <p class="reason">
                        "The plan page also checks what only the server can read: bandwidth for a mirror, and the \
                         evidence that the stage's policy requires."
                    </p>
                </div>
            }
        })
    }
}

#[component]
fn Actions(
    editing: Editing,
    may_not: Memo<Option<String>>,
    protected: bool,
    glass: Option<String>,
) -> impl IntoView {
    let blocked = Memo::new(move |_| {
        if editing.wrong.with(|wrong| !wrong.is_empty()) {
            return Some("Correct the invalid share above to see its plan.".to_owned());
        }
        let undecided =
            || "The traffic split has changed. Choose above which one to use.".to_owned();
        editing.moved().map(|_| undecided()).or_else(|| editing.plan().hindered(protected))
    });
    let drafted = editing.drafted;
    let disabled = move || may_not.with(Option::is_some) || blocked.with(Option::is_some);
    // The notice above already says why the person may not change the endpoint.
    let shown = move || may_not.with(Option::is_none).then(|| blocked.get()).flatten();
    view! {
        <div class="actions">
            <button type="submit" class="button" data-variant=protected.then_some("lead")>
                {if protected { "Edit and propose" } else { "Open the plan" }}
            </button>
            {(!protected).then(|| view! {
                <button type="submit" formmethod="post" class="button scripted" data-variant="lead"
                    disabled=disabled aria-describedby="may-not apply-reason">
                    "Apply"
                </button>
            })}
            <button type="button" class="button scripted"
                disabled=move || !drafted.get() && editing.wrong.with(Vec::is_empty)
                on:click=move |_| editing.reset()>
                "Reset"
            </button>
            <button type="button" class="button scripted" data-variant="danger"
                on:click=move |_| editing.switch_off()>
                "Switch all off"
            </button>
            {glass.map(|to| view! {
                <button type="submit" class="button" data-variant="quiet" name=WHAT value=ROUTE formaction=to>
                    "Break glass"
                </button>
            })}
            <p class="reason scripted" id="apply-reason">{shown}</p>
        </div>
    }
}
