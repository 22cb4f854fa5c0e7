//! Who approved, and which approvals were revoked.

use crate::ui::badge::{Badge, Tone};
use crate::ui::time::Time;
use crate::ui::written::Written;
use domain::change::{Approval, Change};
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// All approvals, and how many are missing.
#[component]
pub fn Approvals(change: Change, now: Timestamp) -> impl IntoView {
    let (missing, needed) = (change.missing(), change.approvals_needed);
    let sentence = match (needed, missing) {
        (0, _) => "This stage requires no approvals.".to_owned(),
        (1, 0) => "The required approval is given.".to_owned(),
        (_, 0) => format!("All {needed} required approvals are given."),
        (1, _) => "One approval is required, not from the proposer.".to_owned(),
        (needed, missing) => {
            format!("{needed} approvals are required, not from the proposer; {missing} missing.")
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
    let is_revoked = approval.revoked.is_some();
    let (tone, word) = if is_revoked { (Tone::Warn, "revoked") } else { (Tone::Good, "approved") };
    let name = if is_revoked {
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
                {approval.revoked.map(|why| view! { <p class="detail"><Written text=why /></p> })}
            </div>
            <p class="by"><Time at=approval.at now /></p>
        </li>
    }
}
