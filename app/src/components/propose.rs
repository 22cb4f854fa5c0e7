//! The end of a plan's form: the button that applies the plan or, on a protected stage, the reason, the optional
//! schedule, and the button that proposes the plan.

use crate::ui::words::WordsField;
use domain::change::proposal::{DO, PROPOSE, REASON, START, WORDS_MAX};
use leptos::either::Either;
use leptos::prelude::*;

/// Applies the plan, or proposes it where the stage requires approvals.
#[component]
pub fn ApplyOrPropose(
    /// The label of the button that applies.
    #[prop(into)]
    word: String,
    variant: &'static str,
    /// Why the button is disabled; `None` if it is enabled.
    #[prop(into)]
    reason: Signal<Option<String>>,
    protected: bool,
    said: [String; 2],
    #[prop(optional)] cancel: Option<String>,
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
            <label for=REASON>"Reason (required)"</label>
            <WordsField name=REASON max=WORDS_MAX value=words required=true about="why-about" />
            <small id="why-about">"Shown to approvers and recorded in the audit log."</small>
        </p>
        <p class="field">
            <label for=START>"Schedule start (UTC)"</label>
            <input type="datetime-local" id=START name=START value=start aria-describedby="start-about" />
            <small id="start-about">"Optional. Once approved, the change starts at this time. Leave empty to start it manually."</small>
        </p>
    }
}
