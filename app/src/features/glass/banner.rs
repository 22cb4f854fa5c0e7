//! That glass was broken: on the overview and on the endpoint's page, until somebody else acknowledges it.

use crate::domain::glass::{Broken, names};
use crate::domain::timestamp::Timestamp;
use crate::paths;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use crate::ui::time::Time;
use leptos::prelude::*;

/// Banners that are shown at most; the others are counted.
const SHOWN_MAX: usize = 5;

/// The banners, kept current.
#[component]
pub fn BrokenBanner(
    /// What was broken and is not acknowledged.
    broken: Memo<Vec<Broken>>,
    /// The clock from which ages are computed.
    #[prop(into)]
    now: Signal<Timestamp>,
) -> impl IntoView {
    move || {
        let all = broken.get();
        let more = all.len().saturating_sub(SHOWN_MAX);
        let shown = all.into_iter().take(SHOWN_MAX);
        let shown = shown.map(|broken| view! { <BrokenNotice broken now /> }).collect::<Vec<_>>();
        view! {
            {shown}
            {(more > 0).then(|| view! {
                <p class="reason">{format!("Glass was broken {more} more times. They follow when these are acknowledged.")}</p>
            })}
        }
    }
}

/// One banner.
#[component]
pub fn BrokenNotice(
    /// What was broken.
    broken: Broken,
    /// The clock from which ages are computed.
    #[prop(into)]
    now: Signal<Timestamp>,
) -> impl IntoView {
    let title = format!("{} broke glass on {}", broken.by.name, broken.on.endpoint);
    let set_aside = names(&broken.set_aside);
    let href = paths::broken_glass(&broken.id);
    let is_open = broken.acknowledged.is_none();
    view! {
        <Notice tone=Tone::Bad title>
            <p>
                <a href=paths::run(&broken.run)>{broken.title}</a> ", " <Time at=broken.at now /> ". Set aside: "
                {set_aside} "."
            </p>
            <blockquote class="said">{broken.reason}</blockquote>
            <p>
                <a href=href>"What was set aside"</a> " · "
                <a href=paths::history_entry(broken.entry)>{format!("Entry {}", broken.entry)}</a>
                {is_open.then_some(". This stays here until somebody else acknowledges it there.")}
            </p>
        </Notice>
    }
}
