//! Taking the ledger away and verifying it.

use crate::domain::history::Verdict;
use crate::domain::notification::Health;
use crate::domain::timestamp::Timestamp;
use crate::features::health::HealthLine;
use crate::features::problem::Refusal;
use crate::paths;
use crate::submission::Outcome;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use leptos::either::Either;
use leptos::prelude::*;

/// Exports, and the verification of what is stored.
#[component]
pub fn Proof(
    /// Entries at this moment: an export is of exactly these.
    size: u64,
    /// Why this person may not; `None` when they may.
    may_not_export: Option<String>,
    /// What came of the form, when it was sent.
    sent: Option<Outcome>,
) -> impl IntoView {
    let result = sent.and_then(|sent| match sent {
        Outcome::Verified(verdict) => Some(Either::Left(view! { <Found verdict /> })),
        Outcome::Refused(error) => Some(Either::Right(view! { <Refusal error /> })),
        Outcome::Answered(_) | Outcome::Looked => None,
    });
    let may = may_not_export.is_none();
    view! {
        {result}
        <form class="actions" method="post" action=paths::HISTORY>
            <button class="button" type="submit" disabled=!may aria-describedby="export-reason">
                "Verify the stored ledger"
            </button>
            {may.then(|| view! {
                <a class="button" href=paths::export("jsonl", size) download>"Export JSON lines"</a>
                <a class="button" href=paths::export("csv", size) download>"Export CSV"</a>
                <a href=paths::CHECKPOINT download>"Checkpoint"</a>
            })}
            <p class="reason" id="export-reason">{may_not_export}</p>
        </form>
        <p class="reason">
            "Whoever has an export verifies it without this console: "
            <code>"understudy ledger verify FILE --key KEY"</code>
            ". Keep a checkpoint somewhere else: it shows later that nothing before it was rewritten."
        </p>
    }
}

/// How the webhook is doing that keeps checkpoints elsewhere.
#[component]
pub fn CheckpointWebhook(
    /// How.
    health: Health,
    /// The server's clock.
    now: Timestamp,
) -> impl IntoView {
    view! {
        <p class="reason">"Checkpoints also go to a webhook. " <HealthLine health now /></p>
    }
}

#[component]
fn Found(verdict: Verdict) -> impl IntoView {
    match verdict {
        Verdict::Intact { size, root, signer } => Either::Left(view! {
            <Notice tone=Tone::Good title="Intact" alert=true>
                <p>{format!("All {size} entries are as they were recorded.")}</p>
                <p>"Root " <code>{root}</code> ", signed by " <code>{signer}</code></p>
            </Notice>
        }),
        Verdict::Bad { fault } => Either::Right(view! {
            <Notice tone=Tone::Bad title="Not intact" alert=true>
                <p>{fault}</p>
                <p>"Somebody wrote into the database beside the console. Keep a copy of it, and compare with an older export or checkpoint."</p>
            </Notice>
        }),
    }
}
