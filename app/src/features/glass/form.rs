//! The forms with which glass is broken.

use crate::domain::change::proposal::{REASON, WORDS_MAX};
use crate::domain::glass::deed::YAML;
use crate::domain::glass::{Deed, FORM, GlassId, SEEN, TYPED};
use crate::domain::stage::EndpointKey;
use crate::error::ConsoleError;
use crate::features::problem::Refusal;
use crate::paths;
use crate::submission::Submission;
use crate::ui::section::Section;
use crate::ui::words::WordsField;
use leptos::prelude::*;

/// What the deed is, unseen.
#[component]
fn DeedFields(deed: Deed) -> impl IntoView {
    let hidden =
        |(name, value): (String, String)| view! { <input type="hidden" name=name value=value /> };
    let yaml = match &deed {
        Deed::Create { yaml } if !yaml.is_empty() => Some((YAML.to_owned(), yaml.clone())),
        _ => None,
    };
    deed.fields().into_iter().chain(yaml).map(hidden).collect::<Vec<_>>()
}

/// The reason, the endpoint's name, and the button.
#[component]
pub(super) fn BreakForm(
    /// Where.
    at: EndpointKey,
    /// What.
    deed: Deed,
    /// The hash of what is shown above.
    seen: String,
    /// The form's own id.
    form: GlassId,
    /// What was sent before.
    sent: Option<Submission>,
) -> impl IntoView {
    let said = |name: &str| {
        let sent = sent.as_ref().and_then(|sent| sent.field(name));
        sent.unwrap_or_default().to_owned()
    };
    let (reason, typed) = (said(REASON), said(TYPED));
    let wrong = sent.as_ref().and_then(|sent| match sent.refusal() {
        Some(ConsoleError::Invalid { field, .. }) => field.clone(),
        _ => None,
    });
    let is_wrong = |name: &str| (wrong.as_deref() == Some(name)).then_some("true");
    let invalid = is_wrong(TYPED);
    let name = at.endpoint.to_string();
    let back = paths::endpoint(&at);
    view! {
        <form class="say" method="post" action=paths::break_glass(&at, None) autocomplete="off">
            <DeedFields deed />
            <input type="hidden" name=SEEN value=seen />
            <input type="hidden" name=FORM value=form.0 />
            <p class="field">
                <label for=REASON>"Reason (required)"</label>
                <WordsField name=REASON max=WORDS_MAX value=reason required=true about="reason-about" />
                <small id="reason-about">"Every webhook gets it, and so does the history."</small>
            </p>
            <p class="field">
                <label for=TYPED>"Type the endpoint's name: " <code>{name}</code></label>
                <input type="text" id=TYPED name=TYPED value=typed required spellcheck="false" autocapitalize="off"
                    aria-invalid=invalid />
            </p>
            <p class="actions">
                <button type="submit" class="button" data-variant="danger">"Break glass"</button>
                <a class="button" href=back>"Cancel"</a>
            </p>
        </form>
    }
}

/// The YAML of a new deployment: it is planned before glass can be broken for it.
#[component]
pub(super) fn YamlForm(
    /// Where.
    at: EndpointKey,
    /// What was written before.
    yaml: String,
    /// What is wrong with it.
    problem: Option<ConsoleError>,
) -> impl IntoView {
    let value = yaml.replace('&', "&amp;").replace('<', "&lt;");
    view! {
        <Section id="definition" title="Definition" note="The deployment's YAML, as az ml takes it.">
            {problem.map(|error| view! { <Refusal error /> })}
            <form method="post" class="say" action=paths::break_glass(&at, None) autocomplete="off">
                <DeedFields deed=Deed::Create { yaml: String::new() } />
                <p class="field">
                    <label for=YAML>"Deployment YAML"</label>
                    <textarea id=YAML name=YAML rows="14" spellcheck="false" inner_html=value></textarea>
                </p>
                <p class="actions">
                    <button type="submit" class="button">"Update the plan"</button>
                </p>
            </form>
        </Section>
    }
}
