//! Freezing and unfreezing a stage; both require a reason.

use crate::paths;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use crate::ui::time::Time;
use crate::ui::words::WordsField;
use crate::ui::written::Written;
use domain::change::proposal::{REASON, WORDS_MAX};
use domain::name::StageName;
use domain::stage::Freeze;
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// The form that freezes the stage, or unfreezes it.
#[component]
pub fn FreezeForm(
    name: StageName,
    /// The freeze in force, if any.
    freeze: Option<Freeze>,
    /// Why this person may not freeze or unfreeze; `None` if they may.
    may_not: Option<String>,
    draft: String,
    now: Timestamp,
) -> impl IntoView {
    let (action, word, variant) = match &freeze {
        None => (paths::freeze(&name), "Freeze", "danger"),
        Some(_) => (paths::thaw(&name), "Unfreeze", "lead"),
    };
    let shown = match &freeze {
        None => "Shown to everybody on this page, and recorded in the audit log.",
        Some(_) => "Recorded in the audit log.",
    };
    let frozen = freeze.map(|freeze| {
        let title = format!("Frozen by {}", freeze.by);
        view! {
            <Notice tone=Tone::Warn title=title>
                <p><Written text=freeze.reason /> " " <small><Time at=freeze.at now /></small></p>
            </Notice>
        }
    });
    view! {
        {frozen}
        <form class="say" method="post" action=action>
            <p class="field">
                <label for=REASON>"Reason (required)"</label>
                <WordsField name=REASON max=WORDS_MAX value=draft required=true about="why-about" />
                <small id="why-about">{shown}</small>
            </p>
            <p class="actions">
                <button type="submit" class="button" data-variant=variant disabled=may_not.is_some()
                    aria-describedby="freeze-reason">
                    {format!("{word} {name}")}
                </button>
                <span class="reason" id="freeze-reason">{may_not}</span>
            </p>
        </form>
    }
}
