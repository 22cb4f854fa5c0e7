//! A release's status compared with Azure: as a badge, and field by field.

use crate::ui::badge::{Badge, Tone};
use crate::ui::columns::columns;
use domain::plan::{Difference, Plan};
use domain::release_drift::ReleaseDrift;
use leptos::prelude::*;

/// A status as a tone and a label.
#[must_use]
pub fn words(standing: &ReleaseDrift) -> (Tone, String) {
    match standing {
        ReleaseDrift::Broken => (Tone::Bad, "invalid".to_owned()),
        ReleaseDrift::NotCompared(why) => (Tone::Quiet, why.clone()),
        ReleaseDrift::NoEndpoint => (Tone::Warn, "endpoint not created".to_owned()),
        ReleaseDrift::Absent(names) => {
            let names: Vec<_> = names.iter().map(ToString::to_string).collect();
            (Tone::Warn, format!("not deployed: {}", names.join(", ")))
        }
        ReleaseDrift::Differs { route: Some(route), .. } => {
            (Tone::Warn, format!("traffic differs: would {route}"))
        }
        ReleaseDrift::Differs { fields, .. } => {
            let count = fields.len();
            let fields = if count == 1 { "field differs" } else { "fields differ" };
            (Tone::Warn, format!("{count} {fields}"))
        }
        ReleaseDrift::AsDefined => (Tone::Good, "in sync".to_owned()),
    }
}

/// The status above a plan: a plan that does not move traffic is counted itself, so that both agree. A plan also compares
/// monitoring.
#[must_use]
pub fn with_plan(standing: ReleaseDrift, plan: Option<&Plan>) -> ReleaseDrift {
    match (standing, plan) {
        (ReleaseDrift::AsDefined | ReleaseDrift::Differs { route: None, .. }, Some(plan)) => {
            let changes = plan.differences.iter().filter(|one| one.is_change());
            let fields: Vec<_> = changes.cloned().collect();
            match fields.is_empty() {
                true => ReleaseDrift::AsDefined,
                false => ReleaseDrift::Differs { route: None, fields },
            }
        }
        (standing, _) => standing,
    }
}

/// The fields that differ, if the status names them.
#[must_use]
pub fn drifts(standing: &ReleaseDrift) -> Option<Vec<Difference>> {
    match standing {
        ReleaseDrift::Differs { fields, .. } => Some(fields.clone()),
        _ => None,
    }
}

/// A status as a badge.
#[component]
pub fn StandingBadge(standing: ReleaseDrift) -> impl IntoView {
    let (tone, word) = words(&standing);
    view! { <Badge tone word /> }
}

/// The fields that differ.
#[component]
pub fn Drifts(drifts: Vec<Difference>) -> impl IntoView {
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
                {columns(["Field", "Running", "Declared"])}
                <tbody>{drifts.into_iter().map(row).collect::<Vec<_>>()}</tbody>
            </table>
        </div>
    }
}
