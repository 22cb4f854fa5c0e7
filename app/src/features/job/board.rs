//! The job, kept current by events.

use super::actions::Actions;
use super::approvals::Approvals;
use super::failure::Failure;
use super::head::Head;
use super::result::{Onward, Outcome};
use super::step::Step;
use crate::components::connection::ConnectionNotice;
use crate::live::{Clock, derive, listen, pick};
use crate::paths;
use crate::port::{Beat, JobView};
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use crate::ui::section::Section;
use crate::ui::written::Written;
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// The job, kept current by events.
#[island]
pub fn JobBoard(view: JobView, onward: Onward) -> impl IntoView {
    let url = paths::events_job(&view.job.id);
    let clock = Clock::new(view.now);
    let now = clock.now();
    let view = RwSignal::new(view);
    subscribe(url.clone(), clock, view);
    let data = derive(view, |view| view.now);
    let warnings = pick(view, |view| view.warnings.clone());
    view! {
        <ConnectionNotice url data now />
        <Head view now />
        <Failure view />
        <Approvals view />
        {move || {
            let warnings = warnings.get();
            (!warnings.is_empty()).then(|| view! { <Warnings warnings /> })
        }}
        <Outcome view onward />
        <Section id="steps" title="Steps">
            <Steps view now />
        </Section>
        <Actions view />
    }
}

fn subscribe(events: String, clock: Clock, view: RwSignal<JobView>) {
    Effect::new(move |_| {
        listen(&events, "job", move |next: JobView| {
            clock.sync(next.now);
            view.set(next);
        });
        listen(&events, "beat", move |beat: Beat| {
            clock.sync(beat.now);
            view.update(|view| view.now = beat.now);
        });
    });
}

/// Sentences that the person should know.
#[component]
fn Warnings(warnings: Vec<String>) -> impl IntoView {
    let item = |text: String| view! { <p><Written text /></p> };
    view! {
        <Notice tone=Tone::Warn title="Warnings">
            {warnings.into_iter().map(item).collect::<Vec<_>>()}
        </Notice>
    }
}

#[component]
fn Steps(view: RwSignal<JobView>, now: Signal<Timestamp>) -> impl IntoView {
    let shown = pick(view, |view| (view.steps.clone(), !view.job.progress.is_open()));
    move || {
        let (steps, is_over) = shown.get();
        let step = |step| view! { <Step step is_over now /> };
        view! { <ol class="run-steps">{steps.into_iter().map(step).collect::<Vec<_>>()}</ol> }
    }
}
