//! Documents to read, copy or download.

pub mod api;
mod copy;

use crate::paths;
use copy::CopyFrom;
use domain::document::{Document, Form};
use domain::intent::Intent;
use domain::plan::PlanHash;
use leptos::prelude::*;

/// The formats of a plan without a release; only releases have workflow inputs.
pub const DIRECT: [Form; 2] = [Form::Json, Form::Commands];

/// A plan's hash, links to its files, and previews of some of them.
#[component]
pub fn TakeAway(
    of: Intent,
    hash: Option<PlanHash>,
    forms: Vec<Form>,
    documents: Vec<Document>,
) -> impl IntoView {
    let link = |form: Form| {
        let href = paths::plan_document(&of, form);
        view! { <a class="button" data-variant="quiet" href=href download="">"Download as " {form.words()}</a> }
    };
    let links = forms.into_iter().map(link).collect::<Vec<_>>();
    let shown = documents.into_iter().map(|document| {
        let href = paths::plan_document(&of, document.form);
        view! { <DocumentView document href /> }
    });
    let shown = shown.collect::<Vec<_>>();
    view! {
        <div class="take-away">
            <p class="actions">{links}</p>
            {hash.map(|hash| view! { <p class="hash">"Plan " <code>{hash.to_string()}</code></p> })}
            {shown}
        </div>
    }
}

/// A collapsible document with a download link and a copy button.
#[component]
pub fn DocumentView(
    document: Document,
    href: String,
    #[prop(optional)] open: bool,
) -> impl IntoView {
    let Document { form, name, text } = document;
    let id = format!("document-{}", name.replace('.', "-"));
    let (from, label, what) = (id.clone(), name.clone(), name.clone());
    view! {
        <details class="document" open=open>
            <summary>{form.title()} " " <code>{name}</code></summary>
            <p class="actions">
                <a class="button" data-variant="quiet" href=href download="">"Download" <span class="unseen">" " {what.clone()}</span></a>
                <CopyFrom from what />
            </p>
            <pre id=id tabindex="0" role="region" aria-label=label>{text}</pre>
        </details>
    }
}
