//! What is built: the commit, the image, and how.

use crate::ui::facts::Fact;
use crate::ui::section::Section;
use crate::ui::time::{Time, span};
use crate::ui::written::Written;
use domain::job::build::{Build, Method};
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// What is built.
#[component]
pub fn What(
    of: Build,
    /// The layers that the Dockerfile has.
    layers: Vec<String>,
    /// The registry's login server.
    registry: Option<String>,
    /// The median duration of earlier builds, in milliseconds.
    usual_ms: Option<i64>,
    now: Timestamp,
) -> impl IntoView {
    let build = of;
    let method = method(&build.method, registry.as_deref());
    let tags: Vec<_> = build.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let others: Vec<_> = layers.into_iter().filter(|layer| *layer != build.layer).collect();
    let others = (!others.is_empty()).then(|| {
        view! { <small>"The Dockerfile also has " <Written text=others.join(", ") /> "."</small> }
    });
    let usual = usual_ms.map_or_else(|| "not known yet".to_owned(), span);
    let pushed = matches!(build.method, Method::Registry { .. }).then(|| {
        let tags = build.pushed().map(|tag| view! { <code>{tag}</code> <br /> });
        view! { <Fact term="Image tags"><span>{tags.into_iter().collect::<Vec<_>>()}</span></Fact> }
    });
    let context = if build.context.is_empty() { "the whole repository" } else { &build.context };
    let context = context.to_owned();
    let code = build.short().to_owned();
    let Build {
        stage,
        image,
        description,
        layer,
        commit,
        subject,
        committed,
        reference,
        dockerfile,
        ..
    } = build;
    view! {
        <Section id="what" title="What is built" note=method>
            <dl class="facts">
                <Fact term="Commit">
                    <code title=commit>{code}</code> " " <Written text=subject />
                    {committed.map(|at| view! { <small>", " <Time at now=Signal::stored(now) /></small> })}
                </Fact>
                {reference.map(|at| view! { <Fact term="Branch, tag or commit">{at.to_string()}</Fact> })}
                <Fact term="Image and environment">{image.to_string()}</Fact>
                <Fact term="Stage">{stage.to_string()}</Fact>
                <Fact term="Dockerfile layer"><b><Written text=layer /></b> " " {others}</Fact>
                <Fact term="Dockerfile"><code>{dockerfile}</code></Fact>
                <Fact term="Build context">{context}</Fact>
                <Fact term="Description"><Written text=description /></Fact>
                <Fact term="Tags of the environment"><Written text=tags.join(", ") /></Fact>
                {pushed}
                <Fact term="Usual duration">{usual}</Fact>
            </dl>
        </Section>
    }
}

/// How the build is carried out, in plain words.
fn method(method: &Method, registry: Option<&str>) -> String {
    match method {
        Method::Registry { .. } => {
            let registry = registry.unwrap_or("the workspace's registry");
            format!(
                "An Azure Container Registry task builds the image in {registry}. It needs no GitHub runner."
            )
        }
        Method::Workflow { file, on, .. } => {
            format!("GitHub builds the image with the team's workflow {file} on {on}.")
        }
    }
}
