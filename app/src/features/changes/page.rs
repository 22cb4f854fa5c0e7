//! One change on one screen.

use super::api;
use super::approvals::Approvals;
use super::decide::Decide;
use super::evidence::EvidenceSection;
use super::item::tone;
use super::release::ReleaseSection;
use super::story::Story;
use crate::domain::change::proposal::COMMENT;
use crate::domain::change::{Change, State};
use crate::domain::glass::Deed;
use crate::domain::run::state::Phase;
use crate::domain::run::view::RunView;
use crate::domain::stage::EndpointKey;
use crate::domain::timestamp::Timestamp;
use crate::error::ConsoleError;
use crate::features::address;
use crate::features::ages::Ages;
use crate::features::frame::Crumbs;
use crate::features::fresh::Fresh;
use crate::features::glass::Offer;
use crate::features::load::loaded;
use crate::features::operation::Operations;
use crate::features::plan::PlanView;
use crate::features::problem::Refusal;
use crate::features::run::Step;
use crate::paths;
use crate::port::ChangeView;
use crate::submission::Submission;
use crate::ui::badge::{Badge, Tone};
use crate::ui::facts::Fact;
use crate::ui::notice::Notice;
use crate::ui::section::Section;
use crate::ui::time::{Left, Time};
use crate::ui::written::Written;
use leptos::prelude::*;
use leptos_meta::Title;

/// One change.
#[component]
pub fn ChangePage() -> impl IntoView {
    let sent = use_context::<Submission>();
    let id = address::change();
    loaded(async { api::read_change(id?).await }, |view| view! { <Page view sent /> })
}

#[component]
fn Page(view: ChangeView, sent: Option<Submission>) -> impl IntoView {
    let refusal = sent.as_ref().and_then(|sent| sent.refusal().cloned());
    let draft = sent.and_then(|sent| sent.field(COMMENT).map(str::to_owned)).unwrap_or_default();
    let ChangeView {
        now,
        id,
        at,
        title,
        change,
        events,
        plan,
        not_compared,
        why_not,
        run,
        stamp,
        ..
    } = view;
    let (release, evidence) = (view.release, view.evidence);
    let may_not_capture = view.may_not_capture;
    let glass = view.may_break_glass.then(|| {
        let href = paths::break_glass(&at, Some(&Deed::Change(id.clone())));
        view! { <Offer href /> }
    });
    let (of_evidence, base) = ((at.clone(), id.clone()), plan.base.clone());
    let not_by_itself = view.not_by_itself.map(|why| {
        view! { <Notice tone=Tone::Warn title="It waits"><p>{why}</p></Notice> }
    });
    let trail = vec![("Changes".to_owned(), paths::CHANGES.to_owned())];
    let here = paths::change(&id);
    let (of_head, of_approvals) = (change.clone(), change.clone());
    let is_waiting = change.state.is_waiting();
    let note = plan_note(change.state);
    let run = run.map(|run| view! { <Run run now /> });
    view! {
        <Title text=title.clone() />
        <Crumbs trail here="Change" />
        <Head title at change=of_head now />
        <Ages now />
        <Fresh url=paths::events_change(&id) page=here stamp />
        {refusal.map(|error: ConsoleError| view! { <Refusal error /> })}
        {not_by_itself}
        {run}
        {release.map(|release| view! { <ReleaseSection release /> })}
        <Section id="plan" title="Plan" note=note>
            {not_compared.map(|why| view! {
                <Notice tone=Tone::Warn title="Not compared with Azure just now"><p>{why}</p></Notice>
            })}
            <div class="amounts"><PlanView plan /></div>
        </Section>
        <EvidenceSection of=of_evidence base standings=evidence is_waiting may_not=may_not_capture now />
        <Section id="approvals" title="Approvals" note="Each is for exactly this plan, on exactly this evidence.">
            <Approvals change=of_approvals now />
        </Section>
        <Section id="decide" title="Decide">
            <Decide id change why_not draft />
            {glass}
        </Section>
        <Section id="story" title="What happened">
            <Story events now />
        </Section>
    }
}

/// Of when the plan is that is shown.
fn plan_note(state: State) -> &'static str {
    match state {
        State::Proposed | State::Approved => "Made from what Azure says now.",
        State::Refused | State::Withdrawn | State::Expired => {
            "As it was last planned; it was never carried out."
        }
        State::Running
        | State::Succeeded
        | State::Failed
        | State::Cancelled
        | State::RolledBack => "As it was when the change was started.",
    }
}

/// What carries it out, step by step; its own page has what can be decided about it.
#[component]
fn Run(run: RunView, now: Timestamp) -> impl IntoView {
    let now = Signal::stored(now);
    let is_over = matches!(run.phase, Phase::Finished(_));
    let step = |(number, step)| view! { <Step number step is_over now /> };
    let steps = (1_usize..).zip(run.steps).map(step).collect::<Vec<_>>();
    view! {
        <Section id="run" title="Run" note="Stopping it, and going back, on its own page.">
            <Operations operations=vec![run.operation] now none="" />
            {run.rolled_back.map(|back| view! {
                <p>"Rolled back by: " <a href=paths::run(&back.run)>{back.title}</a></p>
            })}
            <details class="run-of-change">
                <summary>"Step by step"</summary>
                <ol class="run-steps">{steps}</ol>
            </details>
        </Section>
    }
}

#[component]
fn Head(title: String, at: EndpointKey, change: Change, now: Timestamp) -> impl IntoView {
    let (tone, word) = (tone(change.state), change.state.label());
    let is_waiting = change.state.is_waiting();
    let waits = is_waiting.then(|| {
        let start =
            change.start.map_or_else(|| "when somebody starts it".to_owned(), Timestamp::utc);
        view! {
            <Fact term="Starts">{start}</Fact>
            <Fact term="Expires">{change.expires.utc()} " (" <Left until=change.expires now /> ")"</Fact>
        }
    });
    let trouble = change.trouble.map(|why| {
        view! { <Notice tone=Tone::Bad title="It stopped"><p>{why}</p></Notice> }
    });
    view! {
        <header class="head change-head">
            <h1><Written text=title /></h1>
            <ul class="line">
                <li><Badge tone word /></li>
                <li><a href=paths::endpoint(&at)>{at.endpoint.to_string()}</a></li>
                <li><a href=paths::stage(&at.stage)>{at.stage.to_string()}</a></li>
            </ul>
            <blockquote class="said"><Written text=change.reason /></blockquote>
            <dl class="facts">
                <Fact term="Proposed by"><Written text=change.by.name /> ", " <Time at=change.proposed now /></Fact>
                <Fact term="What is signed"><code>{change.subject.short().to_owned()}</code></Fact>
                {waits}
            </dl>
            {trouble}
        </header>
    }
}
