//! Problems and notes about files, each with its location.

use crate::ui::icon::{Glyph, Icon};
use domain::release::note::Weight;
use domain::repository::{FileNote, FileProblem};
use domain::text::visible;
use leptos::either::Either;
use leptos::prelude::*;

/// The element id of a file's line on a release's page.
#[must_use]
pub fn line_id(file: &str, line: u32) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let file: String = file.chars().map(plain).collect();
    format!("{file}-L{line}")
}

/// Problems in files, with their locations.
#[component]
pub fn Findings(
    problems: Vec<FileProblem>,
    /// Whether the files are on the same page, so that locations can link to them.
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

/// Notes about files, with their locations.
#[component]
pub fn Notes(notes: Vec<FileNote>, linked: bool) -> impl IntoView {
    (!notes.is_empty()).then(|| {
        let item = |FileNote { weight, about }| {
            let (word, icon) = match weight {
                Weight::Refused => ("refused", Some(view! { <Icon glyph=Glyph::Cross /> })),
                Weight::Warning => ("warning", Some(view! { <Icon glyph=Glyph::Warning /> })),
                Weight::Note => ("note", None),
            };
            view! { <li data-weight=word>{icon} <Said about linked /></li> }
        };
        view! { <ul class="remarks">{notes.into_iter().map(item).collect::<Vec<_>>()}</ul> }
    })
}

/// A location and its message.
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
    // Many messages already begin with their field.
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
