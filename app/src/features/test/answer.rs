//! Answers side by side, with the lines marked in which they differ.

use crate::domain::scoring::{Answer, Target};
use crate::ui::badge::{Badge, Tone};
use leptos::either::Either;
use leptos::prelude::*;

/// A target for people.
#[must_use]
pub fn words(target: &Target) -> String {
    match target {
        Target::Split => "By the live split".to_owned(),
        Target::Deployment(name) => name.to_string(),
    }
}

/// One answer in a sentence.
#[must_use]
pub fn answered(answer: &Answer) -> String {
    format!("{}: {} in {} ms.", words(&answer.target), answer.status, answer.duration_ms)
}

/// Answers side by side.
#[component]
pub fn Answers(
    /// The answers, in the order in which they were asked for.
    answers: Vec<Answer>,
) -> impl IntoView {
    let first = answers.first().map(|answer| answer.body.clone()).unwrap_or_default();
    let several = answers.len() > 1;
    let same = several && answers.iter().all(|answer| answer.body == first);
    let verdict = several.then(|| {
        let words = if same {
            "All bodies are the same."
        } else {
            "The bodies differ; lines unlike the first answer's are marked."
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
                <span>{answer.duration_ms} " ms"</span>
                <span>{by}</span>
            </p>
            {answer.hint.map(|hint| view! { <p class="reason">{hint}</p> })}
            <pre tabindex="0" role="region" aria-label=format!("Body of {}", words(&answer.target))>{lines}</pre>
        </article>
    }
}
