//! Whether the record can be believed: what the latest verification of the stored ledger found.

use super::list::When;
use crate::domain::history::Checked;
use crate::domain::timestamp::Timestamp;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use leptos::either::EitherOf3;
use leptos::prelude::*;

/// One line when it is intact, and a warning when it was altered.
#[component]
pub(super) fn Standing(
    /// What was found, if the ledger was verified yet.
    checked: Option<Checked>,
    /// The server's clock.
    now: Timestamp,
) -> impl IntoView {
    match checked {
        None => EitherOf3::A(view! {
            <p class="reason">"The stored record is being verified. Load the page again to see the result."</p>
        }),
        Some(Checked { at, size, fault: None }) => EitherOf3::B(view! {
            <p class="reason">
                {format!("Verified: the {size} entries that were stored ")}
                <When at now />
                " are intact, and so is what they are searched by."
            </p>
        }),
        Some(Checked { at, fault: Some(fault), .. }) => EitherOf3::C(view! {
            <Notice tone=Tone::Bad title="The stored record was altered" alert=true>
                <p>{fault}</p>
                <p>
                    "What this page says may be wrong or incomplete. Somebody wrote into the database beside the console. Keep a copy of the database, and compare with an older export or checkpoint. Found "
                    <When at now /> "."
                </p>
            </Notice>
        }),
    }
}
