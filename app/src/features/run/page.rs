//! A run as a page.

use super::api;
use super::board::RunBoard;
use crate::features::address;
use crate::features::frame::Crumbs;
use crate::features::load::loaded;
use crate::features::problem::Refusal;
use crate::paths;
use crate::submission::Submission;
use leptos::prelude::*;
use leptos_meta::Title;

/// One run.
#[component]
pub fn RunPage() -> impl IntoView {
    let refusal = use_context::<Submission>().and_then(|sent| sent.refusal().cloned());
    let id = address::run();
    loaded(async { api::read_run(id?).await }, |view| {
        let title = view.operation.action.title();
        let at = &view.operation.endpoint;
        let trail = vec![(at.endpoint.to_string(), paths::endpoint(at))];
        view! {
            <Title text=title />
            <Crumbs trail here="Run" />
            {refusal.map(|error| view! { <Refusal error /> })}
            <RunBoard view />
        }
    })
}
