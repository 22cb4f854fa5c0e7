//! The result of a job: the environment version, its image, the deployments that use it, and where to deploy it.

use crate::components::image_uses::ImageUses;
use crate::live::pick;
use crate::paths;
use crate::port::{ImageUse, JobView};
use crate::ui::facts::Fact;
use crate::ui::section::Section;
use domain::job::Fact as Found;
use domain::job::build::Build;
use domain::job::view::Progress;
use domain::run_book::{AssetVersion, ShadowDraft};
use domain::stage::EndpointKey;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Where the image can be deployed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Onward {
    /// The plan of the deploy release that built the image.
    pub plan: Option<String>,
    /// The stage's endpoints, if there are few.
    pub endpoints: Vec<EndpointKey>,
}

/// What the job made.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Made {
    build: Build,
    version: String,
    image: Option<String>,
    digest: Option<String>,
    uses: Vec<ImageUse>,
}

fn made(view: &JobView) -> Option<Made> {
    if view.job.progress != Progress::Succeeded {
        return None;
    }
    let facts = view.steps.iter().filter_map(|step| step.output.as_ref()?.fact.as_ref());
    let mut image = facts.filter_map(|fact| match fact {
        Found::Version { image, .. } => Some(image.clone()),
        _ => None,
    });
    Some(Made {
        build: view.job.build.clone(),
        version: view.version.clone()?,
        image: image.next_back(),
        digest: view.digest.clone(),
        uses: view.uses.clone(),
    })
}

/// The result; nothing while the job has not succeeded.
#[component]
pub fn Outcome(view: RwSignal<JobView>, onward: Onward) -> impl IntoView {
    let shown = pick(view, made);
    move || shown.get().map(|made| view! { <Result made onward=onward.clone() /> })
}

#[component]
fn Result(made: Made, onward: Onward) -> impl IntoView {
    let Made { build, version, image, digest, uses } = made;
    let name = build.image.to_string();
    let page = paths::image(&build.stage, &name);
    let full = format!("{name}:{version}");
    let deploy = view! { <Deploy version=full.clone() onward /> };
    view! {
        <Section id="result" title="Result">
            <dl class="facts">
                <Fact term="Environment version"><a href=page>{full}</a></Fact>
                <Fact term="Stage">{build.stage.to_string()}</Fact>
                {image.map(|image| view! { <Fact term="Image"><code>{image}</code></Fact> })}
                {digest.map(|digest| view! { <Fact term="Digest"><code>{digest}</code></Fact> })}
            </dl>
            {deploy}
            <h3>"Deployments that use this version"</h3>
            <ImageUses uses none="No deployment uses this version yet." />
        </Section>
    }
}

/// Links to the pages that deploy the image.
#[component]
fn Deploy(
    /// The environment version: `env:3`.
    version: String,
    onward: Onward,
) -> impl IntoView {
    let version: AssetVersion = version.parse().ok()?;
    let Onward { plan, endpoints } = onward;
    let many = endpoints.len() > 1;
    let variant = (plan.is_none() && !many).then_some("lead");
    let plan = plan.map(
        |href| view! { <a class="button" data-variant="lead" href=href>"Plan the release"</a> },
    );
    let link = |at: EndpointKey| {
        let words = match many {
            true => format!("Deploy this image on {}", at.endpoint),
            false => "Deploy this image".to_owned(),
        };
        view! { <a class="button" data-variant=variant href=paths::deploy_image(&at, &version)>{words}</a> }
    };
    let has_endpoints = !endpoints.is_empty();
    let links = endpoints.into_iter().map(link).collect::<Vec<_>>();
    let environment = Some(version.clone());
    let draft = ShadowDraft { environment, ..ShadowDraft::default() };
    let book = (!has_endpoints).then(|| {
        view! { <a class="button" data-variant=variant href=paths::run_book(&draft, None)>"Deploy this image"</a> }
    });
    Some(view! { <p class="actions">{plan} {links} {book}</p> })
}
