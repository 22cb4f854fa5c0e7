//! One release: its status, inputs, files and problems.

use super::api;
use super::drift::{Drifts, StandingBadge, drifts};
use super::files::Files;
use super::findings::{Findings, Notes};
use super::inputs::Inputs;
use super::repository::{RevisionLine, Unread};
use crate::components::address;
use crate::components::crumbs::Crumbs;
use crate::components::load::loaded;
use crate::components::route_bar::RouteBar;
use crate::paths;
use crate::port::{BuildRequest, ReleaseView};
use crate::ui::facts::Fact;
use crate::ui::section::Section;
use domain::endpoint::Endpoint;
use domain::infra::Infra;
use domain::release::origin::Origin;
use domain::release::version::{Form, TemplateVersion};
use domain::release::{Definition, Release, Template};
use domain::repository::{Defined, Reference, ReleaseId};
use leptos::prelude::*;
use leptos_meta::Title;

/// The page of a release.
#[component]
pub fn ReleasePage() -> impl IntoView {
    let (id, reference) = (address::release(), api::reference());
    let load = async { api::read_release(id?, reference?).await };
    loaded(load, |view: ReleaseView| view! { <Page view /> })
}

/// The breadcrumbs of a release's pages.
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
    let actions = view! { <Actions release=release.clone() id=id.clone() reference is_valid=problems.is_empty() /> };
    let broken = (!problems.is_empty()).then(|| {
        let problems = problems.clone();
        view! {
            <Section id="problems" title="Problems" note="Fix these problems in the files, or override the inputs, to plan this release.">
                <Findings problems linked=true />
            </Section>
        }
    });
    let remarks = (!notes.is_empty()).then(|| {
        view! {
            <Section id="notes" title="Notes" note="How GitHub and the templates would handle this release.">
                <Notes notes linked=true />
            </Section>
        }
    });
    let drifts = drifts(&standing);
    let (origin, version) = (release.origin.clone(), version_words(&release.version));
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
        {broken}
        {remarks}
        <Section id="running" title="Running" note="The declared endpoint and deployments compared with Azure. The plan also compares monitoring.">
            {endpoint.map(|endpoint| view! { <Running endpoint /> })}
            {drifts.map(|drifts| view! { <Drifts drifts /> })}
            <Origins origin id version />
        </Section>
        <Section id="inputs" title="Inputs" note="The job's with: block, as written.">
            <Inputs release />
        </Section>
        {infra.map(|infra| view! { <InfraFacts infra /> })}
        <Section id="files" title="Files" note="At this commit.">
            <Files files problems />
        </Section>
    }
}

/// Whether this version of the templates builds before it deploys. If only GitHub knows whether it deploys, it may.
fn builds_first(release: &Release) -> bool {
    match &release.definition {
        Some(Definition::Deploy(deploy)) => deploy.builds_first(&release.version) != Some(false),
        Some(Definition::Build(_)) => false,
        None => release.template == Template::DeployRealtime && release.version.builds_first(),
    }
}

/// Links to the pages that plan the release and build its image.
#[component]
fn Actions(
    release: Release,
    id: ReleaseId,
    reference: Option<Reference>,
    /// Whether the release can be planned with the inputs of its files.
    is_valid: bool,
) -> impl IntoView {
    let deploys = release.template == Template::DeployRealtime;
    let plan = deploys.then(|| {
        let href =
            format!("{}{}", paths::plan_release(&id), paths::at_reference(reference.as_ref()));
        view! {
            <a class="button" data-variant=is_valid.then_some("lead") href=href>
                {if is_valid { "Plan deployment" } else { "Override inputs" }}
            </a>
        }
    });
    let first = builds_first(&release);
    let build = (!deploys || first).then(|| {
        let request = BuildRequest { reference, deploy: first, ..BuildRequest::of(id) };
        let variant = (!deploys && is_valid).then_some("lead");
        let words = if first { "Build, then deploy" } else { "Build" };
        view! { <a class="button" data-variant=variant href=paths::build(&request)>{words}</a> }
    });
    let about = first.then(|| {
        view! { <p>"This version of the templates builds the image before it deploys."</p> }
    });
    view! {
        {about}
        <nav class="toolbar" aria-label="Actions">{plan} {build}</nav>
    }
}

/// The endpoint's current route.
#[component]
fn Running(endpoint: Endpoint) -> impl IntoView {
    let route = endpoint.route.clone();
    let (words, href) = (route.to_string(), paths::endpoint(&endpoint.key));
    let name = endpoint.key.endpoint.to_string();
    view! {
        <p><a href=href>{name}</a> " runs " <b>{words}</b></p>
        <RouteBar endpoint route />
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
            <Fact term="Template version">{version}</Fact>
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
    let fact = |(term, named): (&'static str, domain::infra::Named)| {
        let note = named.derived.then(|| view! { " " <small>"derived"</small> });
        view! { <Fact term=term><span>{named.name} {note}</span></Fact> }
    };
    view! {
        <Section id="infra" title="Infrastructure" note="From namespace, postfix and environment. The templates take only the workspace and the resource group from the file.">
            <dl class="facts">
                {names.into_iter().map(fact).collect::<Vec<_>>()}
                <Fact term="Location">{infra.location.unwrap_or_else(|| "–".to_owned())}</Fact>
            </dl>
        </Section>
    }
}
