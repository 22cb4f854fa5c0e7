//! How current the page's data is.

use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use domain::stage::Freshness;
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// Data younger than this counts as current, in milliseconds.
const CURRENT_MS: i64 = 90_000;

/// `up to date`, or how old the data is.
#[component]
pub fn Age(#[prop(into)] freshness: Signal<Freshness>, now: Signal<Timestamp>) -> impl IntoView {
    let words = move || words(&freshness.get(), now.get());
    let exact = move || match freshness.get() {
        Freshness::Fresh { at } => Some(format!("Read from Azure at {}", at.utc())),
        Freshness::Stale { since: Some(since), .. } => Some(format!("Read at {}", since.utc())),
        _ => None,
    };
    view! {
        <span class="age" title=exact>
            {words}
        </span>
    }
}

fn words(freshness: &Freshness, now: Timestamp) -> String {
    match freshness {
        Freshness::Waiting => "not read yet".to_owned(),
        Freshness::Fresh { at } if now.0 - at.0 < CURRENT_MS => "up to date".to_owned(),
        Freshness::Fresh { at: last } | Freshness::Stale { since: Some(last), .. } => {
            format!("Azure last responded {}", last.ago(now))
        }
        Freshness::Stale { since: None, .. } => "Azure has not responded yet".to_owned(),
    }
}

/// Why the data may be old; nothing if it is current.
#[component]
pub fn StaleNotice(#[prop(into)] freshness: Signal<Freshness>) -> impl IntoView {
    let notice = move || {
        let (tone, title, reason) = match freshness.get() {
            Freshness::Fresh { .. } => return None,
            Freshness::Waiting => {
                let reason = "The console is reading from Azure. This page updates automatically."
                    .to_owned();
                (Tone::Busy, "Not read yet".to_owned(), reason)
            }
            Freshness::Stale { since: Some(since), reason } => {
                (Tone::Warn, format!("Not current: last read at {}", since.utc()), reason)
            }
            Freshness::Stale { since: None, reason } => {
                (Tone::Warn, "Never read since the console started".to_owned(), reason)
            }
        };
        Some(view! { <Notice tone title><p>{reason}</p></Notice> })
    };
    view! { <div role="status">{notice}</div> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_age_names_azure() {
        let (now, ago) = (Timestamp(1_000_000), |ms: i64| Timestamp(1_000_000 - ms));
        let stale = |since| Freshness::Stale { since, reason: String::new() };
        for (freshness, expected) in [
            (Freshness::Waiting, "not read yet"),
            (Freshness::Fresh { at: ago(89_000) }, "up to date"),
            (Freshness::Fresh { at: ago(130_000) }, "Azure last responded 2 min ago"),
            (stale(Some(ago(20_000))), "Azure last responded 20 s ago"),
            (stale(None), "Azure has not responded yet"),
        ] {
            assert_eq!(words(&freshness, now), expected);
        }
    }
}
