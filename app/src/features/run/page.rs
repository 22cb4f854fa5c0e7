//! The page of a run.

use super::api;
use super::board::RunBoard;
use crate::components::address;
use crate::components::crumbs::Crumbs;
use crate::components::load::loaded;
use crate::components::problem::Refused;
use crate::paths;
use leptos::prelude::*;
use leptos_meta::Title;

/// One run.
#[component]
pub fn RunPage() -> impl IntoView {
    let id = address::run();
    loaded(async { api::read_run(id?).await }, |view| {
        let title = view.operation.intent.title();
        let target = &view.operation.target;
        let trail = vec![(target.name().to_owned(), paths::target(target))];
        view! {
            <Title text=title />
            <Crumbs trail here="Run" />
            <Refused />
            <RunBoard view />
        }
    })
}
