//! Understudy's user interface, compiled for the server (`ssr`) and for the browser (`hydrate`).
//!
//! * The crate `domain`: types, rules and their texts.
//! * [`port`]: everything that the console can do, implemented by the server.
//! * [`error`]: the one error type that people see.
//! * [`paths`]: every URL.
//! * [`submission`]: a submitted form that is shown again.
//! * [`status`]: sets a page's HTTP status.
//! * [`app`]: the HTML document and the route table.
//! * [`features`]: the pages and islands, by noun.
//! * [`live`]: server-sent events for the islands.
//! * [`ui`]: components without product knowledge.
//! * [`wire`]: the codec of server functions.
//!
//! The server renders pages, which work without scripts; islands add interactivity.

#![recursion_limit = "512"]

pub mod app;
pub mod components;
pub mod error;
pub mod features;
pub mod live;
pub mod paths;
pub mod port;
pub mod status;
pub mod submission;
pub mod ui;
pub mod wire;

/// Hydrates the islands of the page; the hydration script calls this once.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
