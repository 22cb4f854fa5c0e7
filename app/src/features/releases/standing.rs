//! What a release defines against what runs: in a word, and field by field.

use crate::domain::plan::Difference;
use crate::domain::standing::Standing;
use crate::ui::badge::{Badge, Tone};
use leptos::prelude::*;

/// A standing in a few words.
#[must_use]
pub fn words(standing: &Standing) -> (Tone, String) {
    match standing {
        Standing::Broken => (Tone::Bad, "cannot be used".to_owned()),
        Standing::NotCompared(why) => (Tone::Quiet, why.clone()),
        Standing::NoEndpoint => (Tone::Warn, "no such endpoint yet".to_owned()),
        Standing::Absent(names) => {
            let names: Vec<_> = names.iter().map(ToString::to_string).collect();
            (Tone::Warn, format!("not there yet: {}", names.join(", ")))
        }
        Standing::Differs { route: Some(route), .. } => {
            (Tone::Warn, format!("differs: would {route}"))
        }
        Standing::Differs { fields, .. } => {
            let count = fields.len();
            let fields = if count == 1 { "field differs" } else { "fields differ" };
            (Tone::Warn, format!("{count} {fields}"))
        }
        Standing::AsDefined => (Tone::Good, "as defined".to_owned()),
    }
}

/// A standing as a badge.
#[component]
pub fn StandingBadge(
    /// The standing.
    standing: Standing,
) -> impl IntoView {
    let (tone, word) = words(&standing);
    view! { <Badge tone word /> }
}

/// The fields that differ.
#[component]
pub fn Drifts(
    /// The fields.
    drifts: Vec<Difference>,
) -> impl IntoView {
    let side = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    let row = move |drift: Difference| {
        view! {
            <tr data-change="true">
                <th scope="row">{drift.subject.to_string()} " · " {drift.field}</th>
                <td>{side(drift.before)}</td>
                <td>{side(drift.after)}</td>
            </tr>
        }
    };
    view! {
        <div class="scroll">
            <table class="diff drifts">
                <thead>
                    <tr>
                        <th scope="col">"Field"</th>
                        <th scope="col">"Runs"</th>
                        <th scope="col">"Defined"</th>
                    </tr>
                </thead>
                <tbody>{drifts.into_iter().map(row).collect::<Vec<_>>()}</tbody>
            </table>
        </div>
    }
}
