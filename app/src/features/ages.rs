//! Ages that stand outside islands, kept running: “just now” must not stay for minutes.

use crate::domain::timestamp::Timestamp;
use crate::live::Clock;
use crate::ui::time::{AGO, LEFT, left};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// Tells all ages of the page again, every second; one on a page is enough.
#[island]
pub fn Ages(
    /// The server's clock when the page was made.
    now: Timestamp,
) -> impl IntoView {
    let clock = Clock::new(now).now();
    Effect::new(move |_| tell(clock.get()));
}

/// Those within islands tell themselves.
fn tell(now: Timestamp) {
    let Ok(all) = document().query_selector_all(&format!("time[{AGO}], time[{LEFT}]")) else {
        return;
    };
    for at in 0..all.length() {
        let Some(time) = all.get(at).and_then(|node| node.dyn_into::<Element>().ok()) else {
            continue;
        };
        if time.closest("leptos-island").is_ok_and(|island| island.is_some()) {
            continue;
        }
        let read = |name: &str| time.get_attribute(name)?.parse().ok().map(Timestamp);
        let words = match (read(AGO), read(LEFT)) {
            (Some(at), _) => at.ago(now),
            (None, Some(until)) => left(until, now),
            (None, None) => continue,
        };
        if time.text_content().as_deref() != Some(&*words) {
            time.set_text_content(Some(&words));
        }
    }
}
