//! What is wrong with files, each at its place.

use crate::domain::release::note::Weight;
use crate::domain::repository::{FileNote, FileProblem};
use crate::domain::text::visible;
use crate::ui::icon::{Glyph, Icon};
use leptos::either::Either;
use leptos::prelude::*;

/// Where a line of a file is on a release's page.
#[must_use]
pub fn line_id(file: &str, line: u32) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let file: String = file.chars().map(plain).collect();
    format!("{file}-L{line}")
}

/// Problems of files, with where they are.
#[component]
pub fn Findings(
    /// The problems.
    problems: Vec<FileProblem>,
    /// Whether the files stand on the same page.
    linked: bool,
) -> impl IntoView {
    (!problems.is_empty()).then(|| {
        let item = |problem| view! { <Finding problem linked /> };
        view! { <ul class="findings">{problems.into_iter().map(item).collect::<Vec<_>>()}</ul> }
    })
}

#[component]
fn Finding(problem: FileProblem, linked: bool) -> impl IntoView {
    view! {
        <li>
            <Icon glyph=Glyph::Cross />
            <Said about=problem linked />
        </li>
    }
}

/// Notes, with where they are.
#[component]
pub fn Notes(
    /// The notes.
    notes: Vec<FileNote>,
    /// Whether the files stand on the same page.
    linked: bool,
) -> impl IntoView {
    (!notes.is_empty()).then(|| {
        let item = |FileNote { weight, about }| {
            let (word, icon) = match weight {
                Weight::Warning => ("warning", Some(view! { <Icon glyph=Glyph::Warning /> })),
                Weight::Note => ("note", None),
            };
            view! { <li data-weight=word>{icon} <Said about linked /></li> }
        };
        view! { <ul class="remarks">{notes.into_iter().map(item).collect::<Vec<_>>()}</ul> }
    })
}

/// Where something is, and what is said of it.
#[component]
fn Said(about: FileProblem, linked: bool) -> impl IntoView {
    let place = about.place();
    let FileProblem { file, line, field, message, .. } = about;
    let place = match line.filter(|_| linked) {
        Some(line) => {
            let href = format!("#{}", line_id(&file, line));
            Either::Left(view! { <a href=href>{place}</a> })
        }
        None => Either::Right(view! { <code>{place}</code> }),
    };
    // Many messages begin with the field they are about.
    let field = field.filter(|field| !field.is_empty() && !message.starts_with(field.as_str()));
    view! {
        <p>
            {place}
            " "
            {field.map(|field| view! { <b>{field}</b> ": " })}
            <bdi>{visible(&message)}</bdi>
        </p>
    }
}
