//! The overview, kept current.

use super::card::EndpointCard;
use crate::domain::find::{Find, SHOWN_MAX};
use crate::domain::guard::facts::Gate;
use crate::domain::name::StageName;
use crate::domain::stage::{Freshness, Stage};
use crate::domain::timestamp::Timestamp;
use crate::features::connection::ConnectionNotice;
use crate::features::freshness::{Age, StaleNotice};
use crate::features::glass::BrokenBanner;
use crate::features::hindrance::GateNotice;
use crate::features::operation::{Operations, announcement};
use crate::live::{Clock, listen, pick};
use crate::paths;
use crate::port::{Beat, Overview, StageView};
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
    // The configuration names the stages: they do not change while the console runs.
    let name = |view: &StageView| view.stage.name.to_string();
    let names: Vec<_> = overview.with_untracked(|all| all.stages.iter().map(name).collect());
    let find = overview.with_untracked(|overview| overview.find.clone());
    let section = |name| {
        view! { <StageSection stage=stage(overview, name) find=find.clone() now=clock.now() /> }
    };
    let stages = names.into_iter().map(section).collect::<Vec<_>>();
    let empty = stages.is_empty();
    let data = pick(overview, |overview| overview.now);
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
fn StageSection(
    stage: Memo<Option<StageView>>,
    find: Find,
    now: Signal<Timestamp>,
) -> impl IntoView {
    let freshness = Signal::derive(move || {
        stage.with(|view| view.as_ref().map(|view| view.freshness.clone())).unwrap_or_default()
    });
    let names = Memo::new(move |_| {
        let names = |view: &StageView| view.endpoints.iter().map(|e| e.key.clone()).collect();
        stage.with(|view| view.as_ref().map_or_else(Vec::new, names))
    });
    let fresh = move || freshness.with(Freshness::is_fresh);
    let range = Memo::new(move |_| stage.with(|view| view.as_ref().and_then(range)));
    let find = StoredValue::new(find);
    let pages = move || {
        let (words, pages) = range.get()?;
        Some(find.with_value(|find| view! { <Pages words pages find=find.clone() stage /> }))
    };
    let trouble = Memo::new(move |_| stage.with(|view| view.as_ref().map_or(0, |v| v.troubled)));
    let gate = Memo::new(move |_| stage.with(|view| view.as_ref().and_then(|v| v.gate.clone())));
    let none = Memo::new(move |_| stage.with(|view| view.as_ref().and_then(none)));
    let empty = move || none.get().filter(|_| fresh());
    let head = stage.with_untracked(|view| view.as_ref().map(|view| view.stage.clone()));
    let name = head.as_ref().map(|stage| stage.name.clone());
    view! {
        <section class="section">
            <div class="margin">
                {head.map(|stage| view! { <StageHead stage /> })}
                {move || gate_word(gate.get().as_ref())}
                {move || trouble_word(trouble.get())}
                <Age freshness now />
            </div>
            <div class="body">
                <StaleNotice freshness />
                {move || gate.get().zip(name.clone()).map(|(gate, stage)| view! { <GateNotice gate stage /> })}
                <ul class="cards">
                    <For each=move || names.get() key=|key| key.endpoint.to_string() let:key>
                        <EndpointCard key stage />
                    </For>
                </ul>
                {pages}
                {move || empty().map(|words| view! { <Empty>{words}</Empty> })}
            </div>
        </section>
    }
}

/// Which of those that are found are shown, and on how many pages all of them are; nothing when all are here.
fn range(view: &StageView) -> Option<(String, usize)> {
    let (first, last, found) = (view.before + 1, view.before + view.endpoints.len(), view.found);
    (found > view.endpoints.len()).then(|| {
        let words = match view.endpoints.is_empty() {
            true => format!("This page shows none of {found} endpoints."),
            false => format!(
                "{first} to {last} of {found} endpoints are shown, {} are not. Those in trouble come first.",
                found - view.endpoints.len()
            ),
        };
        (words, found.div_ceil(SHOWN_MAX))
    })
}

/// The way to the endpoints that are not shown.
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

/// That a stage takes no changes, in a word.
fn gate_word(gate: Option<&Gate>) -> Option<impl IntoView + use<>> {
    let word = match gate? {
        Gate::Open => return None,
        Gate::Frozen { .. } => "frozen",
        Gate::Outside { .. } => "closed now",
    };
    Some(view! { <Badge tone=Tone::Warn word /> })
}

fn trouble_word(count: usize) -> Option<impl IntoView + use<>> {
    let word = format!("{count} in trouble");
    (count > 0).then(|| view! { <Badge tone=Tone::Bad word /> })
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
