//! Deciding about a change: one plain form; each button posts it to its own URL, and says why it cannot.

use crate::domain::change::proposal::{Act, COMMENT, SEEN, WORDS_MAX};
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
        (Act::Approve, "Approve", Some("lead"), why_not.approve),
        (Act::Refuse, "Refuse", Some("danger"), why_not.refuse),
        (Act::Start, "Start", Some("lead"), why_not.start),
        (Act::Withdraw, "Withdraw", None, why_not.withdraw),
    ];
    // What is over can only be talked about.
    let all = if change.state.is_waiting() { all.to_vec() } else { Vec::new() };
    let reasons = all.iter().filter_map(|(act, word, _, why)| {
        let (id, why) = (reason_id(*act), why.clone()?);
        Some(view! { <li id=id><b>{*word}</b> " " {why}</li> })
    });
    let reasons = reasons.collect::<Vec<_>>();
    let at = id.clone();
    let button =
        move |(act, word, variant, why): (Act, _, Option<&'static str>, Option<String>)| {
            let why_id = why.is_some().then(|| reason_id(act));
            view! {
                <button type="submit" class="button" formaction=paths::decide(&at, act)
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
        <form class="say" method="post" action=paths::decide(&id, Act::Comment)>
            <input type="hidden" name=SEEN value=change.subject.0 />
            <p class="field">
                <label for=COMMENT>{label}</label>
                <WordsField name=COMMENT max=WORDS_MAX value=draft />
            </p>
            <p class="actions">
                {all.into_iter().map(button).collect::<Vec<_>>()}
                <button type="submit" class="button" formaction=paths::decide(&id, Act::Comment)>
                    "Comment"
                </button>
            </p>
            <ul class="reasons">{reasons}</ul>
        </form>
    }
}

fn reason_id(act: Act) -> String {
    format!("why-not-{}", act.slug())
}
