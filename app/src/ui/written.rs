//! What somebody wrote: a person, Azure or GitHub.

use crate::domain::text::visible;
use leptos::prelude::*;

/// A text of somebody else. Its direction of writing is its own and changes nothing around it, and signs that would
/// change the direction of text or are invisible are shown by their codes.
#[component]
pub fn Written(
    /// The text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <bdi>{visible(&text)}</bdi> }
}
