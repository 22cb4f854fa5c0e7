//! The run, kept current.

use super::decisions::Decisions;
use super::roll_back::RollBack;
use super::step::Step;
use crate::domain::change::ChangeId;
use crate::domain::operation::{Action, Operation};
use crate::domain::plan::PlanHash;
use crate::domain::run::state::Phase;
use crate::domain::run::view::{Related, RunView};
use crate::domain::timestamp::Timestamp;
use crate::features::ages::Ages;
use crate::features::fresh::Fresh;
use crate::features::glass::BrokenNotice;
use crate::features::operation::{detail, standing};
use crate::paths;
use crate::ui::badge::{Badge, Tone};
use crate::ui::message::first_line;
use crate::ui::section::Section;
use crate::ui::time::{Time, lasted};
use crate::ui::written::Written;
use leptos::prelude::*;

/// The run, loaded again when something happened to it.
#[component]
pub fn RunBoard(
    /// As it stands.
    view: RunView,
) -> impl IntoView {
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
        view! { <p class="empty">"An earlier version carried this out; it kept no journal."</p> }
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

/// The runs that belong to one.
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
    let made = match &operation.action {
        Action::CreateDeployment { deployment } => Some(deployment.clone()),
        _ => None,
    };
    let at = operation.endpoint.clone();
    let made = made.map(|name| {
        let (page, again) =
            (paths::deployment(&at, &name), paths::define_again(&at, &operation.id));
        view! {
            <p>
                <a href=page>{format!("Open {name}")}</a> " · "
                <a href=again>"Use its definition again"</a>
            </p>
        }
    });
    view! {
        <header class="head">
            <h1>{operation.action.title()}</h1>
            <p>
                <Badge tone=tone word=word.to_owned() />
                " "
                {first_line(&detail(&operation.progress)).to_owned()}
            </p>
            <p><Written text=operation.by /> " · " <Time at=operation.started now /> {took}</p>
            {rolls_back.map(|run| view! { <Other says="Rolls back" run /> })}
            {rolled_back.map(|run| view! { <Other says="Rolled back by" run /> })}
            {change.map(|id| view! {
                <p><a href=paths::change(&id)>"The change that it carries out, with its approvals"</a></p>
            })}
            {made}
            {stops_next.map(|by| view! { <p><Written text=by /> " asked to stop before the next step."</p> })}
            {hash.map(|hash| view! {
                <p>"Plan " <code title=hash.0.clone()>{hash.short().to_owned()}</code></p>
            })}
        </header>
    }
}

/// A run that belongs to this one.
#[component]
fn Other(says: &'static str, run: Related) -> impl IntoView {
    let (word, tone) = standing(&run.progress);
    view! {
        <p>
            {says} ": " <a href=paths::run(&run.run)>{run.title}</a>
            " "
            <Badge tone=tone word=word.to_owned() />
        </p>
    }
}
