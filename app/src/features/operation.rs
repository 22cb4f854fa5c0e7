//! What the console asked Azure to do, as a list.

use crate::domain::operation::{Operation, Progress};
use crate::domain::timestamp::Timestamp;
use crate::paths;
use crate::ui::badge::{Badge, Tone};
use crate::ui::empty::Empty;
use crate::ui::message::first_line;
use crate::ui::time::{Time, lasted};
use crate::ui::written::Written;
use leptos::prelude::*;

/// A word for how an operation stands, and how it is to be taken.
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

/// How it stands, in a sentence.
#[must_use]
pub fn detail(progress: &Progress) -> String {
    match progress {
        Progress::Intended => "Written down; about to be sent to Azure.".to_owned(),
        Progress::Running { trouble: None } => "Azure accepted it and is at work.".to_owned(),
        Progress::Running { trouble: Some(trouble) } => trouble.clone(),
        Progress::Baking { note } => note.clone(),
        Progress::Succeeded => "Read back from Azure: it is as asked.".to_owned(),
        Progress::Failed { message }
        | Progress::Stopped { message }
        | Progress::RolledBack { message } => message.clone(),
    }
}

/// The newest operation in a sentence, for announcements.
#[must_use]
pub fn announcement(operations: &[Operation]) -> String {
    operations.first().map_or_else(String::new, |operation| {
        format!("{}: {}.", operation.action.title(), standing(&operation.progress).0)
    })
}

/// A list of operations, newest first.
#[component]
pub fn Operations(
    /// The operations.
    #[prop(into)]
    operations: Signal<Vec<Operation>>,
    /// The clock from which ages are computed.
    now: Signal<Timestamp>,
    /// Whether each says which endpoint it concerns.
    #[prop(optional)]
    with_endpoint: bool,
    /// What to say when there are none.
    none: &'static str,
) -> impl IntoView {
    let empty = Memo::new(move |_| operations.with(Vec::is_empty));
    let item = move |operation| view! { <Item operation now with_endpoint /> };
    view! {
        <ol class="operations">
            {move || operations.get().into_iter().map(item).collect::<Vec<_>>()}
        </ol>
        {move || empty.get().then(|| view! { <Empty>{none}</Empty> })}
    }
}

#[component]
fn Item(operation: Operation, now: Signal<Timestamp>, with_endpoint: bool) -> impl IntoView {
    let (word, tone) = standing(&operation.progress);
    let took = operation.ended.map(|ended| format!(", took {}", lasted(operation.started, ended)));
    let place = with_endpoint.then(|| {
        let key = &operation.endpoint;
        let name = format!("{} on {}", key.endpoint, key.stage);
        view! { <a href=paths::endpoint(key)>{name}</a> " · " }
    });
    let open = operation.is_open().then_some("true");
    view! {
        <li class="operation" data-open=open>
            <Badge tone=tone word=word.to_owned() />
            <div>
                <p class="title"><a href=paths::run(&operation.id)>{operation.action.title()}</a></p>
                <p class="detail">{first_line(&detail(&operation.progress)).to_owned()}</p>
            </div>
            <p class="by">{place} <Written text=operation.by /> " · " <Time at=operation.started now /> {took}</p>
        </li>
    }
}
