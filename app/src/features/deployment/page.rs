//! The page of a deployment.

use super::api::read_deployment;
use super::facts::DeploymentFacts;
use crate::components::address;
use crate::components::hindrance::Hindrances;
use crate::components::load::loaded;
use crate::components::page_head::PageHead;
use crate::components::problem::Refusal;
use crate::error::ConsoleError;
use crate::features::log::{LogView, api::read_log};
use crate::paths;
use crate::port::DeploymentView;
use crate::ui::section::Section;
use domain::log::{Container, Log, TAIL_DEFAULT, TAIL_MAX};
use domain::name::DeploymentName;
use domain::stage::EndpointKey;
use domain::text::shortened;
use leptos::prelude::*;

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
    let (tail, refused) = match lines(address::query_field("tail").as_deref()) {
        Ok(tail) => (tail, None),
        Err(error) => (TAIL_DEFAULT, Some(error)),
    };
    let at = address::deployment();
    loaded(async move { load(at?, container, tail).await }, |loaded| {
        view! { <Page loaded refused /> }
    })
}

/// The number of lines of the log that the address asks for.
fn lines(text: Option<&str>) -> Result<u32, ConsoleError> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(TAIL_DEFAULT);
    };
    let read = text.parse().ok().filter(|tail| (1..=TAIL_MAX).contains(tail));
    read.ok_or_else(|| ConsoleError::Invalid {
        field: Some("tail".to_owned()),
        message: format!(
            "In the address, “tail” is “{}”, but must be a whole number from 1 to {TAIL_MAX}. The log below has the \
             last {TAIL_DEFAULT} lines.",
            shortened(text, 40)
        ),
    })
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
fn Page(
    loaded: Loaded,
    /// Why the address is invalid, if it is.
    refused: Option<ConsoleError>,
) -> impl IntoView {
    let Loaded { view, container, tail, log } = loaded;
    let (at, name) = (view.on.endpoint.key.clone(), view.deployment.name);
    let trail = vec![(at.endpoint.to_string(), paths::endpoint(&at))];
    let (shown, of_log) = (name.to_string(), name.clone());
    let export = paths::export_page(&at, Some(&name));
    let delete = paths::delete_deployment(&at, &name);
    let hindering = view.on.hindering();
    let reason =
        view.on.may_not_change.clone().or_else(|| view.deletion.hindered(view.on.stage.protected));
    view! {
        <PageHead title=shown.clone() trail here=shown.clone() />
        <Section id="facts" title="Deployment">
            <DeploymentFacts on=view.on name />
            <p><a href=export>"Export as YAML"</a></p>
        </Section>
        <Section id="log" title="Log" note="The last lines that Azure retains for each container.">
            {refused.map(|error| view! { <Refusal error /> })}
            <LogView at name=of_log container tail log />
        </Section>
        <Section id="end" title="Delete" note="Only a deployment with no live or mirrored traffic can be deleted.">
            <Hindrances of=hindering />
            <p class="actions">
                <a class="button" data-variant="danger" href=delete>{format!("Plan to delete {shown}")}</a>
                <span class="reason">{reason}</span>
            </p>
        </Section>
    }
}
