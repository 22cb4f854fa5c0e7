//! The top of a page.

use super::crumbs::Crumbs;
use leptos::prelude::*;
use leptos_meta::Title;

/// The window's title, the breadcrumbs, and the header with the heading.
#[component]
pub fn PageHead(
    /// The window's title, which is also the heading.
    #[prop(into)]
    title: String,
    /// The breadcrumbs before the last: labels and URLs, outermost first.
    trail: Vec<(String, String)>,
    /// The last breadcrumb.
    #[prop(into)]
    here: String,
    /// What follows the heading.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <Title text=title.clone() />
        <Crumbs trail here />
        <header class="head">
            <h1>{title}</h1>
            {children.map(|children| children())}
        </header>
    }
}
