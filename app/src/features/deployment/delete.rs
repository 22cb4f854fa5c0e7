//! Deleting a deployment.

use super::api;
use crate::features::address;
use crate::features::load::loaded;
use leptos::prelude::*;

/// Deleting a deployment.
#[component]
pub fn DeleteDeploymentPage() -> impl IntoView {
    let at = address::deployment();
    let load = async {
        let (at, name) = at?;
        api::read_deployment(at, name).await
    };
    loaded(load, |view| view! { <h1>{view.deployment.name.to_string()}</h1> })
}
