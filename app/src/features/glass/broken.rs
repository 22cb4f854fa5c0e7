//! One broken glass as a page: who, why, which rules, the run, and the form with which somebody else acknowledges it.

use super::api;
use crate::domain::change::proposal::{COMMENT, WORDS_MAX};
use crate::domain::glass::{Acknowledged, Broken, SetAside};
use crate::domain::timestamp::Timestamp;
use crate::features::address;
use crate::features::ages::Ages;
use crate::features::frame::Crumbs;
use crate::features::load::loaded;
use crate::features::problem::Refusal;
use crate::paths;
use crate::port::BrokenView;
use crate::submission::Submission;
use crate::ui::badge::{Badge, Tone};
use crate::ui::facts::Fact;
use crate::ui::section::Section;
use crate::ui::time::Time;
use crate::ui::words::WordsField;
use leptos::prelude::*;
use leptos_meta::Title;

/// One broken glass.
#[component]
pub fn BrokenGlassPage() -> impl IntoView {
    let sent = use_context::<Submission>();
    let id = address::glass();
    loaded(async { api::read_broken_glass(id?).await }, |view| view! { <Page view sent /> })
}

#[component]
fn Page(view: BrokenView, sent: Option<Submission>) -> impl IntoView {
    let BrokenView { now, broken, may_not_acknowledge } = view;
    let refusal = sent.as_ref().and_then(|sent| sent.refusal().cloned());
    let draft = sent.and_then(|sent| sent.field(COMMENT).map(str::to_owned)).unwrap_or_default();
    let Broken { id, on, run, title, by, at, reason, set_aside, entry, acknowledged } = broken;
    let name = on.endpoint.to_string();
    let trail = vec![(name.clone(), paths::endpoint(&on))];
    let (tone, word) = match acknowledged {
        Some(_) => (Tone::Quiet, "acknowledged"),
        None => (Tone::Bad, "not acknowledged"),
    };
    let is_open = acknowledged.is_none();
    let form = is_open.then(|| {
        view! {
            <form class="say" method="post" action=paths::broken_glass(&id)>
                <p class="field">
                    <label for=COMMENT>"Comment (optional)"</label>
                    <WordsField name=COMMENT max=WORDS_MAX value=draft />
                </p>
                <p class="actions">
                    <button type="submit" class="button" data-variant="lead"
                        disabled=may_not_acknowledge.is_some() aria-describedby="acknowledge-reason">
                        "Acknowledge"
                    </button>
                    <span class="reason" id="acknowledge-reason">{may_not_acknowledge}</span>
                </p>
            </form>
        }
    });
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
            <blockquote class="said">{reason}</blockquote>
        </header>
        {refusal.map(|error| view! { <Refusal error /> })}
        <Section id="what" title="What was done">
            <dl class="facts">
                <Fact term="Run"><a href=paths::run(&run)>{title}</a></Fact>
                <Fact term="By">{by.name} " (" {by.username} "), " <Time at now /></Fact>
                <Fact term="In the history">
                    <a href=paths::history_entry(entry)>{format!("Entry {entry}")}</a>
                </Fact>
            </dl>
        </Section>
        <Section id="set-aside" title="Rules that were set aside" note="As they were then.">
            <Rules set_aside />
        </Section>
        <Section id="acknowledge" title="Acknowledgement" note="By somebody else than the person who broke it.">
            {acknowledged.map(|done| view! { <Done done now /> })}
            {form}
        </Section>
    }
}

/// Rules, each by its name, with what it says.
#[component]
pub(super) fn Rules(
    /// The rules.
    set_aside: Vec<SetAside>,
) -> impl IntoView {
    let rule = |SetAside { rule, says }| {
        view! { <Fact term=rule.label()>{says}</Fact> }
    };
    view! { <dl class="facts set-aside">{set_aside.into_iter().map(rule).collect::<Vec<_>>()}</dl> }
}

#[component]
fn Done(done: Acknowledged, now: Timestamp) -> impl IntoView {
    let Acknowledged { by, at, comment, entry } = done;
    view! {
        <p>
            {by.name} " acknowledged it, " <Time at now /> " ("
            <a href=paths::history_entry(entry)>{format!("entry {entry}")}</a> ")."
        </p>
        {comment.map(|comment| view! { <blockquote class="said">{comment}</blockquote> })}
    }
}
