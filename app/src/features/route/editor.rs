//! Moving live traffic: sliders, and under them at once what would happen.

use super::bar::RouteBar;
use super::editing::Editing;
use super::live_field::LiveField;
use super::mirror_field::MirrorField;
use crate::domain::endpoint::Endpoint;
use crate::domain::glass::deed::{ROUTE, WHAT};
use crate::domain::guard::facts::Facts;
use crate::domain::plan::way::Outline;
use crate::domain::route::Route;
use crate::domain::route_form::BASE;
use crate::features::plan::PlanView;
use crate::live::pick;
use crate::paths;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use leptos::prelude::*;

/// The editor. Without scripts it is a form that leads to the plan's page.
#[component]
pub fn RouteEditor(
    /// The endpoint as it is now.
    endpoint: Memo<Endpoint>,
    /// Why this person may not change it.
    may_not: Memo<Option<String>>,
    /// Whether the stage asks for approvals: then the plan's page proposes.
    protected: bool,
    /// How the stage has live traffic move.
    promotion: Option<Outline>,
    /// What the page knows beside the endpoint.
    known: Memo<Facts>,
    /// Whether this person is offered to break glass.
    glass: bool,
) -> impl IntoView {
    let editing = Editing::new(endpoint, promotion, known);
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

/// Says that the route changed under the draft, and lets the person choose.
#[component]
fn Moved(editing: Editing) -> impl IntoView {
    move || {
        editing.moved().map(|now| {
            let was = editing.base.with(ToString::to_string);
            view! {
                <Notice tone=Tone::Warn title="The route changed meanwhile" alert=true>
                    <p>"It was " <b>{was}</b> ", it is now " <b>{now.to_string()}</b> "."</p>
                    <p class="actions">
                        <button type="button" class="button" on:click=move |_| editing.reset()>
                            "Use the new route"
                        </button>
                        <button type="button" class="button" on:click=move |_| editing.keep()>
                            "Keep mine"
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

/// What would happen, as soon as something is drafted.
#[component]
fn Preview(editing: Editing) -> impl IntoView {
    let drafted = Memo::new(move |_| editing.drafted.get() && editing.wrong.with(Vec::is_empty));
    let route = pick(editing.draft, |draft| draft.route().clone());
    let sentence = move || editing.draft.with(|draft| format!("New route: {}", draft.route()));
    move || {
        drafted.get().then(|| {
            view! {
                <div class="preview">
                    <h3 aria-live="polite">{sentence}</h3>
                    <RouteBar endpoint=editing.endpoint route />
                    {move || view! { <PlanView plan=editing.plan() /> }}
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
            return Some(
                "Correct the share that is marked above: there is no plan for it.".to_owned(),
            );
        }
        let undecided = || "The route changed meanwhile: decide above which one to use.".to_owned();
        editing.moved().map(|_| undecided()).or_else(|| editing.plan().hindered(protected))
    });
    let drafted = editing.drafted;
    let disabled = move || may_not.with(Option::is_some) || blocked.with(Option::is_some);
    // Who may not is told so above, once.
    let shown = move || may_not.with(Option::is_none).then(|| blocked.get()).flatten();
    view! {
        <div class="actions">
            <button type="submit" class="button" data-variant=protected.then_some("lead")>
                {if protected { "Open the plan to propose it" } else { "Open the plan" }}
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
