//! The form that creates a deployment.

use super::api::{CheckedYaml, check_deployment, read_definition};
use super::editor::YamlEditor;
use super::example::{example, unused, with_environment};
use crate::components::address;
use crate::components::hindrance::Hindrances;
use crate::components::load::loaded;
use crate::components::page_head::PageHead;
use crate::components::problem::Refusal;
use crate::error::ConsoleError;
use crate::features::document::DIRECT;
use crate::features::endpoint::api::read_endpoint;
use crate::features::export::api::read_export;
use crate::paths;
use crate::port::EndpointView;
use crate::submission::{Submission, said};
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use crate::ui::section::Section;
use domain::change::proposal::{REASON, START};
use domain::document::Form;
use domain::endpoint::Endpoint;
use domain::glass::purpose::{CREATE, WHAT};
use domain::intent::{Intent, Yaml};
use domain::name::DeploymentName;
use domain::run::RunId;
use domain::run_book::AssetVersion;
use domain::stage::EndpointKey;
use leptos::prelude::*;

/// What the page shows.
struct Loaded {
    view: EndpointView,
    yaml: String,
    check: Option<CheckedYaml>,
    refusal: Option<ConsoleError>,
}

/// The form that creates a deployment.
#[component]
pub fn NewDeploymentPage() -> impl IntoView {
    let sent = use_context::<Submission>();
    let refusal = sent.as_ref().and_then(|sent| sent.refusal().cloned());
    let sent = sent.and_then(|sent| text(&sent));
    let begin = begin();
    let at = address::endpoint();
    loaded(async move { load(at?, sent, begin, refusal).await }, |loaded| {
        view! { <Page loaded /> }
    })
}

/// What the form is prefilled with.
enum Begin {
    Empty,
    /// The example, under this name or an unused one. The address keeps the name, so that somebody who comes back to the
    /// form does not create a second deployment under the next name.
    Example(Option<DeploymentName>),
    /// The YAML that a run was started with.
    Run(RunId),
    /// The address names something that is no run: why.
    NoRun(String),
    /// The live deployment, or else the example, with this environment version.
    Environment(AssetVersion),
}

/// What the URL asks for.
fn begin() -> Begin {
    match address::query_field("run").map(|run| run.parse::<RunId>()) {
        Some(Ok(run)) => return Begin::Run(run),
        Some(Err(why)) => return Begin::NoRun(why),
        None => {}
    }
    let environment = address::query_field("environment");
    if let Some(version) = environment.and_then(|version| version.parse().ok()) {
        return Begin::Environment(version);
    }
    let example = address::query_field("example");
    example.map_or(Begin::Empty, |name| Begin::Example(name.parse().ok()))
}

/// The submitted file, or else the submitted text.
fn text(sent: &Submission) -> Option<String> {
    let filled = |name| sent.field(name).filter(|text| !text.trim().is_empty());
    filled("file").or_else(|| filled("yaml")).map(str::to_owned)
}

async fn load(
    at: EndpointKey,
    sent: Option<String>,
    begin: Begin,
    refusal: Option<ConsoleError>,
) -> Result<Loaded, ConsoleError> {
    let view = read_endpoint(at.clone()).await?;
    let yaml = match (sent, begin) {
        (Some(sent), _) => sent,
        (None, Begin::Run(run)) => read_definition(run).await?,
        (None, Begin::NoRun(why)) => return Err(ConsoleError::NotFound(format!("{why}."))),
        (None, Begin::Example(name)) => {
            let name = name.as_ref().map_or_else(|| unused(&view.endpoint), DeploymentName::as_str);
            example(&view.endpoint, name)
        }
        (None, Begin::Environment(version)) => {
            let live = live_definition(&view.endpoint).await;
            with_environment(&view.endpoint, live, &version)
        }
        (None, Begin::Empty) => String::new(),
    };
    let check = if yaml.is_empty() { None } else { check_deployment(at, yaml.clone()).await.ok() };
    // The editor shows YAML errors at their lines.
    let refusal =
        refusal.filter(|error| check.is_none() || !matches!(error, ConsoleError::Yaml(_)));
    Ok(Loaded { view, yaml, check, refusal })
}

/// The definition of the deployment with the largest live share; `None` if there is no such deployment or its
/// definition cannot be read.
async fn live_definition(endpoint: &Endpoint) -> Option<String> {
    let split = endpoint.route.split().iter();
    let (name, _) = split.max_by_key(|(_, share)| *share)?;
    let export = read_export(endpoint.key.clone(), Some(name.clone())).await.ok()?;
    let mut documents = export.documents.into_iter().map(|(_, document)| document);
    documents.find(|document| document.form == Form::Deployment).map(|document| document.text)
}

#[component]
fn Page(loaded: Loaded) -> impl IntoView {
    let Loaded { view, yaml, check, refusal } = loaded;
    let said = [REASON, START].map(said);
    let key = view.endpoint.key.clone();
    let trail = vec![(key.endpoint.to_string(), paths::endpoint(&key))];
    let hindering = view.hindering();
    let may_not = view.may_not_change;
    let protected = view.stage.protected;
    let action = paths::new_deployment(&key);
    // The reason is entered on the page that breaks glass.
    let glass = view.may_break_glass.then(|| {
        let to = paths::break_glass(&key, None);
        view! {
            <p class="actions">
                <button type="submit" class="button" data-variant="quiet" name=WHAT value=CREATE formaction=to
                    formnovalidate=true>
                    "Break glass"
                </button>
                <span class="reason">
                    "Create it immediately, against the stage's policy. The next page shows the plan and the rules \
                     that it would override."
                </span>
            </p>
        }
    });
    let of = Intent::CreateDeployment { at: key.clone(), deployment: Yaml::default() };
    view! {
        <PageHead title=format!("New deployment on {}", key.endpoint) trail here="New deployment">
            <p>"The deployment starts with no live or mirrored traffic. The traffic split does not change."</p>
        </PageHead>
        {refusal.map(|error| view! { <Refusal error /> })}
        {may_not.clone().map(|reason| view! { <Notice tone=Tone::Quiet><p>{reason}</p></Notice> })}
        <Hindrances of=hindering />
        <Section id="definition" title="Definition" note="The deployment's YAML for az ml.">
            <form method="post" enctype="multipart/form-data" action=action autocomplete="off">
                <YamlEditor at=key yaml check may_not protected said />
                {glass}
                <PlanDownloads of />
            </form>
            <Example endpoint=view.endpoint />
        </Section>
    }
}

/// Buttons that download the plan instead of creating the deployment.
#[component]
fn PlanDownloads(of: Intent) -> impl IntoView {
    let button = |form: Form| {
        let to = paths::plan_document(&of, form);
        view! {
            <button type="submit" class="button" data-variant="quiet" formaction=to>
                "Download the plan as " {form.words()}
            </button>
        }
    };
    view! { <p class="actions">{DIRECT.map(button).into_iter().collect::<Vec<_>>()}</p> }
}

#[component]
fn Example(endpoint: Endpoint) -> impl IntoView {
    let name = unused(&endpoint);
    let href = format!("{}?example={name}", paths::new_deployment(&endpoint.key));
    view! {
        <details class="example">
            <summary>"An example to start from"</summary>
            <pre tabindex="0" role="region" aria-label="Example">{example(&endpoint, name)}</pre>
            <p>
                <a class="button" href=href>
                    "Use this example"
                </a>
            </p>
        </details>
    }
}
