//! A stage as a page.

use super::api;
use super::freeze::FreezeForm;
use super::webhooks::Webhooks;
use crate::domain::guard::facts::Gate;
use crate::domain::policy::Policy;
use crate::domain::policy::promotion::Promotion;
use crate::error::ConsoleError;
use crate::features::address;
use crate::features::ages::Ages;
use crate::features::changes::ChangeList;
use crate::features::frame::Crumbs;
use crate::features::load::loaded;
use crate::features::problem::Refusal;
use crate::port::StageRules;
use crate::submission::Submission;
use crate::ui::badge::{Badge, Tone};
use crate::ui::facts::Fact;
use crate::ui::section::Section;
use leptos::prelude::*;
use leptos_meta::Title;

/// One stage.
#[component]
pub fn StagePage() -> impl IntoView {
    let sent = use_context::<Submission>();
    let name = address::stage();
    loaded(async { api::read_stage(name?).await }, |rules| view! { <Page rules sent /> })
}

/// How the stage stands, in a word and a sentence.
fn standing(gate: Option<&Gate>) -> (Tone, &'static str, String) {
    match gate {
        None | Some(Gate::Open) => (Tone::Good, "open", "It takes changes now.".to_owned()),
        Some(Gate::Frozen { by, .. }) => {
            (Tone::Warn, "frozen", format!("{by} froze it: it takes no changes but a roll-back."))
        }
        Some(Gate::Outside { opens }) => {
            (Tone::Quiet, "closed", format!("It takes no changes at this hour; it opens {opens}."))
        }
    }
}

#[component]
fn Page(rules: StageRules, sent: Option<Submission>) -> impl IntoView {
    let StageRules { now, stage, policy, gate, freeze, may_not_freeze, changes, webhooks } = rules;
    let refusal = sent.as_ref().and_then(|sent| sent.refusal().cloned());
    let draft = sent.and_then(|sent| sent.field("reason").map(str::to_owned)).unwrap_or_default();
    let (tone, word, sentence) = standing(gate.as_ref());
    let name = stage.name.clone();
    view! {
        <Title text=name.to_string() />
        <Crumbs trail=vec![] here=name.to_string() />
        <Ages now />
        <header class="head">
            <h1>{name.to_string()}</h1>
            <ul class="line">
                <li><Badge tone word /></li>
                {stage.protected.then(|| view! { <li><Badge tone=Tone::Warn word="protected" /></li> })}
                <li>{stage.workspace}</li>
            </ul>
            <p>{sentence}</p>
        </header>
        {refusal.map(|error: ConsoleError| view! { <Refusal error /> })}
        <Section id="policy" title="Policy" note="From the configuration; each change of it is in the history.">
            <PolicyFacts policy />
        </Section>
        <Section id="freeze" title="Freeze" note="When nothing should move for a while. Rolling back stays possible.">
            <FreezeForm name freeze may_not=may_not_freeze draft now />
        </Section>
        <Section id="changes" title="Changes" note="That wait or run here.">
            <ChangeList changes now none="No change waits or runs here." />
        </Section>
        <Section id="webhooks" title="Webhooks" note="They receive the events of this stage. Every configured webhook receives an event when somebody breaks glass.">
            <Webhooks webhooks now />
        </Section>
    }
}

#[component]
fn PolicyFacts(policy: Policy) -> impl IntoView {
    let approvals = match policy.approvals {
        0 => "none: the word of whoever may change it is enough".to_owned(),
        1 => "1, by somebody else than the proposer".to_owned(),
        count => format!("{count}, by others than the proposer"),
    };
    let approvers = match policy.approvers.is_empty() {
        true => "every lead".to_owned(),
        false => policy.approvers.iter().cloned().collect::<Vec<_>>().join(", "),
    };
    let windows = match policy.windows.is_empty() {
        true => vec!["at any time".to_owned()],
        false => policy.windows.iter().map(ToString::to_string).collect(),
    };
    let lines = |lines: Vec<String>| {
        lines.into_iter().map(|line| view! { <p>{line}</p> }).collect::<Vec<_>>()
    };
    let pairs = policy.same_person.iter();
    let pairs: Vec<_> =
        pairs.map(|names| names.iter().cloned().collect::<Vec<_>>().join(" = ")).collect();
    let same = (!pairs.is_empty())
        .then(|| view! { <Fact term="Accounts of one person"><div>{lines(pairs)}</div></Fact> });
    let traffic = match &policy.promotion {
        None => "in one step".to_owned(),
        Some(Promotion { steps, bake_minutes, conditions }) => {
            format!("at {steps} %; each bakes for {bake_minutes} and must have {conditions}")
        }
    };
    let evidence: Vec<_> = match policy.evidence.is_empty() {
        true => vec!["none".to_owned()],
        false => policy.evidence.words(),
    };
    view! {
        <dl class="facts">
            <Fact term="Approvals">{approvals}</Fact>
            <Fact term="Who may approve">{approvers}</Fact>
            {same}
            <Fact term="Changes start"><div>{lines(windows)}</div></Fact>
            <Fact term="Live traffic moves to a newcomer">{traffic}</Fact>
            <Fact term="Evidence before more live traffic"><div>{lines(evidence)}</div></Fact>
            <Fact term="Waiting changes expire after">{format!("{} hours", policy.expiry_hours)}</Fact>
        </dl>
    }
}
