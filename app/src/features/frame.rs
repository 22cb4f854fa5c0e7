//! What surrounds every page: header, footer, the way back.

use super::changes::api::read_changes_for_me;
use super::session::AccountMenu;
use crate::paths;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// Header, page, footer.
#[component]
pub fn Frame(children: Children) -> impl IntoView {
    view! {
        <a class="skip" href="#main">
            "Skip to content"
        </a>
        <header class="masthead">
            <a class="brand" href=paths::OVERVIEW>
                <Mark />
                <span>"Understudy"</span>
            </a>
            <AccountMenu>
                <MainNav />
            </AccountMenu>
        </header>
        <main id="main" tabindex="-1">
            {children()}
        </main>
    }
}

/// The product's parts.
#[component]
fn MainNav() -> impl IntoView {
    let here = use_location().pathname;
    let here_on = move |href: &'static str| {
        move || {
            let path = here.get();
            let is_in = match href {
                paths::OVERVIEW => path == href || path.starts_with("/stages"),
                _ => path.starts_with(href),
            };
            is_in.then_some(if path == href { "page" } else { "true" })
        }
    };
    let link = move |words: &'static str, href: &'static str| {
        view! { <li><a href=href aria-current=here_on(href)>{words}</a></li> }
    };
    view! {
        <nav class="parts" aria-label="Main">
            <ul>
                {link("Overview", paths::OVERVIEW)}
                <li>
                    <a href=paths::CHANGES aria-current=here_on(paths::CHANGES)>"Changes" <ForMe /></a>
                </li>
                {link("Releases", paths::RELEASES)}
                {link("History", paths::HISTORY)}
            </ul>
        </nav>
    }
}

/// How many changes this person can approve, when there are some.
#[component]
fn ForMe() -> impl IntoView {
    Suspend::new(async move {
        let count = read_changes_for_me().await.ok().filter(|count| *count > 0)?;
        Some(
            view! { <span class="count">{count} <span class="unseen">" wait for you"</span></span> },
        )
    })
}

/// The logo: a lead in the light, and the one who shadows it.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
            <path class="shadow" d="M20.5 9.5a8.5 8.5 0 1 1 0 17a8.5 8.5 0 1 1 0-17Z" />
            <path class="lead" d="M12 4.5a8.5 8.5 0 1 1 0 17a8.5 8.5 0 1 1 0-17Z" />
        </svg>
    }
}

/// The way back, as links; the page itself comes last.
#[component]
pub fn Crumbs(
    /// Words and URLs, from the outside in.
    trail: Vec<(String, String)>,
    /// This page.
    #[prop(into)]
    here: String,
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
