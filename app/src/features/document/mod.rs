//! Texts to take away: shown, copied, downloaded. The links are plain ones.

pub mod api;
mod copy;

use crate::domain::document::{Document, Form};
use crate::domain::plan::PlanHash;
use crate::domain::plan::asked::PlanOf;
use crate::paths;
use copy::CopyFrom;
use leptos::prelude::*;

/// The forms of a direct plan; only a release has workflow inputs.
pub const DIRECT: [Form; 2] = [Form::Json, Form::Commands];

/// A plan's hash, links to its files, and some of them to be read here.
#[component]
pub fn TakeAway(
    /// The plan.
    of: PlanOf,
    /// Its hash.
    hash: Option<PlanHash>,
    /// The forms that it can be had in.
    forms: Vec<Form>,
    /// Those that are shown.
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

/// A text, folded; with a link to the file and a button that copies it.
#[component]
pub fn DocumentView(
    /// The text.
    document: Document,
    /// Where the file is.
    href: String,
    /// Whether it is unfolded at first.
    #[prop(optional)]
    open: bool,
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
