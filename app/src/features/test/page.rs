//! Sending a test request.

use crate::features::address;
use crate::features::endpoint::api;
use crate::features::load::loaded;
use leptos::prelude::*;

/// Sending a test request.
#[component]
pub fn TestPage() -> impl IntoView {
    let at = address::endpoint();
    loaded(async { api::read_endpoint(at?).await }, |view| {
        view! { <h1>{view.endpoint.key.endpoint.to_string()}</h1> }
    })
}
