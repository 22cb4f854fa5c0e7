//! The forms that break glass.

use crate::components::problem::Refusal;
use crate::error::ConsoleError;
use crate::paths;
use crate::submission::Submission;
use crate::ui::section::Section;
use crate::ui::words::WordsField;
use domain::change::proposal::{REASON, WORDS_MAX};
use domain::glass::purpose::YAML;
use domain::glass::{FORM, GlassId, Purpose, SEEN, TYPED};
use domain::intent::{Intent, Yaml};
use domain::stage::EndpointKey;
use leptos::prelude::*;

/// The purpose as hidden fields.
#[component]
fn PurposeFields(purpose: Purpose) -> impl IntoView {
    let hidden =
        |(name, value): (String, String)| view! { <input type="hidden" name=name value=value /> };
    let yaml = match &purpose {
        Purpose::Intent(Intent::CreateDeployment { deployment: Yaml(yaml), .. })
            if !yaml.is_empty() =>
        {
            Some((YAML.to_owned(), yaml.clone()))
        }
        _ => None,
    };
    purpose.fields().into_iter().chain(yaml).map(hidden).collect::<Vec<_>>()
}

/// The form with the reason, the typed endpoint name and the button.
#[component]
pub(super) fn BreakForm(
    at: EndpointKey,
    purpose: Purpose,
    /// The hash of the plan and rules that the page shows.
    seen: String,
    form: GlassId,
    /// The number of configured webhooks.
    webhooks: usize,
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
    let notified = match webhooks {
        0 => {
            "Recorded in the audit log. No webhooks are configured, so nobody is notified: tell your team."
        }
        _ => "Sent to every configured webhook and recorded in the audit log.",
    };
    view! {
        <form class="say" method="post" action=paths::break_glass(&at, None) autocomplete="off">
            <PurposeFields purpose />
            <input type="hidden" name=SEEN value=seen />
            <input type="hidden" name=FORM value=form.0 />
            <p class="field">
                <label for=REASON>"Reason (required)"</label>
                <WordsField name=REASON max=WORDS_MAX value=reason required=true about="reason-about" />
                <small id="reason-about">{notified}</small>
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

/// The YAML of a new deployment, which is planned before glass can be broken.
#[component]
pub(super) fn YamlForm(
    at: EndpointKey,
    yaml: String,
    /// Why the YAML is invalid.
    problem: Option<ConsoleError>,
) -> impl IntoView {
    let new = Intent::CreateDeployment { at: at.clone(), deployment: Yaml::default() };
    let value = yaml.replace('&', "&amp;").replace('<', "&lt;");
    view! {
        <Section id="definition" title="Definition" note="The deployment's YAML for az ml.">
            {problem.map(|error| view! { <Refusal error /> })}
            <form method="post" class="say" action=paths::break_glass(&at, None) autocomplete="off">
                <PurposeFields purpose=Purpose::Intent(new) />
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
