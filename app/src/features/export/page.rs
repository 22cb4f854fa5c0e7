//! The page that exports an endpoint or a deployment.

use super::api;
use crate::components::address;
use crate::components::load::loaded;
use crate::components::page_head::PageHead;
use crate::features::document::DocumentView;
use crate::paths;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use crate::ui::section::Section;
use domain::document::{Document, Export, Form};
use domain::name::DeploymentName;
use domain::stage::EndpointKey;
use leptos::prelude::*;

/// The page that exports an endpoint or a deployment.
#[component]
pub fn ExportPage() -> impl IntoView {
    let (at, name) = (address::endpoint(), address::deployment_if_named());
    let load = async {
        let (at, name) = (at?, name?);
        let export = api::read_export(at.clone(), name.clone()).await?;
        Ok((at, name, export))
    };
    loaded(load, |(at, name, export)| view! { <Page at name export /> })
}

#[component]
fn Page(at: EndpointKey, name: Option<DeploymentName>, export: Export) -> impl IntoView {
    let Export { documents, losses } = export;
    let mut trail = vec![(at.endpoint.to_string(), paths::endpoint(&at))];
    trail.extend(name.iter().map(|name| (name.to_string(), paths::deployment(&at, name))));
    let what = name.as_ref().map_or_else(|| at.endpoint.to_string(), ToString::to_string);
    let document = |(of, document): (Option<DeploymentName>, Document)| {
        let href = paths::export_file(&at, of.as_ref(), document.form);
        let open = document.form != Form::Deployment || name.is_some();
        view! { <DocumentView document href open /> }
    };
    let documents = documents.into_iter().map(document).collect::<Vec<_>>();
    let loss = |loss: String| view! { <li>{loss}</li> };
    view! {
        <PageHead title=format!("Export {what}") trail here="Export">
            <p>"Recreates the current state: YAML for az ml, and the inputs of a job that calls deploy_realtime.yml. Secrets are hidden."</p>
        </PageHead>
        {(!losses.is_empty()).then(|| view! {
            <Notice tone=Tone::Warn title="Not included in the export">
                <ul class="losses">{losses.into_iter().map(loss).collect::<Vec<_>>()}</ul>
            </Notice>
        })}
        <Section id="documents" title="Current state">
            <div class="documents">{documents}</div>
        </Section>
    }
}
