//! One piece of evidence: what it says, its numbers, and it as it is kept.

use super::api;
use super::findings::Findings;
use super::list::standing;
use crate::domain::decimal::Decimal;
use crate::domain::evidence::answers::Compared;
use crate::domain::evidence::replay::Replay;
use crate::domain::evidence::shadow::{Comparison, Side};
use crate::domain::evidence::{Content, Evidence, Sealed};
use crate::domain::timestamp::Timestamp;
use crate::features::address;
use crate::features::ages::Ages;
use crate::features::frame::Crumbs;
use crate::features::load::loaded;
use crate::paths;
use crate::port::EvidenceView;
use crate::ui::badge::Badge;
use crate::ui::facts::Fact;
use crate::ui::section::Section;
use crate::ui::time::Time;
use crate::ui::written::Written;
use leptos::prelude::*;
use leptos_meta::Title;

/// One piece of evidence.
#[component]
pub fn EvidencePage() -> impl IntoView {
    let id = address::evidence();
    loaded(async { api::read_evidence(id?).await }, |view| view! { <Page view /> })
}

#[component]
fn Page(view: EvidenceView) -> impl IntoView {
    let EvidenceView { now, sealed: Sealed { evidence, hash }, canonical } = view;
    let (tone, word) = standing(evidence.was_good());
    let (title, at) = (evidence.title(), evidence.at.clone());
    let trail = vec![
        (at.endpoint.to_string(), paths::endpoint(&at)),
        ("Evidence".to_owned(), paths::evidence_of(&at)),
    ];
    let evidence_kind = evidence.content.kind().label();
    let Evidence { deployment, made_of, live, captured, by, content, findings, .. } = evidence;
    let made_of: Vec<_> = made_of.model.into_iter().chain(made_of.environment).collect();
    let live: Vec<_> = live.iter().map(ToString::to_string).collect();
    view! {
        <Title text=title.clone() />
        <Ages now />
        <Crumbs trail here=evidence_kind />
        <header class="head">
            <h1>{title}</h1>
            <ul class="line">
                <li><Badge tone word /></li>
                <li>"captured " <Time at=captured now /> " by " <Written text=by.name /></li>
                <li><a href=paths::stage(&at.stage)>{at.stage.to_string()}</a></li>
            </ul>
        </header>
        <Section id="says" title="What it says" note="By the policy of the day on which it was captured.">
            <Findings findings />
            <dl class="facts">
                <Fact term="Deployment"><a href=paths::deployment(&at, &deployment)>{deployment.to_string()}</a></Fact>
                <Fact term="Made of">{made_of.join(", ")}</Fact>
                <Fact term="Compared with">{live.join(", ")}</Fact>
            </dl>
            <Numbers content />
        </Section>
        <Section id="kept" title="As it is kept" note="Canonical JSON (RFC 8785). Approvals sign its hash, and the history has it.">
            <dl class="facts">
                <Fact term="SHA-256"><code class="hash">{hash.0}</code></Fact>
            </dl>
            <details>
                <summary>"What was hashed"</summary>
                <pre tabindex="0" class="line-of-entry">{canonical}</pre>
            </details>
        </Section>
    }
}

#[component]
fn Numbers(content: Content) -> impl IntoView {
    match content {
        Content::ShadowComparison(comparison) => view! { <Sides comparison /> }.into_any(),
        Content::ReplayDiff(replay) => view! { <Fields replay /> }.into_any(),
    }
}

#[component]
fn Sides(comparison: Comparison) -> impl IntoView {
    let Comparison { from, to, minutes, live, shadow, .. } = comparison;
    let time = |at: Option<Timestamp>| at.map(Timestamp::utc).unwrap_or_default();
    let window = format!("{minutes} minutes between {} and {}", time(from), time(to));
    let ms = |value: Option<Decimal>| value.map_or_else(|| "–".to_owned(), |ms| format!("{ms} ms"));
    let row = |term: &'static str, value: &dyn Fn(&Side) -> String| {
        let (shadow, live) = (value(&shadow), value(&live));
        view! { <tr><th scope="row">{term}</th><td>{shadow}</td><td>{live}</td></tr> }
    };
    let rows = vec![
        row("Requests", &|side| side.requests.to_string()),
        row("Errors", &|side| side.errors.to_string()),
        row("p50", &|side| ms(side.p50_ms)),
        row("p99", &|side| ms(side.p99_ms)),
    ];
    view! {
        <table class="numbers">
            <caption>{window}</caption>
            <thead>
                <tr><th scope="col">"Measured"</th><th scope="col">"It"</th><th scope="col">"Live"</th></tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Fields(replay: Replay) -> impl IntoView {
    let Compared { differences, fields, .. } = replay.compared;
    let listed = fields.len();
    let caption = match u32::try_from(listed) == Ok(differences) {
        true => format!("The {listed} values that differ; the values themselves are not kept"),
        false => format!(
            "{listed} of the {differences} values that differ are listed; of the others only the number was kept. \
             The values themselves are not kept"
        ),
    };
    let row = |(field, says): (String, String)| {
        let field = if field.is_empty() { "the whole answer".to_owned() } else { field };
        view! { <tr><th scope="row"><code>{field}</code></th><td>{says}</td></tr> }
    };
    let rows: Vec<_> = fields.into_iter().map(|one| row((one.field, one.says))).collect();
    (!rows.is_empty()).then(|| {
        view! {
            <table class="numbers">
                <caption>{caption}</caption>
                <thead><tr><th scope="col">"Field"</th><th scope="col">"In what way"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
    })
}
