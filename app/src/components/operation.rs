//! A list of the operations that the console sent to Azure.

use crate::paths;
use crate::ui::badge::{Badge, Tone};
use crate::ui::empty::Empty;
use crate::ui::message::first_line;
use crate::ui::time::{Time, lasted};
use crate::ui::written::Written;
use domain::run::operation::{Operation, Progress};
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// An operation's status as a word and a tone.
#[must_use]
pub fn standing(progress: &Progress) -> (&'static str, Tone) {
    match progress {
        Progress::Intended => ("Starting", Tone::Busy),
        Progress::Running { trouble: None } => ("Running", Tone::Busy),
        Progress::Running { trouble: Some(_) } => ("Running", Tone::Warn),
        Progress::Baking { .. } => ("Baking", Tone::Busy),
        Progress::Succeeded => ("Succeeded", Tone::Good),
        Progress::Failed { .. } => ("Failed", Tone::Bad),
        Progress::Stopped { .. } => ("Stopped", Tone::Warn),
        Progress::RolledBack { .. } => ("Rolled back", Tone::Warn),
    }
}

/// An operation's status in a sentence.
#[must_use]
pub fn detail(progress: &Progress) -> String {
    match progress {
        Progress::Intended => "Recorded; about to be sent to Azure.".to_owned(),
        Progress::Running { trouble: None } => {
            "Azure accepted the request and is working on it.".to_owned()
        }
        Progress::Running { trouble: Some(trouble) } => trouble.clone(),
        Progress::Baking { note } => note.clone(),
        Progress::Succeeded => "Verified in Azure.".to_owned(),
        Progress::Failed { message }
        | Progress::Stopped { message }
        | Progress::RolledBack { message } => message.clone(),
    }
}

/// The newest operation in a sentence, for screen readers.
#[must_use]
pub fn announcement(operations: &[Operation]) -> String {
    operations.first().map_or_else(String::new, |operation| {
        format!("{}: {}.", operation.intent.title(), standing(&operation.progress).0)
    })
}

/// A list of operations, newest first.
#[component]
pub fn Operations(
    #[prop(into)] operations: Signal<Vec<Operation>>,
    now: Signal<Timestamp>,
    /// Whether each item names its endpoint.
    #[prop(optional)]
    with_endpoint: bool,
    /// The text for an empty list.
    none: &'static str,
) -> impl IntoView {
    let empty = Memo::new(move |_| operations.with(Vec::is_empty));
    let item = move |operation| view! { <OperationItem operation now with_endpoint /> };
    view! {
        <ol class="operations">
            {move || operations.get().into_iter().map(item).collect::<Vec<_>>()}
        </ol>
        {move || empty.get().then(|| view! { <Empty>{none}</Empty> })}
    }
}

/// An operation in a list.
#[component]
pub fn OperationItem(
    operation: Operation,
    now: Signal<Timestamp>,
    /// Whether the item names its endpoint.
    with_endpoint: bool,
) -> impl IntoView {
    let (word, tone) = standing(&operation.progress);
    let took = operation.ended.map(|ended| format!(", took {}", lasted(operation.started, ended)));
    let place = with_endpoint.then(|| {
        let target = &operation.target;
        view! { <a href=paths::target(target)>{target.to_string()}</a> " · " }
    });
    let open = operation.is_open().then_some("true");
    view! {
        <li class="operation" data-open=open>
            <Badge tone=tone word=word.to_owned() />
            <div>
                <p class="title"><a href=paths::run(&operation.id)>{operation.intent.title()}</a></p>
                <p class="detail">{first_line(&detail(&operation.progress)).to_owned()}</p>
            </div>
            <p class="by">{place} <Written text=operation.by /> " · " <Time at=operation.started now /> {took}</p>
        </li>
    }
}
