//! The plan of a new route.

use crate::features::address;
use crate::features::endpoint::api;
use crate::features::load::loaded;
use leptos::prelude::*;

/// The plan of a new route.
#[component]
pub fn RoutePage() -> impl IntoView {
    let at = address::endpoint();
    loaded(async { api::read_endpoint(at?).await }, |view| {
        view! { <h1>{view.endpoint.key.endpoint.to_string()}</h1> }
    })
}
