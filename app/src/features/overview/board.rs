//! The overview, kept current.

use super::card::EndpointCard;
use crate::domain::stage::Stage;
use crate::domain::timestamp::Timestamp;
use crate::features::connection::ConnectionNotice;
use crate::features::freshness::{Age, StaleNotice};
use crate::features::operation::{Operations, announcement};
use crate::live::{Clock, listen, pick};
use crate::paths;
use crate::port::{Overview, StageView};
use crate::ui::badge::{Badge, Tone};
use crate::ui::empty::Empty;
use crate::ui::section::Section;
use leptos::prelude::*;

/// Stages, endpoints and what is running, kept current.
#[island]
pub fn OverviewBoard(
    /// What the page was rendered with.
    overview: Overview,
) -> impl IntoView {
    let clock = Clock::new(overview.now);
    let url = paths::events_overview(&overview.find);
    let events = url.clone();
    let overview = RwSignal::new(overview);
    Effect::new(move |_| {
        listen(&events, "overview", move |next: Overview| {
            clock.sync(next.now);
            overview.set(next);
        });
    });
    // The configuration names the stages: they do not change while the console runs.
    let name = |view: &StageView| view.stage.name.to_string();
    let names: Vec<_> = overview.with_untracked(|all| all.stages.iter().map(name).collect());
    let section = |name| view! { <StageSection stage=stage(overview, name) now=clock.now() /> };
    let stages = names.into_iter().map(section).collect::<Vec<_>>();
    let empty = stages.is_empty();
    let data = pick(overview, |overview| overview.now);
    view! {
        <ConnectionNotice url data now=clock.now() />
        <Running overview now=clock.now() />
        {stages}
        {empty.then(|| view! {
            <Empty>"No stage is configured. Add one to the configuration file and restart the console."</Empty>
        })}
    }
}

/// One stage of the overview; as it last was, when it has gone.
fn stage(overview: RwSignal<Overview>, name: String) -> Memo<Option<StageView>> {
    Memo::new(move |last: Option<&Option<StageView>>| {
        let found = overview.with(|overview| {
            overview.stages.iter().find(|view| view.stage.name.as_str() == name).cloned()
        });
        found.or_else(|| last.cloned().flatten())
    })
}

/// What is running, when something is.
#[component]
fn Running(overview: RwSignal<Overview>, now: Signal<Timestamp>) -> impl IntoView {
    let operations = pick(overview, |overview| overview.running.clone());
    let idle = pick(operations, Vec::is_empty);
    view! {
        <p class="unseen" role="status">{move || operations.with(|all| announcement(all))}</p>
        <div class="running" hidden=idle>
            <Section id="running" title="Running now">
                <Operations operations now with_endpoint=true none="Nothing is running." />
            </Section>
        </div>
    }
}

#[component]
fn StageSection(stage: Memo<Option<StageView>>, now: Signal<Timestamp>) -> impl IntoView {
    let freshness = Signal::derive(move || {
        stage.with(|view| view.as_ref().map(|view| view.freshness.clone())).unwrap_or_default()
    });
    let names = Memo::new(move |_| {
        let names = |view: &StageView| view.endpoints.iter().map(|e| e.key.clone()).collect();
        stage.with(|view| view.as_ref().map_or_else(Vec::new, names))
    });
    let fresh = move || freshness.with(crate::domain::stage::Freshness::is_fresh);
    let more = Memo::new(move |_| stage.with(|view| view.as_ref().and_then(more)));
    let none = Memo::new(move |_| stage.with(|view| view.as_ref().and_then(none)));
    let empty = move || none.get().filter(|_| fresh());
    let head = stage.with_untracked(|view| view.as_ref().map(|view| view.stage.clone()));
    view! {
        <section class="section">
            <div class="margin">
                {head.map(|stage| view! { <StageHead stage /> })}
                <Age freshness now />
            </div>
            <div class="body">
                <StaleNotice freshness />
                <ul class="cards">
                    <For each=move || names.get() key=|key| key.endpoint.to_string() let:key>
                        <EndpointCard key stage />
                    </For>
                </ul>
                {move || more.get().map(|words| view! { <p class="reason">{words}</p> })}
                {move || empty().map(|words| view! { <Empty>{words}</Empty> })}
            </div>
        </section>
    }
}

/// That not all that are found are shown.
fn more(view: &StageView) -> Option<String> {
    let (shown, found) = (view.endpoints.len(), view.found);
    (found > shown).then(|| format!("{shown} of {found} endpoints are shown. Find others by name."))
}

/// Why none is shown.
fn none(view: &StageView) -> Option<&'static str> {
    match (view.found, view.total) {
        (0, 0) => {
            Some("No online endpoint here yet. Create one in Azure ML; it appears by itself.")
        }
        (0, _) => Some("No endpoint here has a name like that."),
        _ => None,
    }
}

#[component]
fn StageHead(stage: Stage) -> impl IntoView {
    view! {
        <h2><a href=paths::stage(&stage.name)>{stage.name.to_string()}</a></h2>
        {stage.protected.then(|| view! { <Badge tone=Tone::Warn word="protected" /> })}
        <p>{stage.workspace} <br /> {stage.resource_group}</p>
    }
}
