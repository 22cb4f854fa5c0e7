//! The page of all images, by stage.

use super::api::read_images;
use crate::components::ages::Ages;
use crate::components::job::JobBadge;
use crate::components::load::loaded;
use crate::components::page_head::PageHead;
use crate::paths;
use crate::port::{ImageSummary, ImagesView, StageImages};
use crate::ui::badge::Tone;
use crate::ui::columns::columns;
use crate::ui::empty::Empty;
use crate::ui::notice::Notice;
use crate::ui::time::Time;
use crate::ui::written::Written;
use domain::name::StageName;
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// All images.
#[component]
pub fn ImagesPage() -> impl IntoView {
    loaded(read_images(), |view| view! { <Page view /> })
}

#[component]
pub(super) fn Page(view: ImagesView) -> impl IntoView {
    let ImagesView { now, stages } = view;
    let has_none = stages.is_empty();
    let section = |stage| view! { <StageSection stage now /> };
    view! {
        <Ages now />
        <PageHead title="Images" trail=vec![] here="Images">
            <p>"The Azure ML environments of each stage. A deployment runs one version of an environment, which names a container image."</p>
        </PageHead>
        {stages.into_iter().map(section).collect::<Vec<_>>()}
        {has_none.then(|| view! {
            <Empty>"No stage is configured. Add one under “stages:” in the configuration file and restart the console."</Empty>
        })}
    }
}

#[component]
fn StageSection(stage: StageImages, now: Timestamp) -> impl IntoView {
    let StageImages { stage: name, trouble, images, more } = stage;
    let heading = format!("stage-{name}");
    let labelled_by = heading.clone();
    let is_empty = images.is_empty() && trouble.is_none();
    let table = (!images.is_empty()).then(|| {
        let name = name.clone();
        view! { <Images stage=name images now /> }
    });
    let trouble = trouble.map(|reason| {
        view! {
            <Notice tone=Tone::Warn title="The environments could not be read"><p><Written text=reason /></p></Notice>
        }
    });
    let more = (more > 0).then(|| {
        let words =
            if more == 1 { "1 environment is not listed." } else { "environments are not listed." };
        let count = (more > 1).then_some(more);
        view! { <p class="reason">{count} " " {words}</p> }
    });
    view! {
        <section class="section" aria-labelledby=labelled_by>
            <div class="margin"><h2 id=heading>{name.to_string()}</h2></div>
            <div class="body">
                {trouble}
                {table}
                {more}
                {is_empty.then(|| view! {
                    <Empty>"This stage has no environments yet. Build an image from a release to register one."</Empty>
                })}
            </div>
        </section>
    }
}

#[component]
fn Images(stage: StageName, images: Vec<ImageSummary>, now: Timestamp) -> impl IntoView {
    let label = format!("Images of {stage}");
    let row = |image| view! { <Row stage=stage.clone() image now /> };
    let rows = images.into_iter().map(row).collect::<Vec<_>>();
    view! {
        <table class="releases images" aria-label=label>
            {columns(["Environment", "Latest version", "Deployments", "Newest build"])}
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Row(stage: StageName, image: ImageSummary, now: Timestamp) -> impl IntoView {
    let ImageSummary { name, latest, description, registered, uses, job } = image;
    let href = paths::image(&stage, &name);
    let clock = Signal::stored(now);
    let latest = latest.unwrap_or_else(|| "–".to_owned());
    let registered =
        registered.map(|at| view! { <small>"registered " <Time at now=clock /></small> });
    let uses = match uses {
        0 => "not used".to_owned(),
        1 => "1 deployment".to_owned(),
        count => format!("{count} deployments"),
    };
    let about =
        (!description.is_empty()).then(|| view! { <small><Written text=description /></small> });
    let job = match job {
        Some(job) => view! {
            <a href=paths::job(&job.id)>"from " {job.build.short().to_owned()}</a> " "
            <JobBadge progress=job.progress />
            <small><Time at=job.started now=clock /></small>
        }
        .into_any(),
        None => "–".into_any(),
    };
    view! {
        <tr>
            <th scope="row"><a href=href>{name}</a> {about}</th>
            <td data-label="Latest version"><span>{latest} {registered}</span></td>
            <td data-label="Deployments"><span>{uses}</span></td>
            <td data-label="Newest build"><span>{job}</span></td>
        </tr>
    }
}
