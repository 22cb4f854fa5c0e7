//! A section of a page, with the heading in the margin on wide screens.

use leptos::prelude::*;

/// A section of a page.
#[component]
pub fn Section<C: IntoView + 'static>(
    /// The section's fragment in the URL.
    id: &'static str,
    #[prop(into)] title: String,
    #[prop(optional, into)] note: Option<String>,
    children: TypedChildren<C>,
) -> impl IntoView {
    let heading = format!("{id}-heading");
    let labelled_by = heading.clone();
    view! {
        <section class="section" id=id aria-labelledby=labelled_by>
            <div class="margin">
                <h2 id=heading>{title}</h2>
                {note.map(|note| view! { <p>{note}</p> })}
            </div>
            <div class="body">{children.into_inner()()}</div>
        </section>
    }
}
