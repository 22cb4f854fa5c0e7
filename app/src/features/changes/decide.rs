//! Deciding about a change: one plain form; each button posts it to its own URL, and says why it cannot.

use crate::domain::change::proposal::{COMMENT, Decision, SEEN, WORDS_MAX};
use crate::domain::change::{Change, ChangeId};
use crate::paths;
use crate::port::WhyNot;
use crate::ui::words::WordsField;
use leptos::prelude::*;

/// The form.
#[component]
pub fn Decide(
    /// Which change.
    id: ChangeId,
    /// As it stands.
    change: Change,
    /// What this person may not do.
    why_not: WhyNot,
    /// What was written before.
    draft: String,
) -> impl IntoView {
    let all = [
        (Decision::Approve, "Approve", Some("lead"), why_not.approve),
        (Decision::Refuse, "Refuse", Some("danger"), why_not.refuse),
        (Decision::Start, "Start", Some("lead"), why_not.start),
        (Decision::Withdraw, "Withdraw", None, why_not.withdraw),
    ];
    // What is over can only be talked about.
    let all = if change.state.is_waiting() { all.to_vec() } else { Vec::new() };
    let reasons = all.iter().filter_map(|(decision, word, _, why)| {
        let (id, why) = (reason_id(*decision), why.clone()?);
        Some(view! { <li id=id><b>{*word}</b> " " {why}</li> })
    });
    let reasons = reasons.collect::<Vec<_>>();
    let at = id.clone();
    let button = move |(decision, word, variant, why): (
        Decision,
        _,
        Option<&'static str>,
        Option<String>,
    )| {
        let why_id = why.is_some().then(|| reason_id(decision));
        view! {
            <button type="submit" class="button" formaction=paths::decide(&at, decision)
                data-variant=variant disabled=why.is_some() aria-describedby=why_id>
                {word}
            </button>
        }
    };
    let label = match all.is_empty() {
        true => "Comment",
        false => "Comment; why, when you refuse",
    };
    view! {
        <form class="plain decide" method="post" action=paths::decide(&id, Decision::Comment)>
            <input type="hidden" name=SEEN value=change.subject.0 />
            <p class="field">
                <label for=COMMENT>{label}</label>
                <WordsField name=COMMENT max=WORDS_MAX value=draft />
            </p>
            <p class="actions">
                {all.into_iter().map(button).collect::<Vec<_>>()}
                <button type="submit" class="button" formaction=paths::decide(&id, Decision::Comment)>
                    "Comment"
                </button>
            </p>
            <ul class="reasons">{reasons}</ul>
        </form>
    }
}

fn reason_id(decision: Decision) -> String {
    format!("why-not-{}", decision.slug())
}
