//! A part of a page: its heading stands in the margin where there is room.

use leptos::prelude::*;

/// A part of a page.
#[component]
pub fn Section<C: IntoView + 'static>(
    /// Its fragment in the URL.
    id: &'static str,
    /// Its heading.
    #[prop(into)]
    title: String,
    /// What stands under the heading.
    #[prop(optional, into)]
    note: Option<String>,
    /// Its content.
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
