//! The endpoint's heading: name, state, authentication, scoring URI and actions.

use crate::components::operation::standing;
use crate::components::staleness::Age;
use crate::components::state::StateBadge;
use crate::live::{derive, pick};
use crate::paths;
use crate::port::EndpointView;
use crate::ui::badge::{Badge, Tone};
use crate::ui::copy::CopyButton;
use crate::ui::written::Written;
use domain::endpoint::AuthMode;
use domain::guard::inputs::Gate;
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// The label of an authentication mode.
fn auth(mode: AuthMode) -> &'static str {
    match mode {
        AuthMode::Key => "key",
        AuthMode::AmlToken => "Azure ML token",
        AuthMode::AadToken => "Entra token",
    }
}

/// The endpoint's heading.
#[component]
pub fn Head(view: RwSignal<EndpointView>, now: Signal<Timestamp>) -> impl IntoView {
    let (key, protected) =
        view.with_untracked(|view| (view.endpoint.key.clone(), view.stage.protected));
    let state = derive(view, |view| view.endpoint.state);
    let freshness = derive(view, |view| view.freshness.clone());
    let description = pick(view, |view| view.endpoint.description.clone());
    let frozen = pick(view, |view| matches!(view.gate, Some(Gate::Frozen { .. })));
    view! {
        <header class="head">
            <h1>{key.endpoint.to_string()}</h1>
            <ul class="line">
                <li><a href=paths::stage(&key.stage)>{key.stage.to_string()}</a></li>
                {protected.then(|| view! { <li><Badge tone=Tone::Warn word="protected" /></li> })}
                {move || frozen.get().then(|| view! { <li><Badge tone=Tone::Warn word="frozen" /></li> })}
                <li>
                    <StateBadge state />
                </li>
                <li>
                    "Auth: " {move || view.with(|view| auth(view.endpoint.auth))}
                </li>
                <li>
                    <Age freshness now />
                </li>
            </ul>
            {move || description.get().map(|words| view! { <p><Written text=words /></p> })}
            <ScoringUri view />
            <Actions view />
            <Waiting view />
            <Now view />
        </header>
    }
}

#[component]
fn ScoringUri(view: RwSignal<EndpointView>) -> impl IntoView {
    let uri = pick(view, |view| view.endpoint.scoring_uri.clone());
    let shown = move || uri.get().unwrap_or_else(|| "no scoring URI yet".to_owned());
    let text = Signal::derive(move || uri.get().unwrap_or_default());
    view! {
        <p class="uri">
            <code>{shown}</code>
            <CopyButton text what="scoring URI" />
        </p>
    }
}

/// Links to pending changes, because they may already cover what the person is about to do.
#[component]
fn Waiting(view: RwSignal<EndpointView>) -> impl IntoView {
    let waiting = pick(view, |view| view.waiting);
    let words = move || match waiting.get() {
        0 => None,
        1 => Some("1 pending change".to_owned()),
        count => Some(format!("{count} pending changes")),
    };
    move || words().map(|words| view! { <p><a href=paths::CHANGES>{words}</a></p> })
}

/// The run in progress, at the top, because every other change waits for it.
#[component]
fn Now(view: RwSignal<EndpointView>) -> impl IntoView {
    let open = move || {
        view.with(|view| {
            let open = view.under_way()?;
            let href = paths::run(&open.id);
            Some((href, open.intent.title(), standing(&open.progress), open.by.clone()))
        })
    };
    move || {
        open().map(|(href, title, (word, tone), by)| {
            view! {
                <p class="now">
                    <Badge tone=tone word=word.to_owned() />
                    <span>
                        <b><a href=href>{title}</a></b>
                        ", started by "
                        <Written text=by />
                    </span>
                    <progress aria-label="In progress"></progress>
                </p>
            }
        })
    }
}

/// Links to the endpoint's actions; a link to a forbidden action says why.
#[component]
fn Actions(view: RwSignal<EndpointView>) -> impl IntoView {
    let key = view.with_untracked(|view| view.endpoint.key.clone());
    let may_not_change = pick(view, |view| view.may_not_change.clone());
    let may_not_test = pick(view, |view| view.may_not_test.clone());
    view! {
        <nav class="toolbar" aria-label="Actions">
            <Go words="Send a test request" href=paths::test(&key) may_not=may_not_test />
            <Go words="New deployment" href=paths::new_deployment(&key) may_not=may_not_change />
        </nav>
    }
}

/// A link that looks like a button. Everybody may open its page, which explains what is not allowed.
#[component]
fn Go(words: &'static str, href: String, may_not: Memo<Option<String>>) -> impl IntoView {
    view! {
        <a class="button" href=href title=move || may_not.get()
            data-locked=move || may_not.with(Option::is_some).then_some("true")>
            {words}
        </a>
    }
}
