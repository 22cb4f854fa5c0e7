//! One page of entries, newest first.

use crate::paths;
use crate::ui::badge::{Badge, Tone};
use crate::ui::empty::Empty;
use crate::ui::written::Written;
use domain::change::ChangeId;
use domain::history::{Kind, Outcome, Record};
use domain::history_filter::Filter;
use domain::run::RunId;
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// The tone and the label of an entry's badge.
#[must_use]
pub(super) fn standing(record: &Record) -> (Tone, String) {
    let tone = match (record.outcome, record.kind) {
        (Outcome::Failed, _) => Tone::Bad,
        (Outcome::Refused, _) => Tone::Warn,
        (Outcome::Pending, _) => Tone::Quiet,
        (Outcome::Done, Kind::BrokeGlass) => Tone::Bad,
        (Outcome::Done, Kind::Settled | Kind::Approved | Kind::GlassAcknowledged) => Tone::Good,
        (Outcome::Done, Kind::Replanned | Kind::Frozen) => Tone::Warn,
        (Outcome::Done, Kind::Observed) if !record.before.is_empty() => Tone::Warn,
        (Outcome::Done, _) => Tone::Quiet,
    };
    (tone, record.label().to_owned())
}

/// A list of entries with links to newer and older pages.
#[component]
pub fn Records(
    records: Vec<Record>,
    now: Timestamp,
    filter: Filter,
    has_more: bool,
) -> impl IntoView {
    let none = records.is_empty();
    let oldest = records.last().map(|record| record.index).filter(|_| has_more);
    let older =
        oldest.map(|index| paths::history(&Filter { before: Some(index), ..filter.clone() }));
    let newest = filter.before.map(|_| paths::history(&Filter { before: None, ..filter }));
    let items = records.into_iter().map(|record| view! { <Item record now /> });
    view! {
        {none.then(|| view! { <Empty>"No matching entries."</Empty> })}
        <ol class="records" reversed>{items.collect::<Vec<_>>()}</ol>
        <nav class="actions" aria-label="Pages of entries">
            {newest.map(|href| view! { <a class="button" href=href>"Newest"</a> })}
            {older.map(|href| view! { <a class="button" href=href rel="next">"Older"</a> })}
        </nav>
    }
}

#[component]
fn Item(record: Record, now: Timestamp) -> impl IntoView {
    let (tone, word) = standing(&record);
    let href = paths::history_entry(record.index);
    let (change, run) = (record.change.clone(), record.run());
    let counted = Filter::of_counted(&record).map(|filter| {
        view! { " · " <a href=paths::history(&filter)>"The recorded ones"</a> }
    });
    let deployment = record.deployment.map(|name| format!("{name} of ")).unwrap_or_default();
    let place = record.endpoint.map(|at| {
        let name = format!("{deployment}{} on {}", at.endpoint, at.stage);
        view! { <a href=paths::endpoint(&at)>{name}</a> " · " }
    });
    view! {
        <li class="record" value=record.index.to_string()>
            <Badge tone=tone word=word />
            <div>
                <p class="title"><a href=href><Written text=record.what /></a></p>
                {record.message.map(|message| view! { <p class="detail"><Written text=message /></p> })}
                {record.reason.map(|reason| view! { <p class="detail"><Written text=format!("“{reason}”") /></p> })}
            </div>
            <p class="by">{place} <Written text=record.by /> " · " <When at=record.at now /> <Ways change run /> {counted}</p>
        </li>
    }
}

/// Links from an entry to its change, with the approvals, and to its run, with the steps.
#[component]
pub(super) fn Ways(change: Option<ChangeId>, run: Option<RunId>) -> impl IntoView {
    view! {
        {change.map(|id| view! { " · " <a href=paths::change(&id)>"Change"</a> })}
        {run.map(|id| view! { " · " <a href=paths::run(&id)>"Run"</a> })}
    }
}

/// The exact time, since this is a record, with the age on hover.
#[component]
pub(super) fn When(at: Timestamp, now: Timestamp) -> impl IntoView {
    view! { <time datetime=at.iso() title=at.ago(now)>{at.utc()}</time> }
}
