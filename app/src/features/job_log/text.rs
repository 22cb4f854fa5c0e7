//! The text of a line, with its colours.

use domain::job_log::line::{Kind, Line, Span};
use domain::job_log::search::marked;
use leptos::either::EitherOf3;
use leptos::prelude::*;
use std::ops::Range;

/// The value of a line's `data-kind`; `None` for plain lines.
#[must_use]
pub fn kind(line: &Line) -> Option<&'static str> {
    match line.kind {
        Kind::Plain | Kind::EndGroup => None,
        Kind::Group => Some("group"),
        Kind::Error => Some("error"),
        Kind::Warning => Some("warning"),
        Kind::Notice => Some("notice"),
        Kind::Command => Some("command"),
        Kind::Debug => Some("debug"),
    }
}

/// The word for the kind of a line whose text does not say it. Colours alone do not.
fn word(line: &Line) -> Option<&'static str> {
    let word = match line.kind {
        Kind::Error => "Error",
        Kind::Warning => "Warning",
        Kind::Notice => "Notice",
        _ => return None,
    };
    let says = line.text().to_lowercase().contains(&word.to_lowercase());
    (!says).then_some(word)
}

/// A line's time and text. `ranges`: the bytes of the text to highlight.
#[component]
pub fn LineText(line: Line, ranges: Vec<Range<usize>>) -> impl IntoView {
    let time = line.time.map(|time| {
        let iso = time.iso();
        let clock = iso.get(11..19).unwrap_or_default().to_owned();
        view! { <time class="log-time" datetime=iso>{clock}</time> }
    });
    let word = word(&line).map(|word| view! { <b class="log-word">{word} ": "</b> });
    let note = line.cut_note().map(|note| view! { <span class="log-word">{note}</span> });
    let parts = marked(&line, &ranges).into_iter().map(part).collect::<Vec<_>>();
    view! { {time} <span class="log-text">{word} {parts} {note}</span> }
}

fn part((span, is_marked): (Span, bool)) -> impl IntoView {
    let classes = span.style.classes();
    match (is_marked, classes.is_empty()) {
        (true, _) => EitherOf3::A(view! { <mark class=classes>{span.text}</mark> }),
        (false, false) => EitherOf3::B(view! { <span class=classes>{span.text}</span> }),
        // Most of a log is plain, and a page has many lines.
        (false, true) => EitherOf3::C(span.text),
    }
}
