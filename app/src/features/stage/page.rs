//! The page of a stage.

use super::api;
use super::freeze::FreezeForm;
use super::webhooks::Webhooks;
use crate::components::address;
use crate::components::ages::Ages;
use crate::components::load::loaded;
use crate::components::page_head::PageHead;
use crate::components::problem::Refused;
use crate::features::changes::ChangeList;
use crate::port::StageRules;
use crate::submission::said;
use crate::ui::badge::{Badge, Tone};
use crate::ui::facts::Fact;
use crate::ui::section::Section;
use domain::change::proposal::REASON;
use domain::guard::inputs::Gate;
use domain::policy::Policy;
use domain::policy::promotion::Promotion;
use leptos::prelude::*;

/// One stage.
#[component]
pub fn StagePage() -> impl IntoView {
    let name = address::stage();
    loaded(async { api::read_stage(name?).await }, |rules| view! { <Page rules /> })
}

/// The stage's gate as a badge and a sentence.
fn standing(gate: Option<&Gate>) -> (Tone, &'static str, String) {
    match gate {
        None | Some(Gate::Open) => (Tone::Good, "open", "Accepting changes.".to_owned()),
        Some(Gate::Frozen { by, .. }) => {
            (Tone::Warn, "frozen", format!("Frozen by {by}. Only roll-backs are possible."))
        }
        Some(Gate::Outside { opens }) => (
            Tone::Quiet,
            "closed",
            format!("Outside the change window. The next window opens {opens}."),
        ),
    }
}

#[component]
fn Page(rules: StageRules) -> impl IntoView {
    let StageRules { now, stage, policy, gate, freeze, may_not_freeze, changes, webhooks } = rules;
    let draft = said(REASON);
    let (tone, word, sentence) = standing(gate.as_ref());
    let name = stage.name.clone();
    view! {
        <Ages now />
        <PageHead title=name.to_string() trail=vec![] here=name.to_string()>
            <ul class="line">
                <li><Badge tone word /></li>
                {stage.protected.then(|| view! { <li><Badge tone=Tone::Warn word="protected" /></li> })}
                <li>{stage.workspace}</li>
            </ul>
            <p>{sentence}</p>
        </PageHead>
        <Refused />
        <Section id="policy" title="Policy" note="From the configuration. The audit log records every policy change.">
            <PolicyFacts policy />
        </Section>
        <Section id="freeze" title="Freeze" note="Stops new changes on this stage. You can still roll back.">
            <FreezeForm name freeze may_not=may_not_freeze draft now />
        </Section>
        <Section id="changes" title="Open changes" note="Pending or in progress on this stage.">
            <ChangeList changes now none="This stage has no open changes." />
        </Section>
        <Section id="webhooks" title="Webhooks" note="Receive this stage's events. When somebody breaks glass, every configured webhook receives an event.">
            <Webhooks webhooks now />
        </Section>
    }
}

#[component]
fn PolicyFacts(policy: Policy) -> impl IntoView {
    let approvals = match policy.approvals {
        0 => "none required".to_owned(),
        1 => "1, not the proposer".to_owned(),
        count => format!("{count}, not the proposer"),
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
    let same = (!pairs.is_empty()).then(
        || view! { <Fact term="Accounts of the same person"><div>{lines(pairs)}</div></Fact> },
    );
    let traffic = match &policy.promotion {
        None => "in one step".to_owned(),
        Some(Promotion { steps, bake_minutes, conditions }) => {
            format!(
                "in steps of {steps} %; each bakes for {bake_minutes} and requires {conditions}"
            )
        }
    };
    let evidence: Vec<_> = match policy.evidence.is_empty() {
        true => vec!["none".to_owned()],
        false => policy.evidence.words(),
    };
    view! {
        <dl class="facts">
            <Fact term="Approvals">{approvals}</Fact>
            <Fact term="Approvers">{approvers}</Fact>
            {same}
            <Fact term="Change windows"><div>{lines(windows)}</div></Fact>
            <Fact term="Live traffic moves">{traffic}</Fact>
            <Fact term="Evidence required for more live traffic"><div>{lines(evidence)}</div></Fact>
            <Fact term="Pending changes expire after">{format!("{} hours", policy.expiry_hours)}</Fact>
        </dl>
    }
}
