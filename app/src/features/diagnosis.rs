//! A failure in Azure's words and in plain ones.

use crate::domain::diagnosis::{Diagnosis, Failure};
use crate::ui::message::Message;
use leptos::prelude::*;

/// What a failure means, what to do, and what that was told from.
#[component]
pub fn DiagnosisWords(
    /// It.
    diagnosis: Diagnosis,
) -> impl IntoView {
    let Diagnosis { cause, fix, link, line } = diagnosis;
    view! {
        <div class="diagnosis">
            <p><strong>{cause}</strong></p>
            <p>{fix}</p>
            <p class="told">
                "Told from " <code>{line}</code> " · "
                <a href=link rel="noreferrer">"Microsoft on this failure"</a>
            </p>
        </div>
    }
}

/// Why Azure could not make something.
#[component]
pub fn FailureWords(
    /// Why.
    failure: Failure,
) -> impl IntoView {
    let Failure { message, diagnosis } = failure;
    view! {
        {diagnosis.map(|diagnosis| view! { <DiagnosisWords diagnosis /> })}
        <div class="failure"><Message text=message /></div>
    }
}
