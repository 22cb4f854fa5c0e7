//! One entry: all its fields, and its inclusion proof.

use super::api;
use super::list::{When, standing};
use crate::components::address;
use crate::components::crumbs::Crumbs;
use crate::components::load::loaded;
use crate::paths;
use crate::port::HistoryEntry;
use crate::ui::badge::Badge;
use crate::ui::columns::columns;
use crate::ui::facts::Fact;
use crate::ui::section::Section;
use crate::ui::written::Written;
use domain::evidence::EvidenceId;
use domain::history::{Facts, Record};
use domain::history_filter::Filter;
use leptos::prelude::*;
use leptos_meta::Title;
use std::collections::BTreeSet;

/// The page of one entry.
#[component]
pub fn HistoryEntryPage() -> impl IntoView {
    let index = address::entry();
    loaded(async { api::read_history_entry(index?).await }, |entry| view! { <Page entry /> })
}

#[component]
fn Page(entry: HistoryEntry) -> impl IntoView {
    let HistoryEntry { now, record, line, leaf, size, root, path } = entry;
    let index = record.index;
    let (tone, word) = standing(&record);
    let (title, at) = (record.what.clone(), record.at);
    let (before, after) = (record.before.clone(), record.after.clone());
    view! {
        <Title text=format!("Entry {index}") />
        <Crumbs trail=vec![("Audit log".to_owned(), paths::HISTORY.to_owned())] here=format!("Entry {index}") />
        <header class="head">
            <h1><Written text=title /></h1>
            <ul class="line">
                <li><Badge tone=tone word=word /></li>
                <li><When at now /></li>
            </ul>
        </header>
        <Section id="facts" title="Entry">
            <Said record />
        </Section>
        <Section id="change" title="Change">
            <Change before after />
        </Section>
        <Section id="place" title="Inclusion proof" note="RFC 6962: the leaf hash and the path yield the root.">
            <dl class="facts">
                <Fact term="Index">{index.to_string()} " of " {size.to_string()}</Fact>
                <Fact term="Leaf hash"><code>{leaf}</code></Fact>
                <Fact term="Root"><code>{root}</code></Fact>
            </dl>
            <details>
                <summary>"Path to the root"</summary>
                <ol class="path">{path.into_iter().map(|hash| view! { <li><code>{hash}</code></li> }).collect::<Vec<_>>()}</ol>
            </details>
            <details>
                <summary>"Recorded entry"</summary>
                <pre tabindex="0" class="line-of-entry">{line}</pre>
            </details>
        </Section>
    }
}

#[component]
fn Said(record: Record) -> impl IntoView {
    let roles = (!record.roles.is_empty()).then(|| record.roles.join(", "));
    let run = record.run().map(|id| {
        let words = id.to_string();
        view! { <Fact term="Run"><a href=paths::run(&id)>{words}</a></Fact> }
    });
    let counted = Filter::of_counted(&record).map(|filter| {
        view! { <Fact term="Recorded"><a href=paths::history(&filter)>"The other attempts of this minute"</a></Fact> }
    });
    // An operation id that is not a run's id has no page to link to.
    let operation = record.operation.clone().filter(|_| run.is_none());
    let job = record.job.map(|id| {
        let words = id.to_string();
        view! { <Fact term="Job"><a href=paths::job(&id)>{words}</a></Fact> }
    });
    let endpoint = record.endpoint.map(|at| {
        let words = format!("{} on {}", at.endpoint, at.stage);
        view! { <Fact term="Endpoint"><a href=paths::endpoint(&at)>{words}</a></Fact> }
    });
    let change = record.change.map(|id| {
        let words = id.to_string();
        view! { <Fact term="Change"><a href=paths::change(&id)>{words}</a></Fact> }
    });
    let evidence = evidence(&record.after).into_iter().map(|id| {
        view! { <p><a href=paths::evidence(&id)>{id.to_string()}</a></p> }
    });
    let evidence = evidence.collect::<Vec<_>>();
    let evidence = (!evidence.is_empty())
        .then(|| view! { <Fact term="Evidence"><div>{evidence}</div></Fact> });
    let said = [
        ("Who", Some(record.by)),
        ("Entra tenant / object ID", record.by_id),
        ("Roles at that time", roles),
        ("Deployment", record.deployment),
        ("Reason", record.reason),
        ("Result", record.message),
        ("Request", record.request),
        ("Operation", operation),
    ];
    let fact = |(term, value): (&'static str, Option<String>)| {
        value.map(|value| view! { <Fact term=term><Written text=value /></Fact> })
    };
    view! {
        <dl class="facts">
            {endpoint}
            {change}
            {run}
            {job}
            {evidence}
            {counted}
            {said.map(fact).into_iter().collect::<Vec<_>>()}
        </dl>
    }
}

/// The evidence that an entry names: captured, or covered by an approval.
fn evidence(after: &Facts) -> Vec<EvidenceId> {
    let named = |(field, value): (&String, &String)| match field.as_str() {
        "evidence" => value.parse().ok(),
        field => field.strip_prefix("evidence.")?.parse().ok(),
    };
    after.iter().filter_map(named).collect()
}

#[component]
fn Change(before: Facts, after: Facts) -> impl IntoView {
    let fields: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
    let none = fields.is_empty();
    let row = |field: String| {
        let (was, is) = (before.get(&field).cloned(), after.get(&field).cloned());
        let changed = (was != is).then_some("true");
        let shown = |value: Option<String>| match value {
            None => "–".to_owned(),
            Some(value) if value.is_empty() => "(empty)".to_owned(),
            Some(value) => value,
        };
        view! {
            <tr data-change=changed>
                <th scope="row">{field}</th>
                <td>{shown(was)}</td>
                <td>{shown(is)}</td>
            </tr>
        }
    };
    let rows = fields.into_iter().map(row).collect::<Vec<_>>();
    view! {
        {none.then(|| view! { <p class="empty">"This entry records no values before and after."</p> })}
        {(!none).then(|| view! {
            <table class="diff">
                {columns(["Field", "Before", "After"])}
                <tbody>{rows}</tbody>
            </table>
        })}
    }
}
