//! Responses side by side, with differing lines marked.

use crate::ui::badge::{Badge, Tone};
use domain::scoring::{Answer, TestTarget, took};
use leptos::either::Either;
use leptos::prelude::*;

/// The label of a target.
#[must_use]
pub fn words(target: &TestTarget) -> String {
    match target {
        TestTarget::Split => "Endpoint (traffic split)".to_owned(),
        TestTarget::Deployment(name) => name.to_string(),
    }
}

/// One response in a sentence.
#[must_use]
pub fn answered(answer: &Answer) -> String {
    format!("{}: {} in {}.", words(&answer.target), answer.status, took(answer.duration_ms))
}

/// Responses side by side.
#[component]
pub fn Answers(
    /// The responses, in the order of the requests.
    answers: Vec<Answer>,
) -> impl IntoView {
    let first = answers.first().map(|answer| answer.body.clone()).unwrap_or_default();
    let several = answers.len() > 1;
    let same = several && answers.iter().all(|answer| answer.body == first);
    let verdict = several.then(|| {
        let words = if same {
            "All response bodies are identical."
        } else {
            "The response bodies differ. Lines that differ from the first response are marked."
        };
        view! { <p>{words}</p> }
    });
    let card = |answer: Answer| view! { <One answer first=first.clone() /> };
    view! {
        {verdict}
        <div class="answers">{answers.into_iter().map(card).collect::<Vec<_>>()}</div>
    }
}

#[component]
fn One(answer: Answer, first: String) -> impl IntoView {
    let tone = if answer.status < 400 { Tone::Good } else { Tone::Bad };
    let by = answer.answered_by.map(|by| format!("answered by {by}"));
    let mut model = first.split('\n');
    let lines = answer.body.split('\n').map(|line| {
        let text = format!("{line}\n");
        if model.next() == Some(line) {
            Either::Left(text)
        } else {
            Either::Right(view! { <mark>{text}</mark> })
        }
    });
    let lines = lines.collect::<Vec<_>>();
    view! {
        <article class="answer">
            <h3>{words(&answer.target)}</h3>
            <p class="states">
                <Badge tone=tone word=answer.status.to_string() />
                <span>{took(answer.duration_ms)}</span>
                <span>{by}</span>
            </p>
            {answer.hint.map(|hint| view! { <p class="reason">{hint}</p> })}
            <pre tabindex="0" role="region" aria-label=format!("Body of {}", words(&answer.target))>{lines}</pre>
        </article>
    }
}
