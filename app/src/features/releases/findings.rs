//! What is wrong with files, each at its place.

use crate::domain::repository::FileProblem;
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
    let FileProblem { file, line, field, message } = problem;
    let place = match line {
        Some(line) => format!("{file}:{line}"),
        None => file.clone(),
    };
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
        <li>
            <Icon glyph=Glyph::Cross />
            <p>
                {place}
                " "
                {field.map(|field| view! { <b>{field}</b> ": " })}
                {message}
            </p>
        </li>
    }
}
