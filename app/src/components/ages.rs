//! Keeps ages outside islands current, so that “just now” does not stay for minutes.

use crate::live::Clock;
use crate::ui::time::{AGO, LEFT, left};
use domain::timestamp::Timestamp;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// Updates all ages on the page every second. One per page is enough.
#[island]
pub fn Ages(now: Timestamp) -> impl IntoView {
    let clock = Clock::new(now).now();
    Effect::new(move |_| update_ages(clock.get()));
}

/// Skips ages that islands render, because islands update their own, but not those of an island's children.
fn update_ages(now: Timestamp) {
    let Ok(all) = document().query_selector_all(&format!("time[{AGO}], time[{LEFT}]")) else {
        return;
    };
    for at in 0..all.length() {
        let Some(time) = all.get(at).and_then(|node| node.dyn_into::<Element>().ok()) else {
            continue;
        };
        let around = time.closest("leptos-island, leptos-children").ok().flatten();
        if around.is_some_and(|around| around.tag_name() == "LEPTOS-ISLAND") {
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
