//! The end of a plan's form: the button that applies it, or, on a protected stage, a reason, perhaps a time,
//! and the button that proposes it.

use crate::domain::change::proposal::{DO, PROPOSE, REASON, START, WORDS_MAX};
use crate::ui::words::WordsField;
use leptos::either::Either;
use leptos::prelude::*;

/// Applying, or proposing where that needs an approval.
#[component]
pub fn Carry(
    /// What the button that applies says.
    #[prop(into)]
    word: String,
    /// How it looks.
    variant: &'static str,
    /// Why neither can be done; `None` when it can.
    #[prop(into)]
    reason: Signal<Option<String>>,
    /// Whether the stage asks for approvals.
    protected: bool,
    /// The reason and the time that were written before.
    said: [String; 2],
    /// Where it leads when one thinks better of it.
    #[prop(optional)]
    cancel: Option<String>,
) -> impl IntoView {
    let is_off = move || reason.with(Option::is_some);
    let why = move || reason.get();
    let cancel = cancel.map(|href| view! { <a class="button" href=href>"Cancel"</a> });
    if protected {
        let [words, start] = said;
        return Either::Left(view! {
            <Fields words start />
            <p class="actions">
                <button type="submit" class="button" data-variant="lead" name=DO value=PROPOSE
                    disabled=is_off aria-describedby="apply-reason">
                    "Propose"
                </button>
                {cancel}
                <span class="reason" id="apply-reason">{why}</span>
            </p>
        });
    }
    Either::Right(view! {
        <p class="actions">
            <button type="submit" class="button" data-variant=variant disabled=is_off
                aria-describedby="apply-reason">
                {word}
            </button>
            {cancel}
            <span class="reason" id="apply-reason">{why}</span>
        </p>
    })
}

#[component]
fn Fields(words: String, start: String) -> impl IntoView {
    view! {
        <p class="field">
            <label for=REASON>"Why"</label>
            <WordsField name=REASON max=WORDS_MAX value=words required=true about="why-about" />
            <small id="why-about">"Whoever approves it reads this, and so will the history."</small>
        </p>
        <p class="field">
            <label for=START>"Start by itself at (UTC)"</label>
            <input type="datetime-local" id=START name=START value=start aria-describedby="start-about" />
            <small id="start-about">"Once approved. Leave it empty to have it started by hand."</small>
        </p>
    }
}
