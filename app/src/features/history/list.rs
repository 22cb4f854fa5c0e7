//! Entries as a list, newest first, one page of it.

use crate::domain::change::ChangeId;
use crate::domain::history::{Kind, Outcome, Record};
use crate::domain::history_filter::Filter;
use crate::domain::run::RunId;
use crate::domain::timestamp::Timestamp;
use crate::paths;
use crate::ui::badge::{Badge, Tone};
use crate::ui::empty::Empty;
use crate::ui::written::Written;
use leptos::prelude::*;

/// A word for how an entry is to be taken, and its colour.
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
    (tone, record.kind.label().to_owned())
}

/// The list.
#[component]
pub fn Records(
    /// The entries.
    records: Vec<Record>,
    /// The server's clock.
    now: Timestamp,
    /// What they were looked for with.
    filter: Filter,
    /// Whether there are older ones.
    has_more: bool,
) -> impl IntoView {
    let none = records.is_empty();
    let oldest = records.last().map(|record| record.index).filter(|_| has_more);
    let older =
        oldest.map(|index| paths::history(&Filter { before: Some(index), ..filter.clone() }));
    let newest = filter.before.map(|_| paths::history(&Filter { before: None, ..filter }));
    let items = records.into_iter().map(|record| view! { <Item record now /> });
    view! {
        {none.then(|| view! { <Empty>"Nothing was recorded that fits."</Empty> })}
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
    let place = record.endpoint.map(|at| {
        let name = format!("{} on {}", at.endpoint, at.stage);
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
            <p class="by">{place} <Written text=record.by /> " · " <When at=record.at now /> <Ways change run /></p>
        </li>
    }
}

/// Where what is recorded can be read in full: the change with its approvals, and the run with its steps.
#[component]
pub(super) fn Ways(
    /// The change that it is about.
    change: Option<ChangeId>,
    /// The run that it is about.
    run: Option<RunId>,
) -> impl IntoView {
    view! {
        {change.map(|id| view! { " · " <a href=paths::change(&id)>"Change"</a> })}
        {run.map(|id| view! { " · " <a href=paths::run(&id)>"Run"</a> })}
    }
}

/// The exact time, because that is what a record is for; how long ago, on hover.
#[component]
pub(super) fn When(
    /// When.
    at: Timestamp,
    /// The server's clock.
    now: Timestamp,
) -> impl IntoView {
    view! { <time datetime=at.iso() title=at.ago(now)>{at.utc()}</time> }
}
