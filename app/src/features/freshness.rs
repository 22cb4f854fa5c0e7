//! How current what is shown is.

use crate::domain::stage::Freshness;
use crate::domain::timestamp::Timestamp;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use leptos::prelude::*;

/// Ages below this are not told: what was read so recently is current.
const CURRENT_MS: i64 = 90_000;

/// A few words: `current`, or how old it is.
#[component]
pub fn Age(
    /// How current it is.
    #[prop(into)]
    freshness: Signal<Freshness>,
    /// The clock from which ages are computed.
    now: Signal<Timestamp>,
) -> impl IntoView {
    let words = Memo::new(move |_| words(&freshness.get(), now.get()));
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
            format!("Azure last answered {}", last.ago(now))
        }
        Freshness::Stale { since: None, .. } => "Azure has not answered yet".to_owned(),
    }
}

/// Why what is shown may be old; nothing when it is current.
#[component]
pub fn StaleNotice(
    /// How current it is.
    #[prop(into)]
    freshness: Signal<Freshness>,
) -> impl IntoView {
    let notice = move || {
        let (tone, title, reason) = match freshness.get() {
            Freshness::Fresh { .. } => return None,
            Freshness::Waiting => {
                let reason = "Azure is being asked; this fills in by itself.".to_owned();
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
    fn an_age_says_whose_silence_it_is() {
        let (now, ago) = (Timestamp(1_000_000), |ms: i64| Timestamp(1_000_000 - ms));
        let stale = |since| Freshness::Stale { since, reason: String::new() };
        for (freshness, expected) in [
            (Freshness::Waiting, "not read yet"),
            (Freshness::Fresh { at: ago(89_000) }, "up to date"),
            (Freshness::Fresh { at: ago(130_000) }, "Azure last answered 2 min ago"),
            (stale(Some(ago(20_000))), "Azure last answered 20 s ago"),
            (stale(None), "Azure has not answered yet"),
        ] {
            assert_eq!(words(&freshness, now), expected);
        }
    }
}
