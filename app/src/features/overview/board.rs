//! The overview, kept current by events.

use super::card::EndpointCard;
use crate::components::broken_glass::BrokenBanner;
use crate::components::connection::ConnectionNotice;
use crate::components::hindrance::GateNotice;
use crate::components::operation::{Operations, announcement};
use crate::components::staleness::{Age, StaleNotice};
use crate::live::{Clock, derive, listen, pick};
use crate::paths;
use crate::port::{Beat, Overview, StageView};
use crate::ui::badge::{Badge, Tone};
use crate::ui::empty::Empty;
use crate::ui::section::Section;
use domain::find::{Find, SHOWN_MAX};
use domain::guard::inputs::Gate;
use domain::name::StageName;
use domain::stage::{Freshness, Stage};
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// Stages, endpoints and running operations, kept current by events.
#[island]
pub fn OverviewBoard(overview: Overview) -> impl IntoView {
    let clock = Clock::new(overview.now);
    let url = paths::events_overview(&overview.find);
    let events = url.clone();
    let overview = RwSignal::new(overview);
    Effect::new(move |_| {
        listen(&events, "overview", move |next: Overview| {
            clock.sync(next.now);
            overview.set(next);
        });
        listen(&events, "beat", move |beat: Beat| {
            clock.sync(beat.now);
            overview.update(|overview| {
                overview.now = beat.now;
                for view in &mut overview.stages {
                    let is_it = |(name, _): &&(StageName, Freshness)| *name == view.stage.name;
                    if let Some((_, freshness)) = beat.stages.iter().find(is_it) {
                        view.freshness = freshness.clone();
                    }
                }
            });
        });
    });
    // Stages come from the configuration and do not change while the console runs.
    let name = |view: &StageView| view.stage.name.to_string();
    let names: Vec<_> = overview.with_untracked(|all| all.stages.iter().map(name).collect());
    let find = overview.with_untracked(|overview| overview.find.clone());
    let section = |name| {
        view! { <StageSection stage=stage(overview, name) find=find.clone() now=clock.now() /> }
    };
    let stages = names.into_iter().map(section).collect::<Vec<_>>();
    let empty = stages.is_empty();
    let data = derive(overview, |overview| overview.now);
    let broken = pick(overview, |overview| overview.broken.clone());
    view! {
        <ConnectionNotice url data now=clock.now() />
        <BrokenBanner broken now=clock.now() />
        <Running overview now=clock.now() />
        {stages}
        {empty.then(|| view! {
            <Empty>"No stage is configured. Add one to the configuration file and restart the console."</Empty>
        })}
    }
}

/// One stage of the overview; the last known state if the stage is gone.
fn stage(overview: RwSignal<Overview>, name: String) -> Memo<Option<StageView>> {
    Memo::new(move |last: Option<&Option<StageView>>| {
        let found = overview.with(|overview| {
            overview.stages.iter().find(|view| view.stage.name.as_str() == name).cloned()
        });
        found.or_else(|| last.cloned().flatten())
    })
}

/// The running operations; hidden if there are no operations.
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
fn StageSection(
    stage: Memo<Option<StageView>>,
    find: Find,
    now: Signal<Timestamp>,
) -> impl IntoView {
    let freshness = Signal::derive(move || {
        stage.with(|view| view.as_ref().map(|view| view.freshness.clone())).unwrap_or_default()
    });
    let names = move || {
        stage.with(|view| {
            let endpoints = view.iter().flat_map(|view| &view.endpoints);
            endpoints.map(|endpoint| endpoint.key.clone()).collect::<Vec<_>>()
        })
    };
    let fresh = move || freshness.with(Freshness::is_fresh);
    let find = StoredValue::new(find);
    let pages = move || {
        let (words, pages) = stage.with(|view| view.as_ref().and_then(range))?;
        Some(find.with_value(|find| view! { <Pages words pages find=find.clone() stage /> }))
    };
    let trouble = Memo::new(move |_| stage.with(|view| view.as_ref().map_or(0, |v| v.troubled)));
    let gate = move || stage.with(|view| view.as_ref().and_then(|view| view.gate.clone()));
    let empty = move || stage.with(|view| view.as_ref().and_then(none)).filter(|_| fresh());
    let head = stage.with_untracked(|view| view.as_ref().map(|view| view.stage.clone()));
    let name = head.as_ref().map(|stage| stage.name.clone());
    view! {
        <section class="section">
            <div class="margin">
                {head.map(|stage| view! { <StageHead stage /> })}
                {move || gate_word(gate().as_ref())}
                {move || trouble_word(trouble.get())}
                <Age freshness now />
            </div>
            <div class="body">
                <StaleNotice freshness />
                {move || gate().zip(name.clone()).map(|(gate, stage)| view! { <GateNotice gate stage /> })}
                <ul class="cards">
                    <For each=names key=|key| key.endpoint.to_string() let:key>
                        <EndpointCard key stage />
                    </For>
                </ul>
                {pages}
                {move || empty().map(|words| view! { <Empty>{words}</Empty> })}
            </div>
        </section>
    }
}

/// Which matches this page shows, and the number of pages; nothing if one page has all matches.
fn range(view: &StageView) -> Option<(String, usize)> {
    let (first, last, found) = (view.before + 1, view.before + view.endpoints.len(), view.found);
    (found > view.endpoints.len()).then(|| {
        let words = match view.endpoints.is_empty() {
            true => format!("This page is past the last of {found} endpoints."),
            false => format!(
                "Showing {first} to {last} of {found} endpoints, {} not shown. Endpoints with problems come first.",
                found - view.endpoints.len()
            ),
        };
        (words, found.div_ceil(SHOWN_MAX))
    })
}

/// Links to the previous and the next page.
#[component]
fn Pages(words: String, pages: usize, find: Find, stage: Memo<Option<StageView>>) -> impl IntoView {
    let name = stage.with_untracked(|view| view.as_ref().map(|view| view.stage.name.clone()));
    let here = find.page();
    let to = |words: String, page: usize| {
        let href = paths::overview(&find.on(name.clone()?, page));
        Some(view! { <a href=href>{words}</a> " " })
    };
    let previous = (here > 1).then(|| to(format!("Page {} of {pages}", here - 1), here - 1));
    let next = (here < pages).then(|| to(format!("Page {} of {pages}", here + 1), here + 1));
    view! { <p class="reason pages">{words} " " {previous} {next}</p> }
}

/// A badge if the stage does not accept changes.
fn gate_word(gate: Option<&Gate>) -> Option<impl IntoView + use<>> {
    let word = match gate? {
        Gate::Open => return None,
        Gate::Frozen { .. } => "frozen",
        Gate::Outside { .. } => "closed",
    };
    Some(view! { <Badge tone=Tone::Warn word /> })
}

fn trouble_word(count: usize) -> Option<impl IntoView + use<>> {
    let word = format!("{count} with problems");
    (count > 0).then(|| view! { <Badge tone=Tone::Bad word /> })
}

/// Why the list is empty.
fn none(view: &StageView) -> Option<&'static str> {
    match (view.found, view.total) {
        (0, 0) => Some(
            "No online endpoints yet. Create one in Azure ML, and it appears here automatically.",
        ),
        (0, _) => Some("No endpoint name matches."),
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
