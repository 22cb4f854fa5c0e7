//! All events of a change, oldest first.

use crate::ui::time::Time;
use crate::ui::written::Written;
use domain::change::Stamped;
use domain::change::event::{Ending, Event};
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// Who acted, what they did, and the comment or reason.
fn entry(event: Event) -> (String, String, String) {
    let console = || "Understudy".to_owned();
    let of = |by: String, what: &str, said: String| (by, what.to_owned(), said);
    match event {
        Event::Proposed { by, reason, .. } => of(by.name, "proposed it", reason),
        Event::Replanned { why, .. } => {
            of(console(), "planned it again; earlier approvals do not count", why)
        }
        Event::Lapsed { of: whose, why } => {
            (console(), format!("revoked {}’s approval", whose.name), why)
        }
        Event::Approved { by, comment, .. } => of(by.name, "approved it", comment),
        Event::Refused { by, comment } => of(by.name, "rejected it", comment),
        Event::Commented { by, text } => of(by.name, "commented", text),
        Event::Withdrawn { by } => of(by.name, "withdrew it", String::new()),
        Event::Expired => of(console(), "closed it: it expired", String::new()),
        Event::Superseded { by, .. } => {
            let what = format!("closed it: {} broke glass for it, and that run succeeded", by.name);
            of(console(), &what, String::new())
        }
        Event::Started { by: Some(by), .. } => of(by.name, "started it", String::new()),
        Event::Started { by: None, .. } => of(console(), "started it on schedule", String::new()),
        Event::Ended(Ending::Succeeded) => of(console(), "completed it", String::new()),
        Event::Ended(Ending::Failed { message }) => {
            of(console(), "stopped: the run failed", message)
        }
        Event::Ended(Ending::Cancelled) => {
            of(console(), "closed it: it was stopped", String::new())
        }
        Event::Ended(Ending::RolledBack) => {
            of(console(), "closed it: it was rolled back", String::new())
        }
    }
}

/// The events of a change as a list.
#[component]
pub fn Story(events: Vec<Stamped>, now: Timestamp) -> impl IntoView {
    let item = |Stamped { at, event }: Stamped| {
        let (by, what, said) = entry(event);
        let said =
            (!said.is_empty()).then(|| view! { <p class="detail said"><Written text=said /></p> });
        view! {
            <li>
                <p><b><Written text=by /></b> " " {what} " " <small><Time at now /></small></p>
                {said}
            </li>
        }
    };
    view! { <ol class="story">{events.into_iter().map(item).collect::<Vec<_>>()}</ol> }
}
