//! A multi-line text field.

use leptos::prelude::*;

/// A multi-line text field; `name` is also its id.
#[component]
pub fn WordsField(
    name: &'static str,
    max: usize,
    value: String,
    #[prop(optional)] required: bool,
    /// The id of the element that describes the field.
    #[prop(optional)]
    about: Option<&'static str>,
) -> impl IntoView {
    // As a child, an empty text would be rendered as a space.
    let value = value.replace('&', "&amp;").replace('<', "&lt;");
    view! {
        <textarea id=name name=name rows="3" maxlength=max.to_string() required=required
            aria-describedby=about inner_html=value></textarea>
    }
}
