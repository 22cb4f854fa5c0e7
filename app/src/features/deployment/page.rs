//! The deployment as a page.

use super::api::read_deployment;
use super::facts::DeploymentFacts;
use crate::domain::log::{Container, Log, TAIL_DEFAULT, TAIL_MAX};
use crate::domain::name::DeploymentName;
use crate::domain::stage::EndpointKey;
use crate::error::ConsoleError;
use crate::features::address;
use crate::features::frame::Crumbs;
use crate::features::hindrance::Hindrances;
use crate::features::load::loaded;
use crate::features::log::{LogView, api::read_log};
use crate::paths;
use crate::port::DeploymentView;
use crate::ui::section::Section;
use leptos::prelude::*;
use leptos_meta::Title;

/// What the page shows.
struct Loaded {
    view: DeploymentView,
    container: Container,
    tail: u32,
    log: Result<Log, ConsoleError>,
}

/// One deployment.
#[component]
pub fn DeploymentPage() -> impl IntoView {
    let container = address::query_field("log");
    let container = container.map_or_else(Container::default, |slug| Container::from_slug(&slug));
    let tail = address::query_field("tail").and_then(|tail| tail.parse().ok());
    let tail = tail.unwrap_or(TAIL_DEFAULT).clamp(1, TAIL_MAX);
    let at = address::deployment();
    loaded(async move { load(at?, container, tail).await }, |loaded| view! { <Page loaded /> })
}

async fn load(
    (at, name): (EndpointKey, DeploymentName),
    container: Container,
    tail: u32,
) -> Result<Loaded, ConsoleError> {
    let view = read_deployment(at.clone(), name.clone()).await?;
    let log = read_log(at, name, container, tail).await;
    Ok(Loaded { view, container, tail, log })
}

#[component]
fn Page(loaded: Loaded) -> impl IntoView {
    let Loaded { view, container, tail, log } = loaded;
    let (at, name) = (view.on.endpoint.key.clone(), view.deployment.name);
    let trail = vec![(at.endpoint.to_string(), paths::endpoint(&at))];
    let (shown, of_log) = (name.to_string(), name.clone());
    let export = paths::export_page(&at, Some(&name));
    let delete = paths::delete_deployment(&at, &name);
    let ((gate, run), stage) = (view.on.hindrances(), view.on.stage.name.clone());
    let reason =
        view.on.may_not_change.clone().or_else(|| view.deletion.hindered(view.on.stage.protected));
    view! {
        <Title text=shown.clone() />
        <Crumbs trail here=shown.clone() />
        <header class="head">
            <h1>{shown.clone()}</h1>
        </header>
        <Section id="facts" title="Deployment">
            <DeploymentFacts on=view.on name />
            <p><a href=export>"Export as YAML"</a></p>
        </Section>
        <Section id="log" title="Log" note="The last lines that Azure keeps of each container.">
            <LogView at name=of_log container tail log />
        </Section>
        <Section id="end" title="Delete" note="Only a deployment without live and mirrored traffic can go.">
            <Hindrances gate stage run />
            <p class="actions">
                <a class="button" data-variant="danger" href=delete>{format!("Plan to delete {shown}")}</a>
                <span class="reason">{reason}</span>
            </p>
        </Section>
    }
}
