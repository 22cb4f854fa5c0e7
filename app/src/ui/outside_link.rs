//! A link to another site, whose address comes from outside.

use leptos::either::Either;
use leptos::prelude::*;

/// Whether an address is a page on the web. Anything else, such as `javascript:`, must not become a link.
fn is_web(href: &str) -> bool {
    href.starts_with("https://") || href.starts_with("http://")
}

/// A link to another site; only its words if the address is not a page on the web.
#[component]
pub fn OutsideLink(href: String, #[prop(into)] words: String) -> impl IntoView {
    if is_web(&href) {
        Either::Left(view! { <a href=href rel="noreferrer">{words}</a> })
    } else {
        Either::Right(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_on_the_web_become_links() {
        assert!(is_web("https://github.com/anet/ml-azua/actions/runs/7"));
        assert!(is_web("http://127.0.0.1:9000/anet/ml-azua/actions/runs/7"));
        for other in ["javascript:alert(1)", "data:text/html,x", "//evil.example", "/jobs", ""] {
            assert!(!is_web(other), "{other}");
        }
    }
}
