//! The form that creates a deployment.

use super::api::{check_deployment, read_definition};
use super::editor::YamlEditor;
use super::example::example;
use crate::domain::change::proposal::{REASON, START};
use crate::domain::document::Form;
use crate::domain::glass::deed::{CREATE, WHAT};
use crate::domain::plan::asked::PlanOf;
use crate::domain::run::RunId;
use crate::domain::spec::Check;
use crate::domain::stage::EndpointKey;
use crate::error::ConsoleError;
use crate::features::address;
use crate::features::document::DIRECT;
use crate::features::endpoint::api::read_endpoint;
use crate::features::frame::Crumbs;
use crate::features::hindrance::Hindrances;
use crate::features::load::loaded;
use crate::features::problem::Refusal;
use crate::paths;
use crate::port::EndpointView;
use crate::submission::Submission;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use crate::ui::section::Section;
use leptos::prelude::*;
use leptos_meta::Title;

/// What the page shows.
struct Loaded {
    view: EndpointView,
    yaml: String,
    said: [String; 2],
    check: Option<Check>,
    refusal: Option<ConsoleError>,
}

/// The form that creates a deployment.
#[component]
pub fn NewDeploymentPage() -> impl IntoView {
    let sent = use_context::<Submission>();
    let refusal = sent.as_ref().and_then(|sent| sent.refusal().cloned());
    let said = [REASON, START]
        .map(|name| sent.as_ref().and_then(|sent| sent.field(name)).unwrap_or_default().to_owned());
    let sent = sent.and_then(|sent| text(&sent));
    let begin = match address::query_field("run").and_then(|run| run.parse().ok()) {
        Some(run) => Begin::Run(run),
        None if address::query_field("example").is_some() => Begin::Example,
        None => Begin::Empty,
    };
    let at = address::endpoint();
    loaded(async move { load(at?, sent, said, begin, refusal).await }, |loaded| {
        view! { <Page loaded /> }
    })
}

/// What the form holds before anybody has written something.
enum Begin {
    Empty,
    Example,
    /// What a run was to create.
    Run(RunId),
}

/// What was sent: the file, if there was one, else what was typed.
fn text(sent: &Submission) -> Option<String> {
    let filled = |name| sent.field(name).filter(|text| !text.trim().is_empty());
    filled("file").or_else(|| filled("yaml")).map(str::to_owned)
}

async fn load(
    at: EndpointKey,
    sent: Option<String>,
    said: [String; 2],
    begin: Begin,
    refusal: Option<ConsoleError>,
) -> Result<Loaded, ConsoleError> {
    let view = read_endpoint(at.clone()).await?;
    let yaml = match (sent, begin) {
        (Some(sent), _) => sent,
        (None, Begin::Run(run)) => read_definition(run).await?,
        (None, Begin::Example) => example(&view.endpoint),
        (None, Begin::Empty) => String::new(),
    };
    let check = if yaml.is_empty() { None } else { check_deployment(at, yaml.clone()).await.ok() };
    // What is wrong with the text is said at its lines.
    let refusal =
        refusal.filter(|error| check.is_none() || !matches!(error, ConsoleError::Yaml(_)));
    Ok(Loaded { view, yaml, said, check, refusal })
}

#[component]
fn Page(loaded: Loaded) -> impl IntoView {
    let Loaded { view, yaml, said, check, refusal } = loaded;
    let key = view.endpoint.key.clone();
    let trail = vec![(key.endpoint.to_string(), paths::endpoint(&key))];
    let ((gate, run), stage) = (view.hindrances(), view.stage.name.clone());
    let may_not = view.may_not_change;
    let protected = view.stage.protected;
    let action = paths::new_deployment(&key);
    // Its reason is written where glass is broken.
    let glass = view.may_break_glass.then(|| {
        let to = paths::break_glass(&key, None);
        view! {
            <p class="actions">
                <button type="submit" class="button" data-variant="quiet" name=WHAT value=CREATE formaction=to
                    formnovalidate=true>
                    "Break glass"
                </button>
                <span class="reason">
                    "Create it at once, against the stage's policy. The next page shows the plan and the rules that \
                     it would set aside."
                </span>
            </p>
        }
    });
    let of = PlanOf::Creation { at: key.clone(), yaml: String::new() };
    view! {
        <Title text=format!("New deployment on {}", key.endpoint) />
        <Crumbs trail here="New deployment" />
        <header class="head">
            <h1>"New deployment on " {key.endpoint.to_string()}</h1>
            <p>"It starts without live and without mirrored traffic; the route stays as it is."</p>
        </header>
        {refusal.map(|error| view! { <Refusal error /> })}
        {may_not.clone().map(|reason| view! { <Notice tone=Tone::Quiet><p>{reason}</p></Notice> })}
        <Hindrances gate stage run />
        <Section id="definition" title="Definition" note="The deployment's YAML, as az ml takes it.">
            <form method="post" enctype="multipart/form-data" action=action autocomplete="off">
                <YamlEditor at=key yaml check may_not protected said />
                {glass}
                <PlanDownloads of />
            </form>
            <Example endpoint=view.endpoint />
        </Section>
    }
}

/// The form's other ends: its plan as a file.
#[component]
fn PlanDownloads(of: PlanOf) -> impl IntoView {
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
fn Example(endpoint: crate::domain::endpoint::Endpoint) -> impl IntoView {
    let href = format!("{}?example=1", paths::new_deployment(&endpoint.key));
    view! {
        <details class="example">
            <summary>"An example to start from"</summary>
            <pre tabindex="0" role="region" aria-label="Example">{example(&endpoint)}</pre>
            <p>
                <a class="button" href=href>
                    "Start from this"
                </a>
            </p>
        </details>
    }
}
