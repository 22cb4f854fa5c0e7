//! One change on one screen.

use super::api;
use super::approvals::Approvals;
use super::decide::Decide;
use super::evidence::EvidenceSection;
use super::item::tone;
use super::release::ReleaseSection;
use super::story::Story;
use crate::components::address;
use crate::components::ages::Ages;
use crate::components::auto_reload::Fresh;
use crate::components::break_glass::BreakGlassLink;
use crate::components::broken_glass::BrokenNotice;
use crate::components::crumbs::Crumbs;
use crate::components::load::loaded;
use crate::components::operation::Operations;
use crate::components::plan::PlanView;
use crate::components::problem::Refused;
use crate::features::run::Step;
use crate::paths;
use crate::port::ChangeView;
use crate::submission::said;
use crate::ui::badge::{Badge, Tone};
use crate::ui::facts::Fact;
use crate::ui::notice::Notice;
use crate::ui::section::Section;
use crate::ui::time::{Left, Time};
use crate::ui::written::Written;
use domain::change::proposal::COMMENT;
use domain::change::{Change, State};
use domain::glass::{Broken, Purpose};
use domain::plan::Plan;
use domain::run::state::Phase;
use domain::run::view::RunView;
use domain::target::Target;
use domain::timestamp::Timestamp;
use leptos::prelude::*;
use leptos_meta::Title;

/// One change.
#[component]
pub fn ChangePage() -> impl IntoView {
    let id = address::change();
    loaded(async { api::read_change(id?).await }, |view| view! { <Page view /> })
}

#[component]
fn Page(view: ChangeView) -> impl IntoView {
    let draft = said(COMMENT);
    let ChangeView {
        now,
        id,
        target,
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
    let (release, evidence, may_not_capture) = (view.release, view.evidence, view.may_not_capture);
    let (broken, not_by_itself) = (view.broken, view.not_by_itself);
    let (at, is_waiting) = (target.endpoint().cloned(), change.state.is_waiting());
    let glass = at.as_ref().filter(|_| view.may_break_glass).map(|at| {
        let href = paths::break_glass(at, Some(&Purpose::Change(id.clone())));
        view! { <BreakGlassLink href /> }
    });
    let base = plan.base.clone();
    let evidence = at.map(|at| {
        let (of, standings, may_not) = ((at, id.clone()), evidence, may_not_capture);
        view! { <EvidenceSection of base standings is_waiting may_not now /> }
    });
    let trail = vec![("Changes".to_owned(), paths::CHANGES.to_owned())];
    let here = paths::change(&id);
    let (of_head, of_approvals) = (change.clone(), change.clone());
    let state = change.state;
    let run = run.map(|run| view! { <Run run now /> });
    view! {
        <Title text=title.clone() />
        <Crumbs trail here="Change" />
        <Head title target change=of_head now />
        <Ages now />
        <Fresh url=paths::events_change(&id) page=here stamp />
        <Refused />
        <Notices broken not_by_itself now />
        {run}
        {release.map(|release| view! { <ReleaseSection release /> })}
        <PlanSection plan state not_compared />
        {evidence}
        <Section id="approvals" title="Approvals" note="Each approval covers exactly this plan and this evidence.">
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

/// What the person should read before anything else: broken glass, and why the change has not started.
#[component]
fn Notices(broken: Vec<Broken>, not_by_itself: Option<String>, now: Timestamp) -> impl IntoView {
    let broken = broken.into_iter().map(|broken| view! { <BrokenNotice broken now /> });
    let broken = broken.collect::<Vec<_>>();
    view! {
        {broken}
        {not_by_itself.map(|why| view! {
            <Notice tone=Tone::Warn title="Waiting to start"><p>{why}</p></Notice>
        })}
    }
}

/// The plan, and why it was not compared with the current endpoint.
#[component]
fn PlanSection(plan: Plan, state: State, not_compared: Option<String>) -> impl IntoView {
    view! {
        <Section id="plan" title="Plan" note=plan_note(state)>
            {not_compared.map(|why| view! {
                <Notice tone=Tone::Warn title="Not compared with Azure at the moment"><p>{why}</p></Notice>
            })}
            <div class="amounts"><PlanView plan /></div>
        </Section>
    }
}

/// Which version of the plan is shown.
fn plan_note(state: State) -> &'static str {
    match state {
        State::Proposed | State::Approved => "Made from Azure's current state.",
        State::Refused | State::Withdrawn | State::Expired => {
            "The last plan. It was never applied."
        }
        State::Superseded => {
            "The last plan. The run that broken glass began has already applied it."
        }
        State::Running
        | State::Succeeded
        | State::Failed
        | State::Cancelled
        | State::RolledBack => "The plan with which the change was started.",
    }
}

/// The run that applies the change, step by step; decisions on the run are on the run's page.
#[component]
fn Run(run: RunView, now: Timestamp) -> impl IntoView {
    let now = Signal::stored(now);
    let is_over = matches!(run.phase, Phase::Finished(_));
    let step = |(number, step)| view! { <Step number step is_over now /> };
    let steps = (1_usize..).zip(run.steps).map(step).collect::<Vec<_>>();
    view! {
        <Section id="run" title="Run" note="To stop or roll back, open the run.">
            <Operations operations=vec![run.operation] now none="" />
            {run.rolled_back.map(|back| view! {
                <p>"Rolled back by " <a href=paths::run(&back.run)>{back.title}</a></p>
            })}
            <details class="run-of-change">
                <summary>"Step by step"</summary>
                <ol class="run-steps">{steps}</ol>
            </details>
        </Section>
    }
}

#[component]
fn Head(title: String, target: Target, change: Change, now: Timestamp) -> impl IntoView {
    let (tone, word) = (tone(change.state), change.state.label());
    let is_waiting = change.state.is_waiting();
    let waits = is_waiting.then(|| {
        let start =
            change.start.map_or_else(|| "manually, after approval".to_owned(), Timestamp::utc);
        view! {
            <Fact term="Starts">{start}</Fact>
            <Fact term="Expires">{change.expires.utc()} " (" <Left until=change.expires now /> ")"</Fact>
        }
    });
    let trouble = change.trouble.map(|why| {
        view! { <Notice tone=Tone::Bad title="The change stopped"><p><Written text=why /></p></Notice> }
    });
    view! {
        <header class="head change-head">
            <h1><Written text=title /></h1>
            <ul class="line">
                <li><Badge tone word /></li>
                <li><a href=paths::target(&target)>{target.name().to_owned()}</a></li>
                <li><a href=paths::stage(target.stage())>{target.stage().to_string()}</a></li>
            </ul>
            <blockquote class="said"><Written text=change.reason /></blockquote>
            <dl class="facts">
                <Fact term="Proposed by"><Written text=change.by.name /> ", " <Time at=change.proposed now /></Fact>
                <Fact term="Approval hash">
                    <code>{change.subject.short().to_owned()}</code> " "
                    <small>"Covers the plan and its evidence; the plan's own hash, on the run's page, covers the plan alone."</small>
                </Fact>
                {change.job.map(|job| view! {
                    <Fact term="Image">"Built first by " <a href=paths::job(&job)>"this job"</a></Fact>
                })}
                {waits}
            </dl>
            {trouble}
        </header>
    }
}
