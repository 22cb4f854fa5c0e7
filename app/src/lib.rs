//! What people see of Understudy, and the rules behind it; compiled for the server (`ssr`) and for the
//! browser (`hydrate`).
//!
//! * [`domain`]: the words and the rules. Pure.
//! * [`port`]: the table of contents of the product, implemented by the server.
//! * [`error`]: the one error that reaches a person.
//! * [`paths`]: every URL.
//! * [`submission`]: a form that was sent and not simply carried out.
//! * [`status`]: how a page tells the server its HTTP status.
//! * [`app`]: the document, and which page is at which URL.
//! * [`features`]: the pages and islands, by noun.
//! * [`live`]: what the server pushes to the islands.
//! * [`ui`]: what they are made of; knows nothing of the product.
//! * [`wire`]: how server functions travel.
//!
//! Pages are rendered on the server and work without scripts; islands take over where something moves.

#![recursion_limit = "512"]

pub mod app;
pub mod domain;
pub mod error;
pub mod features;
pub mod live;
pub mod paths;
pub mod port;
pub mod status;
pub mod submission;
pub mod ui;
pub mod wire;

/// Wakes the islands of the page; the hydration script calls it once.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
