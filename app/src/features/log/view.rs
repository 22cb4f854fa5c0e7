//! A deployment's log: the choice of container and length, and the lines.

use super::follower::LogFollower;
use crate::components::problem::Refusal;
use crate::error::ConsoleError;
use crate::paths;
use domain::log::{Container, Log, TAIL_MAX};
use domain::name::DeploymentName;
use domain::stage::EndpointKey;
use leptos::prelude::*;

/// A deployment's log.
#[component]
pub fn LogView(
    at: EndpointKey,
    name: DeploymentName,
    container: Container,
    tail: u32,
    log: Result<Log, ConsoleError>,
) -> impl IntoView {
    let action = format!("{}#log", paths::deployment(&at, &name));
    let option = |one: Container| {
        view! { <option value=one.slug() selected=one == container>{one.label()}</option> }
    };
    let options = [Container::InferenceServer, Container::StorageInitializer].map(option);
    let lines = match log {
        Ok(log) => view! { <LogFollower at name container tail lines=log.lines /> }.into_any(),
        Err(error) => view! { <Refusal error /> }.into_any(),
    };
    view! {
        <div class="reading">
        <form method="get" action=action class="actions">
            <label>
                "Container "
                <select name="log">{options.into_iter().collect::<Vec<_>>()}</select>
            </label>
            <label>
                "Last lines "
                <input type="number" name="tail" min="1" max=TAIL_MAX value=tail />
            </label>
            <button type="submit" class="button">
                "Show"
            </button>
        </form>
        {lines}
        </div>
    }
}
