//! An endpoint's or a deployment's export as a page.

use super::api;
use crate::domain::document::{Document, Export, Form};
use crate::domain::name::DeploymentName;
use crate::domain::stage::EndpointKey;
use crate::features::address;
use crate::features::document::DocumentView;
use crate::features::frame::Crumbs;
use crate::features::load::loaded;
use crate::paths;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use crate::ui::section::Section;
use leptos::prelude::*;
use leptos_meta::Title;

/// An endpoint's or a deployment's export.
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
        <Title text=format!("Export {what}") />
        <Crumbs trail here="Export" />
        <header class="head">
            <h1>"Export " {what}</h1>
            <p>"What would make it as it is now: YAML as az ml takes it, and the inputs of a job that calls deploy_realtime.yml. Secrets are hidden."</p>
        </header>
        {(!losses.is_empty()).then(|| view! {
            <Notice tone=Tone::Warn title="What these texts do not say">
                <ul class="losses">{losses.into_iter().map(loss).collect::<Vec<_>>()}</ul>
            </Notice>
        })}
        <Section id="documents" title="As it is now">
            <div class="documents">{documents}</div>
        </Section>
    }
}
