//! The YAML editor, which checks the text while typing.

use super::api::{CheckedYaml, check_deployment};
use super::text::{NumberedText, go_to_line};
use crate::components::plan::PlanPreview;
use crate::components::propose::ApplyOrPropose;
use crate::ui::written::Written;
use domain::spec::{NOT_UTF8, YAML_BYTES_MAX, YamlProblem, too_long};
use domain::stage::EndpointKey;
use domain::text::visible;
use js_sys::Uint8Array;
use leptos::either::Either;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::HtmlInputElement;

/// How long to wait after the last keystroke before checking the text.
const QUIET: Duration = Duration::from_millis(400);

/// The YAML editor, which checks the text while typing.
#[island]
pub fn YamlEditor(
    at: EndpointKey,
    yaml: String,
    check: Option<CheckedYaml>,
    may_not: Option<String>,
    protected: bool,
    said: [String; 2],
) -> impl IntoView {
    let text = RwSignal::new(yaml);
    let check = RwSignal::new(check);
    let area = NodeRef::<html::Textarea>::new();
    let refused = RwSignal::new(None);
    check_when_quiet(at, text, check);
    let wrong = Memo::new(move |_| check.with(|check| lines(check.as_ref())));
    let verdict = Memo::new(move |_| check.with(|check| check.as_ref().map(sentence)));
    view! {
        <p class="field">
            <label for="file">"Load from a file"</label>
            <input type="file" id="file" name="file" accept=".yml,.yaml,text/yaml"
                on:change=move |event| take_file(&event_target(&event), text, refused) aria-describedby="file-refused" />
            <span id="file-refused" class="problem-text" role="alert">{refused}</span>
        </p>
        <div class="yaml">
            <div>
                <label for="yaml">"Deployment YAML"</label>
                <NumberedText text wrong area />
                <Create check text may_not protected said />
            </div>
            <div>
                <div id="verdict" role="status">{move || verdict.get().map(|words| view! { <h3>{words}</h3> })}</div>
                {move || check.get().map(|check| view! { <Checked check area /> })}
            </div>
        </div>
    }
}

fn lines(check: Option<&CheckedYaml>) -> Vec<u32> {
    match check {
        Some(CheckedYaml::Unreadable { problems }) => {
            problems.iter().filter_map(|p| p.line).collect()
        }
        _ => Vec::new(),
    }
}

/// The check's result in one sentence, which screen readers announce.
fn sentence(check: &CheckedYaml) -> String {
    match check {
        CheckedYaml::Readable { name, plan } if plan.hindered(false).is_none() => {
            format!("This creates {name}")
        }
        CheckedYaml::Readable { name, .. } => format!("{name} cannot be created yet"),
        CheckedYaml::Unreadable { .. } => "This YAML has errors".to_owned(),
    }
}

/// Checks the text once typing pauses; results for an older text are dropped.
fn check_when_quiet(at: EndpointKey, text: RwSignal<String>, check: RwSignal<Option<CheckedYaml>>) {
    Effect::new(move |last: Option<String>| {
        let now = text.get();
        if last.is_some_and(|last| last != now) {
            let (at, asked) = (at.clone(), now.clone());
            set_timeout(move || ask(at, asked, text, check), QUIET);
        }
        now
    });
}

fn ask(
    at: EndpointKey,
    asked: String,
    text: RwSignal<String>,
    check: RwSignal<Option<CheckedYaml>>,
) {
    let current = move |asked: &String| text.with_untracked(|text| text == asked);
    if !current(&asked) {
        return;
    }
    if asked.trim().is_empty() {
        return check.set(None);
    }
    spawn_local(async move {
        let answer = check_deployment(at, asked.clone()).await;
        if current(&asked) {
            check.set(Some(answer.unwrap_or_else(|error| unreadable(error.to_string()))));
        }
    });
}

fn unreadable(message: String) -> CheckedYaml {
    CheckedYaml::Unreadable {
        problems: vec![YamlProblem { line: None, column: None, field: None, message }],
    }
}

/// Copies a chosen file into the text and clears the file field, so that later typing is not overridden by the file.
/// An unusable file is rejected as the server would reject it, and the text stays.
fn take_file(input: &HtmlInputElement, text: RwSignal<String>, refused: RwSignal<Option<String>>) {
    let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
    input.set_value("");
    refused.set(None);
    // `size` is a whole number of bytes in a float.
    let size = file.size() as usize;
    if size > YAML_BYTES_MAX {
        return refused.set(Some(too_long(size)));
    }
    let fill = Closure::once(move |read: JsValue| {
        match String::from_utf8(Uint8Array::new(&read).to_vec()) {
            Ok(read) => text.set(read.trim_start_matches('\u{feff}').to_owned()),
            Err(_) => refused.set(Some(NOT_UTF8.to_owned())),
        }
    });
    _ = file.array_buffer().then(&fill);
    fill.forget();
}

/// The plan, or the errors in the text.
#[component]
fn Checked(check: CheckedYaml, area: NodeRef<html::Textarea>) -> impl IntoView {
    match check {
        CheckedYaml::Readable { plan, .. } => Either::Left(view! { <PlanPreview plan /> }),
        CheckedYaml::Unreadable { problems } => {
            let item = |problem| view! { <Problem problem area /> };
            Either::Right(view! {
                <ul class="problems" aria-label="Errors">{problems.into_iter().map(item).collect::<Vec<_>>()}</ul>
            })
        }
    }
}

#[component]
fn Problem(problem: YamlProblem, area: NodeRef<html::Textarea>) -> impl IntoView {
    let place = problem.place();
    let line = problem.line.zip(place).map(|(line, place)| {
        let go = move |_| go_to_line(area, line);
        view! { <button type="button" class="button" data-variant="quiet" on:click=go>{place}</button> }
    });
    let field = problem.field.map(|field| view! { <code>{visible(&field)}</code> ": " });
    view! {
        <li>
            {line}
            <span>{field} <Written text=problem.message /></span>
        </li>
    }
}

#[component]
fn Create(
    check: RwSignal<Option<CheckedYaml>>,
    text: RwSignal<String>,
    may_not: Option<String>,
    protected: bool,
    said: [String; 2],
) -> impl IntoView {
    let scripted = RwSignal::new(false);
    Effect::new(move |_| scripted.set(true));
    let reason = Memo::new(move |_| {
        let checked = check.with(|check| match check {
            None if text.with(|text| text.trim().is_empty()) => {
                Some("Enter a YAML or choose a file.".to_owned())
            }
            None => None,
            Some(CheckedYaml::Readable { plan, .. }) => plan.hindered(protected),
            Some(CheckedYaml::Unreadable { .. }) => Some("Fix the errors listed.".to_owned()),
        });
        may_not.clone().or(checked.filter(|_| scripted.get()))
    });
    view! { <ApplyOrPropose word="Create deployment" variant="lead" reason protected said /> }
}
