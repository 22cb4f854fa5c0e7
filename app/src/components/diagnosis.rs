//! A failure: Azure's message and a diagnosis in plain English.

use crate::ui::message::Message;
use domain::diagnosis::{Diagnosis, Failure};
use leptos::prelude::*;

/// What a failure means, how to fix it, and the log line that the diagnosis is based on.
#[component]
pub fn DiagnosisWords(diagnosis: Diagnosis) -> impl IntoView {
    let Diagnosis { cause, fix, link, line } = diagnosis;
    view! {
        <div class="diagnosis">
            <p><strong>{cause}</strong></p>
            <p>{fix}</p>
            <p class="told">
                "Source: " <code>{line}</code> " · "
                <a href=link rel="noreferrer">"Microsoft's documentation"</a>
            </p>
        </div>
    }
}

/// Why provisioning failed.
#[component]
pub fn FailureWords(failure: Failure) -> impl IntoView {
    let Failure { message, diagnosis } = failure;
    view! {
        {diagnosis.map(|diagnosis| view! { <DiagnosisWords diagnosis /> })}
        <div class="failure"><Message text=message /></div>
    }
}
