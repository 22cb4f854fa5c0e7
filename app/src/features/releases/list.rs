//! All releases by stage: declared, running, and the differences.

use super::api;
use super::drift::StandingBadge;
use super::repository::{ReferenceForm, RepositoryState};
use crate::components::address;
use crate::components::load::loaded;
use crate::paths;
use crate::port::ReleasesView;
use crate::ui::badge::{Badge, Tone};
use crate::ui::columns::columns;
use crate::ui::empty::Empty;
use crate::ui::section::Section;
use domain::release::Template;
use domain::repository::{Reference, Repository, Summary};
use domain::stage::Stage;
use leptos::prelude::*;
use leptos_meta::Title;

/// The page of all releases.
#[component]
pub fn ReleasesPage() -> impl IntoView {
    let reference = api::reference();
    let again = address::query_field("again").is_some();
    let load = async move {
        let reference = reference?;
        let view = api::read_releases(reference.clone(), again).await?;
        Ok((reference, view))
    };
    loaded(load, |(reference, view)| view! { <Page reference view /> })
}

#[component]
fn Page(reference: Option<Reference>, view: ReleasesView) -> impl IntoView {
    let ReleasesView { now, stages, repositories } = view;
    let mut summaries: Vec<Summary> = Vec::new();
    for repository in &repositories {
        summaries.extend(repository.releases.iter().cloned());
    }
    let of = |stage: &Stage| -> Vec<Summary> {
        let here = summaries.iter().filter(|one| one.stage.as_ref() == Some(&stage.name));
        here.cloned().collect()
    };
    let elsewhere: Vec<_> = summaries.iter().filter(|one| one.stage.is_none()).cloned().collect();
    let has_none = repositories.is_empty();
    let were_read = repositories.iter().filter(|repository| repository.was_read()).count();
    let are_all_read = were_read == repositories.len();
    // What no repository was read for is not missing in the workflows. The repositories say why.
    let is_known = has_none || were_read > 0;
    let shown = reference.clone();
    let sections: Vec<_> = stages
        .into_iter()
        .filter(|_| is_known)
        .map(|stage| {
            let (releases, reference) = (of(&stage), shown.clone());
            view! { <StageSection stage releases reference are_all_read /> }
        })
        .collect();
    let at = reference.clone();
    let elsewhere = (!elsewhere.is_empty()).then(move || view! {
        <Section id="elsewhere" title="Other environments" note="Not configured as stages in this console.">
            <Releases releases=elsewhere reference=at named="other environments".to_owned() />
        </Section>
    });
    let state = move |repository: Repository| view! { <li><RepositoryState repository now /></li> };
    view! {
        <Title text="Releases" />
        <header class="head">
            <h1>"Releases"</h1>
            <p>"Compares the endpoints and deployments that the team's workflows declare with what is running. A release's plan also compares monitoring."</p>
            <nav class="toolbar" aria-label="Actions">
                <a class="button" href=paths::RUN_BOOK>"Shadow run book"</a>
            </nav>
        </header>
        <Section id="repositories" title="Repositories">
            <ReferenceForm reference=reference.clone() />
            <ul class="repositories">{repositories.into_iter().map(state).collect::<Vec<_>>()}</ul>
            {has_none.then(|| view! {
                <Empty>"No repository is configured. Add one under “repositories:” in the configuration file and restart the console."</Empty>
            })}
        </Section>
        {sections}
        {elsewhere}
    }
}

#[component]
fn StageSection(
    stage: Stage,
    releases: Vec<Summary>,
    reference: Option<Reference>,
    /// Whether every repository was read.
    are_all_read: bool,
) -> impl IntoView {
    let nothing = match are_all_read {
        true => "No workflow job builds or deploys for this stage.",
        false => {
            "In the repositories that were read, no workflow job builds or deploys for this stage."
        }
    };
    let name = stage.name.to_string();
    let heading = format!("stage-{name}");
    let is_empty = releases.is_empty();
    let labelled_by = heading.clone();
    let shown = name.clone();
    view! {
        <section class="section" aria-labelledby=labelled_by>
            <div class="margin">
                <h2 id=heading>{shown}</h2>
                {stage.protected.then(|| view! { <Badge tone=Tone::Warn word="protected" /> })}
                <p>{stage.workspace}</p>
            </div>
            <div class="body">
                {(!is_empty).then(|| view! { <Releases releases reference named=name /> })}
                {is_empty.then(|| view! {
                    <Empty>{nothing}</Empty>
                })}
            </div>
        </section>
    }
}

#[component]
fn Releases(releases: Vec<Summary>, reference: Option<Reference>, named: String) -> impl IntoView {
    let row = |release| view! { <Row release reference=reference.clone() /> };
    view! {
        <table class="releases" aria-label=format!("Releases for {named}")>
            {columns(["Release", "Declared", "Running", "Status"])}
            <tbody>{releases.into_iter().map(row).collect::<Vec<_>>()}</tbody>
        </table>
    }
}

#[component]
fn Row(release: Summary, reference: Option<Reference>) -> impl IntoView {
    let href = paths::release(&release.id, reference.as_ref());
    let line = release.line.map(|line| format!(":{line}")).unwrap_or_default();
    let place = format!("{} · {}{line}", release.id.repository, release.id.workflow);
    let kind = match release.template {
        Template::Build => "Image ",
        Template::DeployRealtime => "Endpoint ",
    };
    let names: Vec<_> = release.deployments.iter().map(ToString::to_string).collect();
    let names = (!names.is_empty()).then(|| view! { <small>"with " {names.join(", ")}</small> });
    let running = match (&release.running, release.template) {
        (Some(route), _) => route.to_string(),
        (None, _) => "–".to_owned(),
    };
    let asks = (!release.questions.is_empty()).then(|| {
        view! { <small>"requires " {release.questions.join(", ")}</small> }
    });
    let refused = release.refused.then(|| {
        view! { <Badge tone=Tone::Bad word="GitHub rejects it" /> " " }
    });
    let problems = (release.problems > 0).then(|| {
        let word = if release.problems == 1 { " problem" } else { " problems" };
        view! { <small>{release.problems} {word}</small> }
    });
    let warnings = (release.warnings > 0).then(|| {
        let word = if release.warnings == 1 { " warning" } else { " warnings" };
        view! { <small>{release.warnings} {word}</small> }
    });
    view! {
        <tr>
            <th scope="row">
                <a href=href>{release.id.job}</a>
                <small>{place}</small>
            </th>
            <td data-label="Declared">
                <span>{kind} <b>{release.target}</b> {names}</span>
            </td>
            <td data-label="Running"><span>{running}</span></td>
            <td data-label="Status">
                <span>{refused} <StandingBadge standing=release.standing /> {asks} {problems} {warnings}</span>
            </td>
        </tr>
    }
}
