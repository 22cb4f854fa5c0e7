//! The endpoint as a page.

use super::api;
use crate::features::address;
use crate::features::load::loaded;
use leptos::prelude::*;
use leptos_meta::Title;

/// One endpoint.
#[component]
pub fn EndpointPage() -> impl IntoView {
    let at = address::endpoint();
    loaded(async { api::read_endpoint(at?).await }, |view| {
        let name = view.endpoint.key.endpoint.to_string();
        view! {
            <Title text=name.clone() />
            <h1>{name}</h1>
            <p>{view.endpoint.route.to_string()}</p>
        }
    })
}
