//! The run, kept current.

use super::decisions::Decisions;
use super::step::Step;
use crate::domain::run::view::RunView;
use crate::domain::timestamp::Timestamp;
use crate::features::connection::ConnectionNotice;
use crate::features::operation::{detail, standing};
use crate::live::{Clock, listen, pick};
use crate::paths;
use crate::ui::badge::Badge;
use crate::ui::section::Section;
use crate::ui::time::{Time, lasted};
use leptos::prelude::*;

/// The run, kept current.
#[island]
pub fn RunBoard(
    /// What the page was rendered with.
    view: RunView,
) -> impl IntoView {
    let events = paths::events_run(&view.operation.id);
    let clock = Clock::new(view.now);
    let now = clock.now();
    let view = RwSignal::new(view);
    let url = events.clone();
    Effect::new(move |_| {
        listen(&url, "run", move |next: RunView| {
            clock.sync(next.now);
            view.set(next);
        });
    });
    let data = pick(view, |view| view.now);
    let steps = pick(view, |view| view.steps.clone());
    let none = move || {
        steps.with(Vec::is_empty).then(|| {
            view! { <p class="empty">"An earlier version carried this out; it kept no journal."</p> }
        })
    };
    let each = move || {
        let step = |(number, step)| view! { <Step number step now /> };
        (1_usize..).zip(steps.get()).map(step).collect::<Vec<_>>()
    };
    view! {
        <ConnectionNotice url=events data now />
        <Head view now />
        <Section id="steps" title="Steps">
            <ol class="run-steps">{each}</ol>
            {none}
        </Section>
        <Decisions view />
    }
}

#[component]
fn Head(view: RwSignal<RunView>, now: Signal<Timestamp>) -> impl IntoView {
    let operation = pick(view, |view| view.operation.clone());
    let stops = pick(view, |view| view.stops_next.clone());
    let hash = view.with_untracked(|view| view.hash.clone());
    let line = move || {
        let operation = operation.get();
        let (word, tone) = standing(&operation.progress);
        let took = operation.ended.map(|end| format!(", took {}", lasted(operation.started, end)));
        view! {
            <h1>{operation.action.title()}</h1>
            <p role="status">
                <Badge tone=tone word=word.to_owned() />
                " "
                {detail(&operation.progress)}
            </p>
            <p>{operation.by} " · " <Time at=operation.started now /> {took}</p>
        }
    };
    view! {
        <header class="head">
            {line}
            {move || stops.get().map(|by| view! { <p>{by} " asked to stop before the next step."</p> })}
            {hash.map(|hash| view! {
                <p>"Plan " <code title=hash.0.clone()>{hash.short().to_owned()}</code></p>
            })}
        </header>
    }
}
