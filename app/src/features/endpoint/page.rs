//! The endpoint as a page.

use super::api;
use super::board::EndpointBoard;
use super::table::TrafficTable;
use crate::domain::stage::EndpointKey;
use crate::domain::traffic::Traffic;
use crate::error::ConsoleError;
use crate::features::address;
use crate::features::frame::Crumbs;
use crate::features::load::loaded;
use crate::paths;
use crate::port::EndpointView;
use leptos::prelude::*;
use leptos_meta::Title;

/// One endpoint.
#[component]
pub fn EndpointPage() -> impl IntoView {
    let at = address::endpoint();
    loaded(async { load(at?).await }, |(view, traffic)| {
        let name = view.endpoint.key.endpoint.to_string();
        let table = traffic.clone();
        let recorded = paths::endpoint_history(&view.endpoint.key);
        view! {
            <Title text=name.clone() />
            <Crumbs trail=vec![] here=name />
            <EndpointBoard view traffic>
                <TrafficTable traffic=table />
            </EndpointBoard>
            <p><a href=recorded>"Everything that was recorded of this endpoint"</a></p>
        }
    })
}

/// The page is worth showing without the measurements; why they are missing is said in their place.
async fn load(at: EndpointKey) -> Result<(EndpointView, Traffic), ConsoleError> {
    let view = api::read_endpoint(at.clone()).await?;
    let traffic = api::read_traffic(at).await.unwrap_or_else(|error| Traffic {
        start: view.now,
        series: Vec::new(),
        trouble: Some(error.to_string()),
    });
    Ok((view, traffic))
}
