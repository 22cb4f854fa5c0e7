//! One piece of evidence: its findings, its numbers, and its stored form.

use super::api;
use super::findings::Findings;
use super::list::standing;
use crate::components::address;
use crate::components::ages::Ages;
use crate::components::load::loaded;
use crate::components::page_head::PageHead;
use crate::paths;
use crate::port::EvidenceView;
use crate::ui::badge::Badge;
use crate::ui::columns::columns;
use crate::ui::facts::Fact;
use crate::ui::section::Section;
use crate::ui::time::Time;
use crate::ui::written::Written;
use domain::decimal::Decimal;
use domain::evidence::answers::Compared;
use domain::evidence::replay::Replay;
use domain::evidence::shadow::{Comparison, Side};
use domain::evidence::{Content, Evidence, Sealed};
use domain::timestamp::Timestamp;
use domain::traffic::MINUTE_PERCENTILES;
use leptos::prelude::*;

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
    let stage = at.stage.clone();
    let trail = vec![
        (at.endpoint.to_string(), paths::endpoint(&at)),
        ("Evidence".to_owned(), paths::evidence_of(&at)),
    ];
    let evidence_kind = evidence.content.kind().label();
    let Evidence { deployment, made_of, live, captured, by, content, findings, .. } = evidence;
    let made_of: Vec<_> = made_of.model.into_iter().chain(made_of.environment).collect();
    let live: Vec<_> = live.iter().map(ToString::to_string).collect();
    view! {
        <Ages now />
        <PageHead title trail here=evidence_kind>
            <ul class="line">
                <li><Badge tone word /></li>
                <li>"captured " <Time at=captured now /> " by " <Written text=by.name /></li>
                <li><a href=paths::stage(&stage)>{stage.to_string()}</a></li>
            </ul>
        </PageHead>
        <Section id="says" title="Findings" note="Judged by the policy in force when the evidence was captured, or by default limits if it had none.">
            <Findings findings />
            <dl class="facts">
                <Fact term="Deployment"><a href=paths::deployment(&at, &deployment)>{deployment.to_string()}</a></Fact>
                <Fact term="Model and environment">{made_of.join(", ")}</Fact>
                <Fact term="Compared with">{live.join(", ")}</Fact>
            </dl>
            <Numbers content />
        </Section>
        <Section id="kept" title="Stored form" note="Canonical JSON (RFC 8785). Approvals and the audit log refer to its hash.">
            <dl class="facts">
                <Fact term="SHA-256"><code class="hash">{hash.0}</code></Fact>
            </dl>
            <details>
                <summary>"Hashed content"</summary>
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
    let window = {
        let unit = if minutes == 1 { "minute" } else { "minutes" };
        format!("{minutes} {unit} between {} and {}. {MINUTE_PERCENTILES}", time(from), time(to))
    };
    let ms = |value: Option<Decimal>| value.map_or_else(|| "–".to_owned(), |ms| format!("{ms} ms"));
    let row = |term: &'static str, value: &dyn Fn(&Side) -> String| {
        let (shadow, live) = (value(&shadow), value(&live));
        view! { <tr><th scope="row">{term}</th><td>{shadow}</td><td>{live}</td></tr> }
    };
    let rows = vec![
        row("Requests", &|side| side.requests.to_string()),
        row("Errors", &|side| side.errors.to_string()),
        row("Minute p50", &|side| ms(side.minute_p50_ms)),
        row("Minute p99", &|side| ms(side.minute_p99_ms)),
    ];
    view! {
        <table class="numbers">
            <caption>{window}</caption>
            {columns(["Metric", "Shadow", "Live"])}
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Fields(replay: Replay) -> impl IntoView {
    let Compared { differences, fields, .. } = replay.compared;
    let listed = fields.len();
    let caption = match u32::try_from(listed) == Ok(differences) {
        true => format!("The {listed} values that differ. The values themselves are not stored"),
        false => format!(
            "{listed} of the {differences} values that differ. The values themselves are not stored"
        ),
    };
    let row = |(field, says): (String, String)| {
        let field = if field.is_empty() { "the whole response".to_owned() } else { field };
        view! { <tr><th scope="row"><code>{field}</code></th><td>{says}</td></tr> }
    };
    let rows: Vec<_> = fields.into_iter().map(|one| row((one.field, one.says))).collect();
    (!rows.is_empty()).then(|| {
        view! {
            <table class="numbers">
                <caption>{caption}</caption>
                {columns(["Field", "Difference"])}
                <tbody>{rows}</tbody>
            </table>
        }
    })
}
