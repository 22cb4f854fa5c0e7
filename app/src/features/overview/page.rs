//! The overview as a page.

use super::api;
use crate::features::load::loaded;
use crate::paths;
use leptos::prelude::*;
use leptos_meta::Title;

/// All stages with their endpoints.
#[component]
pub fn OverviewPage() -> impl IntoView {
    loaded(api::read_overview(), |overview| {
        let links: Vec<_> = overview
            .stages
            .iter()
            .flat_map(|stage| &stage.endpoints)
            .map(|endpoint| {
                view! { <li><a href=paths::endpoint(&endpoint.key)>{endpoint.key.endpoint.to_string()}</a></li> }
            })
            .collect();
        view! {
            <Title text="Overview" />
            <h1>"Overview"</h1>
            <ul>{links}</ul>
        }
    })
}
