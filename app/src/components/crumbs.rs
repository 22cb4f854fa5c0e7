//! The logo and the breadcrumbs.

use crate::paths;
use leptos::prelude::*;

/// The logo: a lead and its shadow.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
            <path class="shadow" d="M20.5 9.5a8.5 8.5 0 1 1 0 17a8.5 8.5 0 1 1 0-17Z" />
            <path class="lead" d="M12 4.5a8.5 8.5 0 1 1 0 17a8.5 8.5 0 1 1 0-17Z" />
        </svg>
    }
}

/// Breadcrumbs; the current page comes last.
#[component]
pub fn Crumbs(
    /// Labels and URLs, outermost first.
    trail: Vec<(String, String)>,
    #[prop(into)] here: String,
) -> impl IntoView {
    let link = |(words, href): (String, String)| view! { <li><a href=href>{words}</a></li> };
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>
                <li>
                    <a href=paths::OVERVIEW>"Overview"</a>
                </li>
                {trail.into_iter().map(link).collect::<Vec<_>>()}
                <li aria-current="page">{here}</li>
            </ol>
        </nav>
    }
}
