//! The page of a build.

use super::api::plan_build;
use super::inputs::{InputsForm, fields};
use super::jobs::Jobs;
use super::start::Start;
use super::steps::Steps;
use super::what::What;
use crate::components::address;
use crate::components::ages::Ages;
use crate::components::image_uses::ImageUses;
use crate::components::job::OpenJob;
use crate::components::load::loaded;
use crate::components::page_head::PageHead;
use crate::components::problem::Refused;
use crate::error::ConsoleError;
use crate::features::document::DocumentView;
use crate::features::releases::api::{read_release, reference};
use crate::paths;
use crate::port::{BuildPlan, BuildRequest};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::section::Section;
use crate::ui::written::Written;
use domain::document::Document;
use domain::job::form::DEPLOY;
use domain::release::answers;
use domain::release::input::Input;
use leptos::prelude::*;

/// What the page shows.
pub(super) struct Loaded {
    pub request: BuildRequest,
    pub plan: BuildPlan,
    /// The inputs that the person can change, with the values from the file.
    pub inputs: Vec<(String, Option<Input>)>,
}

/// The page of a build.
#[component]
pub fn BuildPage() -> impl IntoView {
    let (release, reference) = (address::release(), reference());
    let answers = answers::of_query(&address::query());
    let load = async move {
        let (release, reference) = (release?, reference?);
        let deploy = address::query_field(DEPLOY).is_some_and(|text| text == "true");
        load(BuildRequest { release, reference, answers, deploy }).await
    };
    loaded(load, |loaded| view! { <Page loaded /> })
}

async fn load(request: BuildRequest) -> Result<Loaded, ConsoleError> {
    let view = read_release(request.release.clone(), request.reference.clone()).await?;
    let plan = plan_build(request.clone()).await?;
    let inputs = fields(&view.defined.release);
    Ok(Loaded { request, plan, inputs })
}

#[component]
pub(super) fn Page(loaded: Loaded) -> impl IntoView {
    let Loaded { request, plan, inputs } = loaded;
    let BuildPlan { now, build, problems, warnings, layers, registry, jobs, open, .. } = plan;
    let BuildPlan { uses, knows_uses, usual_ms, documents, may_not_build, proposes, .. } = plan;
    let job = request.release.job.clone();
    let title = build
        .as_ref()
        .map_or_else(|| format!("Build with {job}"), |build| format!("Build {}", build.image));
    let trail = vec![
        ("Releases".to_owned(), paths::RELEASES.to_owned()),
        (job, paths::release(&request.release, request.reference.as_ref())),
    ];
    let is_open = open.is_some();
    let none = match knows_uses {
        true => "No deployment uses this image yet.",
        false => "The console does not know which deployments use this image.",
    };
    let (started, changed) = (request.clone(), request.clone());
    let what = build.clone().map(|build| {
        let layers = layers.clone();
        view! { <What of=build layers registry usual_ms now /> }
    });
    let planned = build.clone().map(|build| {
        view! {
            <Section id="steps" title="What happens" note="Nothing starts before you press Build.">
                <Steps of=build />
            </Section>
            <Jobs jobs />
        }
    });
    view! {
        <Ages now />
        <PageHead title trail here="Build" />
        <Refused />
        {open.map(|job| view! { <OpenJob job /> })}
        <Problems problems />
        {what}
        {planned}
        <Section id="start" title="Start">
            <Warnings warnings />
            <Start request=started of=build may_not_build is_open proposes />
        </Section>
        <Section id="inputs" title="Inputs" note="Replace the workflow's inputs for this build only. The files do not change.">
            <InputsForm request=changed inputs layers />
        </Section>
        <Section id="uses" title="Deployments" note="They use this image now. A build restarts none of them. If a deployment's version names a tag that the build moves, instances that start later run the new image.">
            <ImageUses uses none=none />
        </Section>
        <Export request documents />
    }
}

/// Why nothing can be built.
#[component]
fn Problems(problems: Vec<String>) -> impl IntoView {
    (!problems.is_empty()).then(|| {
        let item = |text: String| {
            view! { <li><Icon glyph=Glyph::Cross /> <p><Written text /></p></li> }
        };
        view! {
            <Section id="problems" title="Problems" note="Fix them in the files, or replace the inputs below.">
                <ul class="findings">{problems.into_iter().map(item).collect::<Vec<_>>()}</ul>
            </Section>
        }
    })
}

/// What the person should know before they start the build.
#[component]
fn Warnings(warnings: Vec<String>) -> impl IntoView {
    (!warnings.is_empty()).then(|| {
        let item = |text: String| {
            view! { <li data-weight="warning"><Icon glyph=Glyph::Warning /> <p><Written text /></p></li> }
        };
        view! {
            <ul class="remarks" aria-label="Warnings">{warnings.into_iter().map(item).collect::<Vec<_>>()}</ul>
        }
    })
}

/// The commands that do the same by hand.
#[component]
fn Export(request: BuildRequest, documents: Vec<Document>) -> impl IntoView {
    (!documents.is_empty()).then(|| {
        let shown = documents.into_iter().map(|document| {
            let href = paths::build_document(&request, document.form);
            view! { <DocumentView document href /> }
        });
        let shown = shown.collect::<Vec<_>>();
        view! {
            <Section id="take-away" title="Export" note="Does the same by hand. Secrets are hidden.">
                <div class="documents">{shown}</div>
            </Section>
        }
    })
}
