//! The result of the latest verification of the stored ledger.

use super::list::When;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use domain::history::Checked;
use domain::timestamp::Timestamp;
use leptos::either::EitherOf3;
use leptos::prelude::*;

/// One line if the ledger is intact, and a warning if it was altered.
#[component]
pub(super) fn Verification(
    /// The latest result; `None` before the first verification.
    checked: Option<Checked>,
    now: Timestamp,
) -> impl IntoView {
    match checked {
        None => EitherOf3::A(view! {
            <p class="reason">"The stored ledger is being verified. Reload the page to see the result."</p>
        }),
        Some(Checked { at, size, fault: None }) => EitherOf3::B(view! {
            <p class="reason">
                {format!("Verified: the {size} entries that were stored at ")}
                <When at now />
                " are intact, and so is their search index."
            </p>
        }),
        Some(Checked { at, fault: Some(fault), .. }) => EitherOf3::C(view! {
            <Notice tone=Tone::Bad title="The stored ledger was altered" alert=true>
                <p>{fault}</p>
                <p>
                    "This page may be wrong or incomplete. Something other than the console wrote to the database. Keep a copy of the database, and compare it with an older export or checkpoint. Detected "
                    <When at now /> "."
                </p>
            </Notice>
        }),
    }
}
