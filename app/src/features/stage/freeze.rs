//! Freezing a stage and thawing it, each with its reason.

use crate::domain::change::proposal::{REASON, WORDS_MAX};
use crate::domain::name::StageName;
use crate::domain::stage::Freeze;
use crate::domain::timestamp::Timestamp;
use crate::paths;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use crate::ui::time::Time;
use crate::ui::words::WordsField;
use crate::ui::written::Written;
use leptos::prelude::*;

/// The form.
#[component]
pub fn FreezeForm(
    /// The stage.
    name: StageName,
    /// Who froze it, if anybody did.
    freeze: Option<Freeze>,
    /// Why this person may not.
    may_not: Option<String>,
    /// What was written before.
    draft: String,
    /// The server's clock.
    now: Timestamp,
) -> impl IntoView {
    let (action, word, variant) = match &freeze {
        None => (paths::freeze(&name), "Freeze", "danger"),
        Some(_) => (paths::thaw(&name), "Thaw", "lead"),
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
                <label for=REASON>"Why"</label>
                <WordsField name=REASON max=WORDS_MAX value=draft required=true />
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
