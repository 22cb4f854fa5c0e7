//! The overview as a page.

use super::api;
use super::board::OverviewBoard;
use crate::features::load::loaded;
use leptos::prelude::*;
use leptos_meta::Title;

/// All stages with their endpoints.
#[component]
pub fn OverviewPage() -> impl IntoView {
    loaded(api::read_overview(), |overview| {
        view! {
            <Title text="Overview" />
            <header class="head">
                <h1>"Overview"</h1>
            </header>
            <OverviewBoard overview />
        }
    })
}
