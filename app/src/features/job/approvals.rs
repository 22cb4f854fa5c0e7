//! The approvals that GitHub waits for.

use crate::ui::outside_link::OutsideLink;
use crate::ui::section::Section;
use crate::ui::written::Written;
use domain::job::Approval;
use leptos::prelude::*;

/// The pending approvals; nothing if no approval is pending.
#[component]
pub fn Approvals(approvals: Vec<Approval>) -> impl IntoView {
    let item = |approval| view! { <Pending approval /> };
    (!approvals.is_empty()).then(|| {
        view! {
            <Section id="approvals" title="Waiting for approval" note="GitHub runs the next jobs after these approvals.">
                <ul class="approvals">{approvals.into_iter().map(item).collect::<Vec<_>>()}</ul>
            </Section>
        }
    })
}

#[component]
fn Pending(approval: Approval) -> impl IntoView {
    let Approval { environment, reviewers, url } = approval;
    let who = (!reviewers.is_empty()).then(|| {
        view! { " Reviewers: " <Written text=reviewers.join(", ") /> "." }
    });
    view! {
        <li>
            <p>"Environment " <b><Written text=environment /></b> "." {who} " "
                <OutsideLink href=url words="Review on GitHub" />
            </p>
        </li>
    }
}
