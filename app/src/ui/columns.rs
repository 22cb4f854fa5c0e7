//! The head of a table.

use leptos::prelude::*;

/// The head of a table with these columns.
pub fn columns<const N: usize>(names: [&'static str; N]) -> impl IntoView {
    let column = |name: &'static str| view! { <th scope="col">{name}</th> };
    view! { <thead><tr>{names.map(column).into_iter().collect::<Vec<_>>()}</tr></thead> }
}
