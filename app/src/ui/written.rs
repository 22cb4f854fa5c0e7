//! Text from outside: from a person, Azure or GitHub.

use domain::text::visible;
use leptos::prelude::*;

/// Text from outside. Its writing direction is isolated from the surrounding text, and invisible or
/// direction-changing characters are shown as codes.
#[component]
pub fn Written(#[prop(into)] text: String) -> impl IntoView {
    view! { <bdi>{visible(&text)}</bdi> }
}
