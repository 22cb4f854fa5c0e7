//! The YAML, checked as one types.

use super::api::check_deployment;
use super::text::{NumberedText, go_to_line};
use crate::domain::spec::{Check, NOT_UTF8, YAML_BYTES_MAX, YamlProblem, too_long};
use crate::domain::stage::EndpointKey;
use crate::features::changes::Carry;
use crate::features::plan::PlanView;
use js_sys::Uint8Array;
use leptos::either::Either;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::HtmlInputElement;

/// How long to wait after the last key before the text is checked.
const QUIET: Duration = Duration::from_millis(400);

/// The YAML, checked as one types.
#[island]
pub fn YamlEditor(
    /// The endpoint.
    at: EndpointKey,
    /// What the form holds.
    yaml: String,
    /// What that amounts to.
    check: Option<Check>,
    /// Why this person may not create it.
    may_not: Option<String>,
    /// Whether the stage asks for approvals.
    protected: bool,
    /// The reason and the time that were written before.
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
            <label for="file">"Take it from a file"</label>
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

fn lines(check: Option<&Check>) -> Vec<u32> {
    match check {
        Some(Check::Unreadable { problems }) => problems.iter().filter_map(|p| p.line).collect(),
        _ => Vec::new(),
    }
}

/// The check in one sentence: what is read out when it changes.
fn sentence(check: &Check) -> String {
    match check {
        Check::Readable { name, plan } if plan.blocked().is_none() => {
            format!("This creates {name}")
        }
        Check::Readable { name, .. } => format!("{name} cannot be created like this"),
        Check::Unreadable { .. } => "This cannot be used yet".to_owned(),
    }
}

/// Checks the text whenever it has not changed for a moment; an answer to an older text is dropped.
fn check_when_quiet(at: EndpointKey, text: RwSignal<String>, check: RwSignal<Option<Check>>) {
    Effect::new(move |last: Option<String>| {
        let now = text.get();
        if last.is_some_and(|last| last != now) {
            let (at, asked) = (at.clone(), now.clone());
            set_timeout(move || ask(at, asked, text, check), QUIET);
        }
        now
    });
}

fn ask(at: EndpointKey, asked: String, text: RwSignal<String>, check: RwSignal<Option<Check>>) {
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

fn unreadable(message: String) -> Check {
    Check::Unreadable {
        problems: vec![YamlProblem { line: None, column: None, field: None, message }],
    }
}

/// A chosen file fills the text, and is forgotten: what is then typed must not lose against it. One that
/// cannot be used is refused here as the server would, and the text stays.
fn take_file(input: &HtmlInputElement, text: RwSignal<String>, refused: RwSignal<Option<String>>) {
    let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
    input.set_value("");
    refused.set(None);
    // As whole bytes: a file has no others.
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

/// What the text amounts to.
#[component]
fn Checked(check: Check, area: NodeRef<html::Textarea>) -> impl IntoView {
    match check {
        Check::Readable { plan, .. } => Either::Left(view! { <PlanView plan=*plan /> }),
        Check::Unreadable { problems } => {
            let item = |problem| view! { <Problem problem area /> };
            Either::Right(view! {
                <ul class="problems" aria-label="Mistakes">{problems.into_iter().map(item).collect::<Vec<_>>()}</ul>
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
    let field = problem.field.map(|field| view! { <code>{field}</code> ": " });
    view! {
        <li>
            {line}
            <span>{field} {problem.message}</span>
        </li>
    }
}

#[component]
fn Create(
    check: RwSignal<Option<Check>>,
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
                Some("Write or choose a YAML first.".to_owned())
            }
            None => None,
            Some(Check::Readable { plan, .. }) => plan.hindered(protected),
            Some(Check::Unreadable { .. }) => Some("Mend what is listed first.".to_owned()),
        });
        may_not.clone().or(checked.filter(|_| scripted.get()))
    });
    view! { <Carry word="Create deployment" variant="lead" reason protected said /> }
}
