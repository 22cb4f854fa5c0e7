//! Exporting and verifying the ledger.

use crate::components::problem::Refusal;
use crate::components::webhook_health::HealthLine;
use crate::paths;
use crate::submission::Outcome;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use domain::history::Verdict;
use domain::notification::Health;
use domain::timestamp::Timestamp;
use leptos::either::Either;
use leptos::prelude::*;

/// Exports, and the verification of the stored ledger.
#[component]
pub fn Proof(
    /// The number of entries now; an export contains exactly these.
    size: u64,
    may_not_export: Option<String>,
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
            "An export can be verified without this console: "
            <code>"understudy ledger verify FILE --key KEY"</code>
            ". Keep a checkpoint outside the console: it later proves that no earlier entry was rewritten."
        </p>
    }
}

/// The health of the webhook that stores checkpoints outside the console.
#[component]
pub fn CheckpointWebhook(health: Health, now: Timestamp) -> impl IntoView {
    view! {
        <p class="reason">"Checkpoints are also sent to a webhook. " <HealthLine health now /></p>
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
                <p>"Something other than the console wrote to the database. Keep a copy of the database, and compare it with an older export or checkpoint."</p>
            </Notice>
        }),
    }
}
