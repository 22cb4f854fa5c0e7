//! One deployment.

use super::api;
use crate::features::address;
use crate::features::load::loaded;
use leptos::prelude::*;

/// One deployment.
#[component]
pub fn DeploymentPage() -> impl IntoView {
    let at = address::deployment();
    let load = async {
        let (at, name) = at?;
        api::read_deployment(at, name).await
    };
    loaded(load, |view| view! { <h1>{view.deployment.name.to_string()}</h1> })
}
