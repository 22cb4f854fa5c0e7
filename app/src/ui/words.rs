//! A field for what people write: several lines, empty when nothing was written.

use leptos::prelude::*;

/// The field; its name is its id, too.
#[component]
pub fn WordsField(
    /// Its name and id.
    name: &'static str,
    /// Most characters.
    max: usize,
    /// What was written before.
    value: String,
    /// Whether something must be written.
    #[prop(optional)]
    required: bool,
    /// The id of what describes it.
    #[prop(optional)]
    about: Option<&'static str>,
) -> impl IntoView {
    // An empty text as a child would be rendered as a space.
    let value = value.replace('&', "&amp;").replace('<', "&lt;");
    view! {
        <textarea id=name name=name rows="3" maxlength=max.to_string() required=required
            aria-describedby=about inner_html=value></textarea>
    }
}
