//! Times: told relatively, exact on hover.

use crate::domain::timestamp::Timestamp;
use leptos::prelude::*;

/// `3 min ago`, with the exact UTC as a title.
#[component]
pub fn Time(
    /// When.
    at: Timestamp,
    /// The clock against which it is told.
    #[prop(into)]
    now: Signal<Timestamp>,
) -> impl IntoView {
    view! {
        <time datetime=at.iso() title=at.utc()>
            {move || at.ago(now.get())}
        </time>
    }
}

/// How long something took or will take: `12 s`, `3 min`, `5 h`, `2 d`.
#[must_use]
pub fn lasted(from: Timestamp, to: Timestamp) -> String {
    span(to.since(from))
}

/// A length of time in milliseconds: `12 s`, `3 min`, `5 h`, `2 d`.
#[must_use]
pub fn span(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    match seconds {
        0..=59 => format!("{seconds} s"),
        60..=3599 => format!("{} min", seconds / 60),
        3600..=86_399 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}
