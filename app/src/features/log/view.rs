//! A deployment's log: which container, how much of it, and the lines.

use super::follower::LogFollower;
use crate::domain::log::{Container, Log, TAIL_MAX};
use crate::domain::name::DeploymentName;
use crate::domain::stage::EndpointKey;
use crate::error::ConsoleError;
use crate::features::problem::Refusal;
use crate::paths;
use leptos::prelude::*;

/// A deployment's log.
#[component]
pub fn LogView(
    /// The endpoint.
    at: EndpointKey,
    /// The deployment.
    name: DeploymentName,
    /// What to read.
    container: Container,
    /// How many lines were asked for.
    tail: u32,
    /// What was read.
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
