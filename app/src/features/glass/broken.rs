//! The record of one broken glass: person, reason, overridden rules, run, and the form to acknowledge it.

use super::api;
use crate::components::address;
use crate::components::ages::Ages;
use crate::components::crumbs::Crumbs;
use crate::components::load::loaded;
use crate::components::problem::Refused;
use crate::paths;
use crate::port::BrokenView;
use crate::submission::said;
use crate::ui::badge::{Badge, Tone};
use crate::ui::facts::Fact;
use crate::ui::section::Section;
use crate::ui::time::Time;
use crate::ui::words::WordsField;
use crate::ui::written::Written;
use domain::change::proposal::{COMMENT, WORDS_MAX};
use domain::glass::{Acknowledged, Broken, GlassId, SetAside};
use domain::timestamp::Timestamp;
use leptos::prelude::*;
use leptos_meta::Title;

/// The page of one broken glass.
#[component]
pub fn BrokenGlassPage() -> impl IntoView {
    let id = address::glass();
    loaded(async { api::read_broken_glass(id?).await }, |view| view! { <Page view /> })
}

#[component]
fn Page(view: BrokenView) -> impl IntoView {
    let BrokenView { now, broken, may_not_acknowledge } = view;
    let draft = said(COMMENT);
    let Broken { id, on, run, title, by, at, reason, set_aside, change, entry, acknowledged } =
        broken;
    let name = on.endpoint.to_string();
    let trail = vec![(name.clone(), paths::endpoint(&on))];
    let (tone, word) = match acknowledged {
        Some(_) => (Tone::Quiet, "acknowledged"),
        None => (Tone::Bad, "not acknowledged"),
    };
    let is_open = acknowledged.is_none();
    let form = is_open.then(|| view! { <AcknowledgeForm id draft may_not=may_not_acknowledge /> });
    view! {
        <Title text=format!("Broken glass on {name}") />
        <Crumbs trail here="Broken glass" />
        <Ages now />
        <header class="head">
            <h1>{format!("{} broke glass on {name}", by.name)}</h1>
            <ul class="line">
                <li><Badge tone word /></li>
                <li><a href=paths::endpoint(&on)>{name.clone()}</a></li>
                <li><a href=paths::stage(&on.stage)>{on.stage.to_string()}</a></li>
            </ul>
            <blockquote class="said"><Written text=reason /></blockquote>
        </header>
        <Refused />
        <Section id="what" title="What was done">
            <dl class="facts">
                <Fact term="Run"><a href=paths::run(&run)>{title}</a></Fact>
                {change.map(|change| view! {
                    <Fact term="Change"><a href=paths::change(&change)>"The change that it was broken for"</a></Fact>
                })}
                <Fact term="By">{by.name} " (" {by.username} "), " <Time at now /></Fact>
                <Fact term="Audit log">
                    <a href=paths::history_entry(entry)>{format!("Entry {entry}")}</a>
                </Fact>
            </dl>
        </Section>
        <Section id="set-aside" title="Overridden rules" note="As they were at that time.">
            <Rules set_aside />
        </Section>
        <Section id="acknowledge" title="Acknowledgement" note="By anybody except the person who broke the glass.">
            {acknowledged.map(|done| view! { <Done done now /> })}
            {form}
        </Section>
    }
}

/// The overridden rules, each with its name and what it says.
#[component]
pub(super) fn Rules(set_aside: Vec<SetAside>) -> impl IntoView {
    let rule = |SetAside { rule, says }| {
        view! { <Fact term=rule.label()>{says}</Fact> }
    };
    view! { <dl class="facts set-aside">{set_aside.into_iter().map(rule).collect::<Vec<_>>()}</dl> }
}

/// The form that acknowledges the break.
#[component]
fn AcknowledgeForm(
    id: GlassId,
    draft: String,
    /// Why this person may not acknowledge the break; `None` if they may.
    may_not: Option<String>,
) -> impl IntoView {
    view! {
        <form class="say" method="post" action=paths::broken_glass(&id)>
            <p class="field">
                <label for=COMMENT>"Comment (optional)"</label>
                <WordsField name=COMMENT max=WORDS_MAX value=draft />
            </p>
            <p class="actions">
                <button type="submit" class="button" data-variant="lead"
                    disabled=may_not.is_some() aria-describedby="acknowledge-reason">
                    "Acknowledge"
                </button>
                <span class="reason" id="acknowledge-reason">{may_not}</span>
            </p>
        </form>
    }
}

#[component]
fn Done(done: Acknowledged, now: Timestamp) -> impl IntoView {
    let Acknowledged { by, at, comment, entry } = done;
    view! {
        <p>
            {by.name} " acknowledged it, " <Time at now /> " ("
            <a href=paths::history_entry(entry)>{format!("entry {entry}")}</a> ")."
        </p>
        {comment.map(|comment| view! { <blockquote class="said"><Written text=comment /></blockquote> })}
    }
}
