//! Copies a text that the page shows, so that it is not sent twice.

use crate::ui::copy::CopyButton;
use leptos::prelude::*;

/// Copies the text of an element of the page.
#[island]
pub fn CopyFrom(
    /// The element's id.
    from: String,
    /// What it is, completing "Copy …".
    what: String,
) -> impl IntoView {
    let text = Signal::derive(move || {
        let element = document().get_element_by_id(&from);
        element.and_then(|element| element.text_content()).unwrap_or_default()
    });
    view! { <CopyButton text what /> }
}
