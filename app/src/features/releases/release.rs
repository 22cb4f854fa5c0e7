//! One release: its inputs, its files, what is wrong with them, and how it stands.

use super::api;
use super::files::Files;
use super::findings::{Findings, Notes};
use super::inputs::Inputs;
use super::repository::{RevisionLine, Unread};
use super::standing::{Drifts, StandingBadge};
use crate::domain::infra::Infra;
use crate::domain::release::Template;
use crate::domain::release::origin::Origin;
use crate::domain::release::version::{Form, TemplateVersion};
use crate::domain::repository::{Defined, ReleaseId};
use crate::domain::stage::EndpointKey;
use crate::domain::standing::Standing;
use crate::features::address;
use crate::features::frame::Crumbs;
use crate::features::load::loaded;
use crate::features::route::RouteBar;
use crate::paths;
use crate::port::ReleaseView;
use crate::ui::facts::Fact;
use crate::ui::section::Section;
use leptos::prelude::*;
use leptos_meta::Title;

/// One release.
#[component]
pub fn ReleasePage() -> impl IntoView {
    let (id, reference) = (address::release(), api::reference());
    let load = async { api::read_release(id?, reference?).await };
    loaded(load, |view: ReleaseView| view! { <Page view /> })
}

/// The way back from a release's pages.
pub fn trail() -> Vec<(String, String)> {
    vec![("Releases".to_owned(), paths::RELEASES.to_owned())]
}

#[component]
fn Page(view: ReleaseView) -> impl IntoView {
    let ReleaseView { now, repository, defined, standing, endpoint } = view;
    let Defined { id, release, infra, files, problems, notes, .. } = defined;
    let job = id.job.clone();
    let revision = repository.revision;
    let reference = revision.as_ref().and_then(|revision| revision.reference.clone());
    let what = match release.template {
        Template::Build => "Builds an image",
        Template::DeployRealtime => "Deploys to an endpoint",
    };
    let count = problems.len();
    let plan = paths::plan_release(&id);
    let at = paths::at_reference(reference.as_ref());
    let running = endpoint.map(|endpoint| {
        let route = endpoint.route.clone();
        let (words, href) = (route.to_string(), paths::endpoint(&endpoint.key));
        let EndpointKey { endpoint: name, .. } = endpoint.key.clone();
        view! {
            <p><a href=href>{name.to_string()}</a> " runs " <b>{words}</b></p>
            <RouteBar endpoint route />
        }
    });
    let drifts = match &standing {
        Standing::Differs { fields, .. } => Some(fields.clone()),
        _ => None,
    };
    let origin = release.origin.clone();
    let found = problems.clone();
    let found = (count > 0).then(|| {
        view! {
            <Section id="problems" title="Problems" note="Nothing can be planned until these are corrected.">
                <Findings problems=found linked=true />
            </Section>
        }
    });
    let notes = (!notes.is_empty()).then(|| {
        view! {
            <Section id="notes" title="Notes" note="What GitHub and the templates would do with it.">
                <Notes notes linked=true />
            </Section>
        }
    });
    let version = version_words(&release.version);
    let actions = (release.template == Template::DeployRealtime).then(|| {
        view! {
            <nav class="toolbar" aria-label="Actions">
                <a class="button" data-variant="lead" href=format!("{plan}{at}")>"Plan a deploy"</a>
            </nav>
        }
    });
    view! {
        <Title text=job.clone() />
        <Crumbs trail=trail() here=job.clone() />
        <header class="head release-head">
            <h1>{job}</h1>
            <p>{what} ". " <StandingBadge standing /></p>
            {revision.map(|revision| view! { <RevisionLine revision now /> })}
            {actions}
        </header>
        <Unread freshness=repository.freshness />
        {found}
        {notes}
        <Section id="running" title="Runs" note="What is defined, against what Azure has.">
            {running}
            {drifts.map(|drifts| view! { <Drifts drifts /> })}
            <Origins origin id version />
        </Section>
        <Section id="inputs" title="Inputs" note="The job's with: block, as it is written.">
            <Inputs release />
        </Section>
        {infra.map(|infra| view! { <InfraFacts infra /> })}
        <Section id="files" title="Files" note="As they are at this commit.">
            <Files files problems />
        </Section>
    }
}

#[component]
fn Origins(origin: Origin, id: ReleaseId, version: String) -> impl IntoView {
    let line = origin.line.map(|line| format!(":{line}")).unwrap_or_default();
    let needs = if origin.needs.is_empty() { "–".to_owned() } else { origin.needs.join(", ") };
    view! {
        <dl class="facts">
            <Fact term="Repository">{id.repository}</Fact>
            <Fact term="Job"><code>{origin.workflow} {line}</code></Fact>
            <Fact term="Calls"><code>{origin.uses}</code></Fact>
            <Fact term="Read as">{version}</Fact>
            <Fact term="Runs if"><code>{origin.condition.unwrap_or_else(|| "always".to_owned())}</code></Fact>
            <Fact term="Waits for">{needs}</Fact>
        </dl>
    }
}

/// `v2.2.4, blue and green`
fn version_words(version: &TemplateVersion) -> String {
    match version.form() {
        Form::First => version.edition.to_string(),
        Form::BlueGreen => format!("{}, blue and green", version.edition),
    }
}

#[component]
fn InfraFacts(infra: Infra) -> impl IntoView {
    let names = [
        ("Workspace", infra.workspace),
        ("Resource group", infra.resource_group),
        ("Key vault", infra.key_vault),
        ("Application Insights", infra.app_insights),
        ("Load test resource", infra.load_test),
        ("Action group", infra.action_group),
    ];
    let fact = |(term, named): (&'static str, crate::domain::infra::Named)| {
        let note = named.derived.then(|| view! { " " <small>"derived"</small> });
        view! { <Fact term=term><span>{named.name} {note}</span></Fact> }
    };
    view! {
        <Section id="infra" title="Infra" note="From namespace, postfix and environment. The templates take only the workspace and the resource group from the file.">
            <dl class="facts">
                {names.into_iter().map(fact).collect::<Vec<_>>()}
                <Fact term="Location">{infra.location.unwrap_or_else(|| "–".to_owned())}</Fact>
            </dl>
        </Section>
    }
}
