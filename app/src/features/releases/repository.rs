//! The state of a repository that the page shows, and how current that state is.

use super::findings::{Findings, Notes};
use crate::paths;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use crate::ui::time::Time;
use crate::ui::written::Written;
use domain::repository::{Reference, Repository, Revision};
use domain::stage::Freshness;
use domain::timestamp::Timestamp;
use leptos::either::Either;
use leptos::prelude::*;

/// A repository: its location, the revision that was read, and problems with whole files.
#[component]
pub fn RepositoryState(repository: Repository, now: Timestamp) -> impl IntoView {
    let was_read = repository.was_read();
    let Repository {
        place,
        freshness,
        no_such,
        revision,
        workflows,
        releases,
        problems,
        notes,
        ..
    } = repository;
    let files = match workflows {
        1 => "1 workflow file".to_owned(),
        count => format!("{count} workflow files"),
    };
    let count = match releases.len() {
        1 => "1 release".to_owned(),
        count => format!("{count} releases"),
    };
    view! {
        <h3>{place}</h3>
        {revision.map(|revision| view! { <RevisionLine revision now /> })}
        {was_read.then(|| view! { <p class="reason">{files} ", " {count} {read_at(&freshness, now)}</p> })}
        {match no_such.filter(|_| !was_read) {
            Some(why) => Either::Left(view! {
                <Notice tone=Tone::Warn title="No such branch, tag or commit"><p><Written text=why /></p></Notice>
            }),
            None => Either::Right(view! { <Unread freshness /> }),
        }}
        <Findings problems linked=false />
        <Notes notes linked=false />
    }
}

fn read_at(freshness: &Freshness, now: Timestamp) -> Option<impl IntoView + use<>> {
    let Freshness::Fresh { at } = freshness else { return None };
    let at = *at;
    Some(view! { ", read " <Time at now=Signal::stored(now) /> })
}

/// Why a repository's data is old or missing; nothing if the data is current.
#[component]
pub fn Unread(freshness: Freshness) -> impl IntoView {
    let Freshness::Stale { since, reason } = freshness else { return None };
    let title = match since {
        Some(since) => format!("Not current: last read at {}", since.utc()),
        None => "The repository could not be read".to_owned(),
    };
    Some(view! { <Notice tone=Tone::Warn title><p>{reason}</p></Notice> })
}

/// `main · 0123abcd · Add the shadow · Dana Scott, 3 d ago`
#[component]
pub fn RevisionLine(revision: Revision, now: Timestamp) -> impl IntoView {
    let Revision { reference, commit, title, author, at } = revision;
    let commit = commit.map(|commit| {
        let short = commit.get(..8).unwrap_or(&commit).to_owned();
        view! { <li><code title=commit>{short}</code></li> }
    });
    let at = at.map(|at| view! { ", " <Time at now=Signal::stored(now) /> });
    view! {
        <ul class="line">
            {reference.map(|reference| view! { <li><b>{reference.to_string()}</b></li> })}
            {commit}
            {(!title.is_empty()).then(|| view! { <li><Written text=title /></li> })}
            {(!author.is_empty()).then(|| view! { <li><Written text=author /> {at}</li> })}
        </ul>
    }
}

/// The form that chooses a branch, tag or commit, or reads the repositories again.
#[component]
pub fn ReferenceForm(
    /// The current reference; `None` means each repository's configured one.
    reference: Option<Reference>,
) -> impl IntoView {
    let value = reference.map(|reference| reference.to_string());
    view! {
        <form class="actions" method="get" action=paths::RELEASES>
            <label>
                "Branch, tag or commit "
                <input type="text" name="ref" value=value placeholder="configured default" autocomplete="off"
                    autocapitalize="off" spellcheck="false" />
            </label>
            <button type="submit" class="button">"Show"</button>
            <button type="submit" class="button" name="again" value="1">"Refresh"</button>
        </form>
    }
}
