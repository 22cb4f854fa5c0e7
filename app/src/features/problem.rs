//! Pages that say why there is nothing else to show, and what to do.

use crate::error::ConsoleError;
use crate::paths;
use crate::status::set_status;
use leptos::prelude::*;
use leptos_meta::Title;

/// An error as a whole page.
#[component]
pub fn Problem(
    /// What went wrong.
    error: ConsoleError,
) -> impl IntoView {
    let title = error.title();
    view! {
        <Title text=title />
        <h1>{title}</h1>
        <p>{error.to_string()}</p>
        <p><a href=paths::OVERVIEW>"Overview"</a></p>
    }
}

/// There is no page at this URL.
#[component]
pub fn NoSuchPage() -> impl IntoView {
    set_status(404);
    let error = ConsoleError::NotFound("There is no page at this address.".to_owned());
    view! { <Problem error /> }
}
