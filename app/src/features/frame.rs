//! What surrounds every page: the header and the breadcrumbs.

use super::changes::api::read_changes_for_me;
use super::session::AccountMenu;
use crate::components::crumbs::Mark;
use crate::paths;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The header, the page and the footer.
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

/// Whether a path is an image's. Its stage is part of the path.
fn is_image(path: &str) -> bool {
    path.split('/').nth(3) == Some("images")
}

/// The main navigation.
#[component]
fn MainNav() -> impl IntoView {
    let here = use_location().pathname;
    let here_on = move |href: &'static str| {
        move || {
            let path = here.get();
            let is_in = match href {
                paths::OVERVIEW => {
                    path == href || (path.starts_with("/stages") && !is_image(&path))
                }
                paths::IMAGES => path == href || is_image(&path),
                paths::ACTIVITY => {
                    [paths::ACTIVITY, "/runs", "/jobs"].iter().any(|part| path.starts_with(part))
                }
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
                {link("Images", paths::IMAGES)}
                {link("Activity", paths::ACTIVITY)}
                {link("Audit log", paths::HISTORY)}
            </ul>
        </nav>
    }
}

/// How many changes this person can approve; hidden at zero.
#[component]
fn ForMe() -> impl IntoView {
    Suspend::new(async move {
        let count = read_changes_for_me().await.ok().filter(|count| *count > 0)?;
        let words = if count == 1 { " needs your review" } else { " need your review" };
        Some(view! { <span class="count">{count} <span class="unseen">{words}</span></span> })
    })
}
