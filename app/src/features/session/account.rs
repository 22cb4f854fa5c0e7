//! Who is signed in and what they may do.

use super::api;
use crate::features::load::loaded;
use leptos::prelude::*;

/// The person, their roles and rights, and their session.
#[component]
pub fn AccountPage() -> impl IntoView {
    loaded(api::read_account(), |account| view! { <h1>{account.user.name}</h1> })
}
