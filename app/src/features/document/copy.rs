//! Copies text from the page, so that the server does not send the text twice.

use crate::ui::copy::CopyButton;
use leptos::prelude::*;

/// A button that copies the text of an element on the page.
#[island]
pub fn CopyFrom(from: String, what: String) -> impl IntoView {
    let text = Signal::derive(move || {
        let element = document().get_element_by_id(&from);
        element.and_then(|element| element.text_content()).unwrap_or_default()
    });
    view! { <CopyButton text what /> }
}
