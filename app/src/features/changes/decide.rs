//! Deciding on a change: one plain form whose buttons post to their own URLs; a disabled button says why.

use crate::paths;
use crate::port::WhyNot;
use crate::ui::words::WordsField;
use domain::change::proposal::{Act, COMMENT, SEEN, WORDS_MAX};
use domain::change::{Change, ChangeId};
use leptos::prelude::*;

/// The form with all decisions that are possible in the change's state.
#[component]
pub fn Decide(id: ChangeId, change: Change, why_not: WhyNot, draft: String) -> impl IntoView {
    let all = [
        (Act::Approve, "Approve", Some("lead"), why_not.approve),
        (Act::Refuse, "Reject", Some("danger"), why_not.refuse),
        (Act::Start, "Start", Some("lead"), why_not.start),
        (Act::Withdraw, "Withdraw", None, why_not.withdraw),
    ];
    // A closed change accepts only comments.
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
        false => "Comment (required to reject)",
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
