//! The page of an endpoint.

use super::api;
use super::board::EndpointBoard;
use super::table::TrafficTable;
use crate::components::address;
use crate::components::crumbs::Crumbs;
use crate::components::load::loaded;
use crate::error::ConsoleError;
use crate::features::evidence::CaptureShadow;
use crate::paths;
use crate::port::EndpointView;
use domain::endpoint::Endpoint;
use domain::run_book::ShadowDraft;
use domain::stage::EndpointKey;
use domain::traffic::Traffic;
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
        let export = paths::export_page(&view.endpoint.key, None);
        let run_book = paths::run_book(&under_way(&view.endpoint), None);
        let evidence = paths::evidence_of(&view.endpoint.key);
        let capture = view.endpoint.route.mirror().map(|mirror| {
            let (at, deployment) = (view.endpoint.key.clone(), mirror.deployment().clone());
            let may_not = view.may_not_test.clone();
            view! { <CaptureShadow at deployment may_not change=None /> }
        });
        view! {
            <Title text=name.clone() />
            <Crumbs trail=vec![] here=name />
            <EndpointBoard view traffic>
                <TrafficTable traffic=table />
            </EndpointBoard>
            {capture}
            <ul class="line further">
                <li><a href=evidence>"Evidence"</a></li>
                <li><a href=run_book>"Shadow run book"</a></li>
                <li><a href=export>"Export as YAML and workflow inputs"</a></li>
                <li><a href=recorded>"Audit log"</a></li>
            </ul>
        }
    })
}

/// The run book as far as the route shows: the mirrored deployment is the shadow.
fn under_way(endpoint: &Endpoint) -> ShadowDraft {
    let mirror = endpoint.route.mirror();
    ShadowDraft {
        at: Some(endpoint.key.clone()),
        name: mirror.map(|mirror| mirror.deployment().clone()),
        mirror: mirror.and_then(|mirror| i64::from(mirror.percent()).try_into().ok()),
        ..ShadowDraft::default()
    }
}

/// Loads the page. If the measurements cannot be read, the page says why in their place.
async fn load(at: EndpointKey) -> Result<(EndpointView, Traffic), ConsoleError> {
    let view = api::read_endpoint(at.clone()).await?;
    let traffic = api::read_traffic(at).await.unwrap_or_else(|error| Traffic {
        start: view.now,
        series: Vec::new(),
        trouble: Some(error.to_string()),
    });
    Ok((view, traffic))
}
