//! One version of an image.

use super::archive::Archive;
use crate::components::image_uses::ImageUses;
use crate::paths;
use crate::port::ImageVersion;
use crate::ui::badge::{Badge, Tone};
use crate::ui::facts::Fact;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::size::size;
use crate::ui::time::{Time, span};
use crate::ui::written::Written;
use domain::name::StageName;
use domain::timestamp::Timestamp;
use leptos::either::Either;
use leptos::prelude::*;

/// Characters of a commit's hash on screens, as GitHub shows it.
const SHORT_COMMIT: usize = 7;

/// One version of an image.
#[component]
pub fn Version(
    stage: StageName,
    name: String,
    version: ImageVersion,
    is_latest: bool,
    /// The median duration of a build, in milliseconds.
    usual_ms: Option<i64>,
    now: Timestamp,
) -> impl IntoView {
    let id = format!("version-{}", version.version);
    let number = version.version.clone();
    let (archived, may_not) = (version.archived, version.may_not_archive.clone());
    let (warnings, uses) = (version.warnings.clone(), version.uses.clone());
    let job = version.job.as_ref().map(|job| job.id.clone());
    let about = (!version.description.is_empty())
        .then(|| view! { <p><Written text=version.description.clone() /></p> });
    let archive = (!archived).then(|| {
        view! { <Archive stage name version=number.clone() may_not /> }
    });
    view! {
        <li class="version" id=id>
            <div class="states">
                <h3>"Version " {number}</h3>
                {is_latest.then(|| view! { <Badge tone=Tone::Good word="latest" /> })}
                {archived.then(|| view! { <Badge tone=Tone::Quiet word="archived" /> })}
            </div>
            {about}
            <Warnings warnings />
            <Facts version usual_ms now />
            {job.map(|id| view! { <p><a href=paths::job(&id)>"Open the build and its log"</a></p> })}
            <h4>"Deployments"</h4>
            <ImageUses uses none="No deployment uses this version." />
            {archive}
        </li>
    }
}

#[component]
fn Warnings(warnings: Vec<String>) -> impl IntoView {
    (!warnings.is_empty()).then(|| {
        let item = |text: String| {
            view! { <li data-weight="warning"><Icon glyph=Glyph::Warning /> <p><Written text /></p></li> }
        };
        view! { <ul class="remarks">{warnings.into_iter().map(item).collect::<Vec<_>>()}</ul> }
    })
}

#[component]
fn Facts(version: ImageVersion, usual_ms: Option<i64>, now: Timestamp) -> impl IntoView {
    let ImageVersion { image, digest, commit, registered, by, bytes, took_ms, tags, .. } = version;
    let took = took_ms.map(|took| match usual_ms {
        Some(usual) => format!("{}, usually {}", span(took), span(usual)),
        None => span(took),
    });
    let tags: Vec<_> = tags.into_iter().map(|(key, value)| format!("{key}={value}")).collect();
    let tags = (!tags.is_empty()).then(|| tags.join(", "));
    let text = |text: Option<String>| text.map(|text| view! { <Written text /> });
    view! {
        <dl class="facts">
            <Fact term="Commit"><CommitOf commit /></Fact>
            <Fact term="Registered">
                {registered.map(|at| view! { <Time at now=Signal::stored(now) /> })}
                {registered.is_none().then_some("–")}
                {by.map(|by| view! { " by " <Written text=by /> })}
            </Fact>
            {bytes.map(|bytes| view! { <Fact term="Size">{size(bytes)} ", compressed"</Fact> })}
            {took.map(|took| view! { <Fact term="Build took">{took}</Fact> })}
            {tags.is_some().then(|| view! { <Fact term="Tags">{text(tags)}</Fact> })}
            {image.map(|image| view! { <Fact term="Image"><code><Written text=image /></code></Fact> })}
            {digest.map(|digest| view! { <Fact term="Digest"><code>{digest}</code></Fact> })}
        </dl>
    }
}

#[component]
fn CommitOf(commit: Option<String>) -> impl IntoView {
    let Some(commit) = commit else { return Either::Left("unknown") };
    let short = commit.get(..SHORT_COMMIT).unwrap_or(&commit).to_owned();
    Either::Right(view! { <code title=commit>{short}</code> })
}
