//! The result of a job: the environment version, its image, the deployments that use it, and where to deploy it.

use crate::components::image_uses::ImageUses;
use crate::paths;
use crate::port::{ImageUse, JobView, Onward};
use crate::ui::badge::Tone;
use crate::ui::facts::Fact;
use crate::ui::notice::Notice;
use crate::ui::section::Section;
use domain::job::Fact as Found;
use domain::job::build::Build;
use domain::job::view::Progress;
use domain::run_book::{AssetVersion, ShadowDraft};
use domain::stage::EndpointKey;
use leptos::prelude::*;

/// What the job made.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Made {
    build: Build,
    version: String,
    image: Option<String>,
    digest: Option<String>,
    uses: Vec<ImageUse>,
    /// The run or the change that followed: its words and its page.
    followed: Option<(&'static str, String)>,
}

fn made(view: &JobView) -> Option<Made> {
    if view.job.progress != Progress::Succeeded {
        return None;
    }
    let facts =
        view.steps.iter().filter_map(|step| step.output.as_ref()).flat_map(|output| &output.facts);
    let mut images = facts.filter_map(|fact| match fact {
        Found::Version { image, .. } => Some(image.clone()),
        _ => None,
    });
    Some(Made {
        build: view.job.build.clone(),
        version: view.version.clone()?,
        image: images.next(),
        digest: view.digest.clone(),
        uses: view.uses.clone(),
        followed: followed(view),
    })
}

fn followed(view: &JobView) -> Option<(&'static str, String)> {
    let run = view.deployment.as_ref().map(|run| ("The run of the release", paths::run(run)));
    run.or_else(|| Some(("The proposed change", paths::change(view.change.as_ref()?))))
}

/// The result; nothing while the job has not succeeded.
#[component]
pub fn Outcome(view: JobView) -> impl IntoView {
    let made = made(&view)?;
    Some(view! { <Result made onward=view.onward /> })
}

/// What a job that did not succeed leaves in the registry.
#[component]
pub fn LeftBehind(view: JobView) -> impl IntoView {
    let is_over = !view.job.progress.is_open() && view.job.progress != Progress::Succeeded;
    let facts =
        view.steps.into_iter().filter_map(|step| step.output).flat_map(|output| output.facts);
    let mut pushed = facts.filter_map(|fact| match fact {
        Found::Image { reference, .. } => Some(reference),
        _ => None,
    });
    let image = pushed.next().filter(|_| is_over && view.version.is_none())?;
    let [fixed, moving] = view.job.build.pushed();
    Some(view! {
        <Notice tone=Tone::Warn title="The image stays in the registry">
            <p>
                "The registry had already pushed " <code>{image}</code> " with the tags " <code>{fixed}</code> " and "
                <code>{moving}</code> ". No environment version was registered. A deployment whose version names one of these "
                "tags runs this image on new instances."
            </p>
        </Notice>
    })
}

#[component]
fn Result(made: Made, onward: Onward) -> impl IntoView {
    let Made { build, version, image, digest, uses, followed } = made;
    let name = build.image.to_string();
    let page = paths::image(&build.stage, &name);
    let full = format!("{name}:{version}");
    let named = image.clone().unwrap_or_default();
    let is_in_image = move |digest: &String| named.ends_with(digest.as_str());
    let deploy = view! { <Deploy version=full.clone() commit=build.commit.clone() onward /> };
    view! {
        <Section id="result" title="Result">
            <dl class="facts">
                <Fact term="Environment version"><a href=page>{full}</a></Fact>
                <Fact term="Stage">{build.stage.to_string()}</Fact>
                {image.map(|image| view! { <Fact term="Image"><code>{image}</code></Fact> })}
                {digest.filter(|digest| !is_in_image(digest)).map(|digest| view! { <Fact term="Digest"><code>{digest}</code></Fact> })}
                {followed.map(|(words, href)| view! { <Fact term="Release"><a href=href>{words}</a></Fact> })}
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
    commit: String,
    onward: Onward,
) -> impl IntoView {
    let version: AssetVersion = version.parse().ok()?;
    let Onward { release, endpoints } = onward;
    let plan = release.map(|release| paths::plan_at_commit(&release, &commit));
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
