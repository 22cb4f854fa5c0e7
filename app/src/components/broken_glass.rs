//! The banner about broken glass on the overview and the endpoint's page, until another person acknowledges it.

use crate::paths;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use crate::ui::time::Time;
use crate::ui::written::Written;
use domain::glass::{Broken, names};
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// The most banners that a page shows; the rest are counted.
const SHOWN_MAX: usize = 5;

/// The banners of all unacknowledged breaks.
#[component]
pub fn BrokenBanner(
    broken: Memo<Vec<Broken>>,
    #[prop(into)] now: Signal<Timestamp>,
) -> impl IntoView {
    move || {
        let all = broken.get();
        let more = all.len().saturating_sub(SHOWN_MAX);
        let shown = all.into_iter().take(SHOWN_MAX);
        let shown = shown.map(|broken| view! { <BrokenNotice broken now /> }).collect::<Vec<_>>();
        view! {
            {shown}
            {(more > 0).then(|| view! {
                <p class="reason">{format!("Glass was broken {more} more times. Acknowledge these to see the rest.")}</p>
            })}
        }
    }
}

/// One banner.
#[component]
pub fn BrokenNotice(broken: Broken, #[prop(into)] now: Signal<Timestamp>) -> impl IntoView {
    let title = format!("{} broke glass on {}", broken.by.name, broken.on.endpoint);
    let set_aside = names(&broken.set_aside);
    let href = paths::broken_glass(&broken.id);
    let is_open = broken.acknowledged.is_none();
    view! {
        <Notice tone=Tone::Bad title>
            <p>
                <a href=paths::run(&broken.run)>{broken.title}</a> ", " <Time at=broken.at now /> ". Overridden: "
                {set_aside} "."
            </p>
            <blockquote class="said"><Written text=broken.reason /></blockquote>
            <p>
                <a href=href>"Overridden rules"</a> " · "
                <a href=paths::history_entry(broken.entry)>{format!("Entry {}", broken.entry)}</a>
                {is_open.then_some(". This banner stays until somebody else acknowledges it there.")}
            </p>
        </Notice>
    }
}
