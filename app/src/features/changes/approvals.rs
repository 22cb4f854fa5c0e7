//! Who approved, and which approvals fell away.

use crate::domain::change::{Approval, Change};
use crate::domain::timestamp::Timestamp;
use crate::ui::badge::{Badge, Tone};
use crate::ui::time::Time;
use crate::ui::written::Written;
use leptos::prelude::*;

/// All approvals, and how many are missing.
#[component]
pub fn Approvals(
    /// The change.
    change: Change,
    /// The server's clock.
    now: Timestamp,
) -> impl IntoView {
    let (missing, needed) = (change.missing(), change.approvals_needed);
    let sentence = match (needed, missing) {
        (0, _) => "This stage asks for none: the proposer's word is enough.".to_owned(),
        (1, 0) => "The one approval that is needed is there.".to_owned(),
        (_, 0) => format!("All {needed} approvals that are needed are there."),
        (1, _) => "One person besides the proposer has to approve.".to_owned(),
        (needed, missing) => {
            format!("{needed} people besides the proposer have to approve; {missing} are missing.")
        }
    };
    let items = change.approvals.into_iter().map(|approval| view! { <Item approval now /> });
    view! {
        <p>{sentence}</p>
        <ul class="approvals">{items.collect::<Vec<_>>()}</ul>
    }
}

#[component]
fn Item(approval: Approval, now: Timestamp) -> impl IntoView {
    let fell = approval.fell_away.is_some();
    let (tone, word) = if fell { (Tone::Warn, "fell away") } else { (Tone::Good, "approved") };
    let name = if fell {
        view! { <s><Written text=approval.by.name /></s> }.into_any()
    } else {
        view! { <span><Written text=approval.by.name /></span> }.into_any()
    };
    let comment = (!approval.comment.is_empty())
        .then(|| view! { <p class="detail said"><Written text=approval.comment /></p> });
    view! {
        <li class="change">
            <Badge tone word />
            <div>
                <p class="title">{name}</p>
                {comment}
                {approval.fell_away.map(|why| view! { <p class="detail"><Written text=why /></p> })}
            </div>
            <p class="by"><Time at=approval.at now /></p>
        </li>
    }
}
