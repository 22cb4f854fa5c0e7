//! The approvals that GitHub waits for.

use crate::live::pick;
use crate::port::{JobView, PendingApproval};
use crate::ui::outside_link::OutsideLink;
use crate::ui::section::Section;
use crate::ui::written::Written;
use leptos::prelude::*;

/// The pending approvals; nothing while GitHub waits for nobody.
#[component]
pub fn Approvals(view: RwSignal<JobView>) -> impl IntoView {
    let approvals = pick(view, |view| view.approvals.clone());
    move || {
        let approvals = approvals.get();
        let item = |approval| view! { <Pending approval /> };
        (!approvals.is_empty()).then(|| {
            view! {
                <Section id="approvals" title="Waiting for approval" note="GitHub runs the next jobs after these approvals.">
                    <ul class="approvals">{approvals.into_iter().map(item).collect::<Vec<_>>()}</ul>
                </Section>
            }
        })
    }
}

#[component]
fn Pending(approval: PendingApproval) -> impl IntoView {
    let PendingApproval { environment, reviewers, url } = approval;
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
