//! The test request form, which sends without leaving the page.

use super::answer::{Answers, answered};
use super::api::send_test;
use crate::components::problem::Refusal;
use crate::paths;
use crate::ui::typed;
use domain::evidence::Kind;
use domain::evidence::form::KIND;
use domain::name::DeploymentName;
use domain::scoring::{Answer, TestTarget};
use domain::stage::EndpointKey;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The form's state.
#[derive(Clone, Copy)]
struct Bench {
    at: StoredValue<EndpointKey>,
    chosen: RwSignal<Vec<String>>,
    body: RwSignal<String>,
    waiting: RwSignal<bool>,
    answers: RwSignal<Vec<Answer>>,
    error: RwSignal<Option<crate::error::ConsoleError>>,
}

impl Bench {
    fn send(self, event: &SubmitEvent) {
        // A button with its own address leads to another page.
        if event.submitter().is_some_and(|button| button.has_attribute("formaction")) {
            return;
        }
        event.prevent_default();
        let (at, body) = (self.at.get_value(), self.body.get_untracked());
        let targets: Vec<_> =
            self.chosen.get_untracked().iter().filter_map(|t| target(t)).collect();
        self.waiting.set(true);
        self.error.set(None);
        self.answers.set(Vec::new());
        spawn_local(async move {
            for target in targets {
                match send_test(at.clone(), target, body.clone()).await {
                    Ok(answer) => self.answers.update(|answers| answers.push(answer)),
                    Err(error) => self.error.set(Some(error)),
                }
            }
            self.waiting.set(false);
        });
    }

    /// The results in sentences for screen readers, without the bodies.
    fn said(self) -> String {
        let answers = self.answers.get();
        if self.waiting.get() || answers.is_empty() {
            return String::new();
        }
        answers.iter().map(answered).collect::<Vec<_>>().join(" ")
    }
}

/// The target that goes through the traffic split instead of to one deployment.
const SPLIT: &str = "split";

/// The id of a target's checkbox.
fn id(value: &str) -> String {
    format!("to-{value}")
}

fn target(value: &str) -> Option<TestTarget> {
    if value == SPLIT {
        Some(TestTarget::Split)
    } else {
        value.parse().ok().map(TestTarget::Deployment)
    }
}

/// The test request form, which sends without leaving the page.
#[island]
pub fn TestBench(
    at: EndpointKey,
    names: Vec<DeploymentName>,
    chosen: Vec<String>,
    body: String,
    /// The responses to the last request.
    answers: Vec<Answer>,
    /// Why this person may not send a request; `None` if they may.
    may_not: Option<String>,
) -> impl IntoView {
    let (action, capture) = (paths::test(&at), paths::test(&at));
    let mut targets = vec![(SPLIT.to_owned(), "Endpoint (traffic split)".to_owned())];
    targets.extend(names.iter().map(|name| (name.to_string(), name.to_string())));
    let ticked =
        |(value, _): &&(String, String)| typed::in_checkbox(&id(value), chosen.contains(value));
    let ticked: Vec<_> = targets.iter().filter(ticked).map(|(value, _)| value.clone()).collect();
    let bench = Bench {
        at: StoredValue::new(at),
        chosen: RwSignal::new(chosen),
        body: RwSignal::new(body.clone()),
        waiting: RwSignal::new(false),
        answers: RwSignal::new(answers),
        error: RwSignal::new(None),
    };
    let value = typed::area("body", bench.body);
    Effect::new(move |_| bench.chosen.set(ticked.clone()));
    let choices = targets.into_iter().map(|(value, words)| view! { <Choice bench value words /> });
    view! {
        <form class="bench" method="post" action=action on:submit=move |event| bench.send(&event)>
            <fieldset>
                <legend>"Send to"</legend>
                {choices.collect::<Vec<_>>()}
            </fieldset>
            <label for="body">"Body (JSON)"</label>
            <textarea id="body" name="body" rows="8" spellcheck="false" prop:value=value
                on:input=move |event| bench.body.set(event_target_value(&event))>
                {body}
            </textarea>
            <Send bench may_not action=capture />
        </form>
        <p class="unseen" role="status">{move || bench.said()}</p>
        <div class="outcome" aria-busy=move || bench.waiting.get().to_string()>
            {move || bench.error.get().map(|error| view! { <Refusal error /> })}
            {move || (!bench.answers.with(Vec::is_empty)).then(|| view! { <Answers answers=bench.answers.get() /> })}
        </div>
    }
}

#[component]
fn Choice(bench: Bench, value: String, words: String) -> impl IntoView {
    let value = StoredValue::new(value);
    let checked = move || bench.chosen.with(|all| value.with_value(|value| all.contains(value)));
    let change = move |_| {
        let value = value.get_value();
        bench.chosen.update(|all| {
            if all.contains(&value) { all.retain(|v| *v != value) } else { all.push(value) }
        });
    };
    view! {
        <label class="choice">
            <input type="checkbox" name="target" id=value.with_value(|value| id(value)) value=value.get_value() checked=checked prop:checked=checked on:change=change />
            {words}
        </label>
    }
}

#[component]
fn Send(bench: Bench, may_not: Option<String>, action: String) -> impl IntoView {
    let scripted = RwSignal::new(false);
    Effect::new(move |_| scripted.set(true));
    let is_forbidden = may_not.is_some();
    // Without scripts the server checks this, and keeps the form's content.
    let not_two = Memo::new(move |_| {
        let are_two = bench.chosen.with(|all| all.len() == 2 && !all.contains(&SPLIT.to_owned()));
        scripted.get() && !are_two
    });
    let reason = Memo::new(move |_| {
        let nobody =
            bench.chosen.with(Vec::is_empty).then(|| "Choose at least one target.".to_owned());
        may_not.clone().or(nobody)
    });
    let disabled = move || reason.with(Option::is_some) || bench.waiting.get();
    view! {
        <p class="actions">
            <button type="submit" class="button" data-variant="lead" disabled=disabled aria-describedby="send-reason">
                {move || if bench.waiting.get() { "Sending…" } else { "Send" }}
            </button>
            <button type="submit" class="button" formaction=action name=KIND value=Kind::ReplayDiff.word()
                disabled=move || is_forbidden || not_two.get() aria-describedby="capture-about">
                "Capture a replay diff"
            </button>
            <span class="reason" id="send-reason">
                {reason}
            </span>
        </p>
        <p class="about" id="capture-about">
            "A replay diff is evidence. It sends the request to two deployments, one of them live, and stores where the responses differ, but neither the request nor the responses. Choose two deployments by name."
        </p>
    }
}
