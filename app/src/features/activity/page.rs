//! The page of activity.

use super::api::read_activity;
use crate::components::address;
use crate::components::ages::Ages;
use crate::components::job::JobItem;
use crate::components::load::loaded;
use crate::components::operation::OperationItem;
use crate::components::page_head::PageHead;
use crate::error::ConsoleError;
use crate::paths;
use crate::port::{Activity, ActivityKind, ActivityView};
use crate::ui::empty::Empty;
use crate::ui::section::Section;
use domain::timestamp::Timestamp;
use leptos::either::Either;
use leptos::prelude::*;

/// Runs and jobs, newest first.
#[component]
pub fn ActivityPage() -> impl IntoView {
    let (kind, before) = (kind(), before());
    let load = async move {
        let before = before?;
        let view = read_activity(kind?, before).await?;
        Ok((view, before.is_some()))
    };
    loaded(load, |(view, is_later_page)| view! { <Page view is_later_page /> })
}

fn invalid(field: &str, message: &str) -> ConsoleError {
    ConsoleError::Invalid { field: Some(field.to_owned()), message: message.to_owned() }
}

/// The kind that the URL names.
fn kind() -> Result<ActivityKind, ConsoleError> {
    match address::query_field("show").as_deref() {
        None | Some("") => Ok(ActivityKind::All),
        Some("runs") => Ok(ActivityKind::Runs),
        Some("builds") => Ok(ActivityKind::Builds),
        Some(_) => {
            Err(invalid("show", "The page can show “runs” or “builds”. Correct the address."))
        }
    }
}

/// The time that the URL names, in milliseconds since 1970.
fn before() -> Result<Option<Timestamp>, ConsoleError> {
    let Some(text) = address::query_field("before") else { return Ok(None) };
    let time = text.parse().map(|ms| Some(Timestamp(ms)));
    time.map_err(|_| {
        invalid("before", "“before” must be a number of milliseconds. Correct the address.")
    })
}

#[component]
pub(super) fn Page(
    view: ActivityView,
    /// Whether newer entries are on another page.
    is_later_page: bool,
) -> impl IntoView {
    let ActivityView { now, kind, items, older } = view;
    let list = match items.is_empty() {
        true => Either::Left(view! { <Empty>{none(kind, is_later_page)}</Empty> }),
        false => Either::Right(view! { <Items items now /> }),
    };
    let newest = is_later_page
        .then(|| view! { <a class="button" href=paths::activity(kind, None)>"Newest"</a> });
    let older = older.map(|before| {
        view! { <a class="button" href=paths::activity(kind, Some(before))>"Older"</a> }
    });
    let has_pages = newest.is_some() || older.is_some();
    view! {
        <Ages now />
        <PageHead title="Activity" trail=vec![] here="Activity">
            <p>"Runs change endpoints. Builds make images."</p>
            <Kinds kind />
        </PageHead>
        <Section id="activity" title="Newest first">
            {list}
            {has_pages.then(|| view! { <nav class="actions" aria-label="Pages">{newest} {older}</nav> })}
        </Section>
    }
}

/// The text for an empty list.
fn none(kind: ActivityKind, is_later_page: bool) -> &'static str {
    match kind {
        _ if is_later_page => "There is nothing older.",
        ActivityKind::All => {
            "Nothing has run yet. To start, open an endpoint and edit its traffic, or build an image from a release."
        }
        ActivityKind::Runs => {
            "No run has started yet. To start one, open an endpoint and edit its traffic."
        }
        ActivityKind::Builds => {
            "No build has started yet. To start one, open a release that builds an image."
        }
    }
}

/// Links that choose the kind.
#[component]
fn Kinds(kind: ActivityKind) -> impl IntoView {
    let kinds = [
        (ActivityKind::All, "All"),
        (ActivityKind::Runs, "Runs"),
        (ActivityKind::Builds, "Builds"),
    ];
    let link = |(one, words): (ActivityKind, &'static str)| {
        let here = (one == kind).then_some("page");
        view! { <li><a href=paths::activity(one, None) aria-current=here>{words}</a></li> }
    };
    view! {
        <nav class="kinds" aria-label="Kind of activity">
            <ul>{kinds.map(link).into_iter().collect::<Vec<_>>()}</ul>
        </nav>
    }
}

#[component]
fn Items(items: Vec<Activity>, now: Timestamp) -> impl IntoView {
    let item = |one| match one {
        Activity::Run(run) => Either::Left(
            view! { <OperationItem operation=*run now=Signal::stored(now) with_endpoint=true /> },
        ),
        Activity::Job(job) => Either::Right(view! { <JobItem job=*job now /> }),
    };
    view! { <ol class="operations">{items.into_iter().map(item).collect::<Vec<_>>()}</ol> }
}
