//! Where anonymous people land.

use crate::paths;
use leptos::prelude::*;

/// Says what this is and offers to sign in.
#[component]
pub fn SignInPage() -> impl IntoView {
    view! { <h1>"Understudy"</h1><a href=paths::SIGN_IN_START rel="external">"Sign in"</a> }
}
