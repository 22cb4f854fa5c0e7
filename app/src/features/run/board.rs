//! The run, which reloads on every event.

use super::decisions::Decisions;
use super::roll_back::RollBack;
use super::step::Step;
use crate::components::ages::Ages;
use crate::components::auto_reload::Fresh;
use crate::components::broken_glass::BrokenNotice;
use crate::components::operation::{detail, standing};
use crate::paths;
use crate::ui::badge::{Badge, Tone};
use crate::ui::message::first_line;
use crate::ui::section::Section;
use crate::ui::time::{Time, lasted};
use crate::ui::written::Written;
use domain::change::ChangeId;
use domain::intent::Intent;
use domain::plan::PlanHash;
use domain::run::operation::Operation;
use domain::run::state::Phase;
use domain::run::view::{Related, RunView};
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// The run's head, steps, decisions and roll-back.
#[component]
pub fn RunBoard(view: RunView) -> impl IntoView {
    let rolled_back = view.is_rolled_back();
    let is_over = matches!(view.phase, Phase::Finished(_));
    let links = Links { rolled_back: view.rolled_back, rolls_back: view.rolls_back };
    let RunView {
        now,
        operation,
        steps,
        offers,
        way_back,
        stops_next,
        change,
        hash,
        stamp,
        broken,
        ..
    } = view;
    let (events, page) = (paths::events_run(&operation.id), paths::run(&operation.id));
    let clock = Signal::stored(now);
    let none = steps.is_empty().then(|| {
        view! { <p class="empty">"This run predates step recording, so its steps are unknown."</p> }
    });
    let step = |(number, step)| view! { <Step number step is_over now=clock /> };
    let steps = (1_usize..).zip(steps).map(step).collect::<Vec<_>>();
    let (action, run) = (page.clone(), operation.id.clone());
    view! {
        <Head operation rolled_back links stops_next change hash now=clock />
        {broken.map(|broken| view! { <BrokenNotice broken now=clock /> })}
        <Ages now />
        <Fresh url=events page stamp />
        <Section id="steps" title="Steps">
            <ol class="run-steps">{steps}</ol>
            {none}
        </Section>
        <Decisions action=action.clone() offers />
        {way_back.map(|way_back| view! { <RollBack action run way_back /> })}
    }
}

/// The related runs of a run.
struct Links {
    rolled_back: Option<Related>,
    rolls_back: Option<Related>,
}

#[component]
fn Head(
    operation: Operation,
    rolled_back: bool,
    links: Links,
    stops_next: Option<String>,
    change: Option<ChangeId>,
    hash: Option<PlanHash>,
    now: Signal<Timestamp>,
) -> impl IntoView {
    let (word, tone) = match rolled_back {
        true => ("Rolled back", Tone::Warn),
        false => standing(&operation.progress),
    };
    let Links { rolled_back, rolls_back } = links;
    let took = operation.ended.map(|end| format!(", took {}", lasted(operation.started, end)));
    let made = match &operation.intent {
        Intent::CreateDeployment { at, deployment } => Some((at.clone(), deployment.clone())),
        _ => None,
    };
    let made = made.map(|(at, name)| {
        let (page, again) =
            (paths::deployment(&at, &name), paths::define_again(&at, &operation.id));
        view! {
            <p>
                <a href=page>{format!("Open {name}")}</a> " · "
                <a href=again>"Reuse its definition"</a>
            </p>
        }
    });
    view! {
        <header class="head">
            <h1>{operation.intent.title()}</h1>
            <p>
                <Badge tone=tone word=word.to_owned() />
                " "
                {first_line(&detail(&operation.progress)).to_owned()}
            </p>
            <p><Written text=operation.by /> " · " <Time at=operation.started now /> {took}</p>
            {rolls_back.map(|run| view! { <Other says="Rolls back" run /> })}
            {rolled_back.map(|run| view! { <Other says="Rolled back by" run /> })}
            {change.map(|id| view! {
                <p><a href=paths::change(&id)>"Open the change and its approvals"</a></p>
            })}
            {made}
            {stops_next.map(|by| view! { <p><Written text=by /> " requested a stop before the next step."</p> })}
            {hash.map(|hash| view! {
                <p>"Plan " <code title=hash.0.clone()>{hash.short().to_owned()}</code></p>
            })}
        </header>
    }
}

/// A link to a related run.
#[component]
pub(super) fn Other(says: &'static str, run: Related) -> impl IntoView {
    let (word, tone) = standing(&run.progress);
    view! {
        <p>
            {says} ": " <a href=paths::run(&run.run)>{run.title}</a>
            " "
            <Badge tone=tone word=word.to_owned() />
        </p>
    }
}
