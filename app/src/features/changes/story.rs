//! All that happened to a change, in order.

use crate::domain::change::Stamped;
use crate::domain::change::event::{Ending, Event};
use crate::domain::timestamp::Timestamp;
use crate::ui::time::Time;
use crate::ui::written::Written;
use leptos::prelude::*;

/// Who, what, and what was said.
fn told(event: Event) -> (String, String, String) {
    let console = || "Understudy".to_owned();
    let of = |by: String, what: &str, said: String| (by, what.to_owned(), said);
    match event {
        Event::Proposed { by, reason, .. } => of(by.name, "proposed it", reason),
        Event::Replanned { why, .. } => {
            of(console(), "planned it anew; approvals given before count no more", why)
        }
        Event::Lapsed { of: whose, why } => {
            (console(), format!("took the approval of {} away", whose.name), why)
        }
        Event::Approved { by, comment, .. } => of(by.name, "approved it", comment),
        Event::Refused { by, comment } => of(by.name, "refused it", comment),
        Event::Commented { by, text } => of(by.name, "said", text),
        Event::Withdrawn { by } => of(by.name, "withdrew it", String::new()),
        Event::Expired => of(console(), "closed it: it waited too long", String::new()),
        Event::Started { by: Some(by), .. } => of(by.name, "started it", String::new()),
        Event::Started { by: None, .. } => {
            of(console(), "started it: its time had come", String::new())
        }
        Event::Ended(Ending::Succeeded) => of(console(), "has done it", String::new()),
        Event::Ended(Ending::Failed { message }) => of(console(), "had to stop", message),
        Event::Ended(Ending::Cancelled) => of(console(), "ended it: it was stopped", String::new()),
        Event::Ended(Ending::RolledBack) => {
            of(console(), "ended it: it is rolled back", String::new())
        }
    }
}

/// The events as a list.
#[component]
pub fn Story(
    /// The events.
    events: Vec<Stamped>,
    /// The server's clock.
    now: Timestamp,
) -> impl IntoView {
    let item = |Stamped { at, event }: Stamped| {
        let (by, what, said) = told(event);
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
