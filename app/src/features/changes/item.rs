//! A list of changes.

use crate::paths;
use crate::port::ChangeSummary;
use crate::ui::badge::{Badge, Tone};
use crate::ui::empty::Empty;
use crate::ui::time::{Left, Time};
use crate::ui::written::Written;
use domain::change::State;
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// The tone of a state.
#[must_use]
pub(super) fn tone(state: State) -> Tone {
    match state {
        State::Proposed => Tone::Warn,
        State::Approved | State::Succeeded => Tone::Good,
        State::Running => Tone::Busy,
        State::Failed => Tone::Bad,
        State::Cancelled
        | State::RolledBack
        | State::Refused
        | State::Withdrawn
        | State::Expired
        | State::Superseded => Tone::Quiet,
    }
}

/// What a pending change waits for.
fn waits(change: &ChangeSummary) -> Option<String> {
    if !change.state.is_waiting() {
        return None;
    }
    Some(match (change.missing, change.start) {
        (0, Some(start)) => format!("Starts on schedule at {}", start.utc()),
        (0, None) => "Ready to start".to_owned(),
        (1, _) => "One approval is missing".to_owned(),
        (missing, _) => format!("{missing} approvals are missing"),
    })
}

/// A list of changes.
#[component]
pub fn ChangeList(
    changes: Vec<ChangeSummary>,
    now: Timestamp,
    /// The text for an empty list.
    none: &'static str,
) -> impl IntoView {
    let is_empty = changes.is_empty();
    let items = changes.into_iter().map(|change| view! { <Item change now /> });
    view! {
        <ol class="changes">{items.collect::<Vec<_>>()}</ol>
        {is_empty.then(|| view! { <Empty>{none}</Empty> })}
    }
}

#[component]
fn Item(change: ChangeSummary, now: Timestamp) -> impl IntoView {
    let href = paths::change(&change.id);
    let (waits, until) = (waits(&change), change.expires);
    let (tone, word) = (tone(change.state), change.state.label());
    view! {
        <li class="change">
            <Badge tone word />
            <div>
                <p class="title"><a href=href><Written text=change.title /></a></p>
                <p class="detail said"><Written text=change.reason /></p>
                {waits.map(|waits| view! { <p class="detail">{waits} "; expires " <Left until now /></p> })}
            </div>
            <p class="by">
                <a href=paths::target(&change.target)>{change.target.to_string()}</a>
                " · "
                {change.by}
                " · "
                <Time at=change.proposed now />
            </p>
        </li>
    }
}
