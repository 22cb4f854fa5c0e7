//! A plan on the screen: what would change, what the guards say, what would be sent.

use crate::domain::guard::{Level, Verdict};
use crate::domain::plan::{Difference, Plan};
use crate::ui::icon::{Glyph, Icon};
use leptos::prelude::*;

/// A plan.
#[component]
pub fn PlanView(
    /// The plan.
    plan: Plan,
) -> impl IntoView {
    let steps = plan.steps.into_iter().map(|step| view! { <li>{step}</li> }).collect::<Vec<_>>();
    view! {
        <div class="planned"><div class="plan">
            <Differences differences=plan.differences />
            <ul class="verdicts" aria-label="What the guards say">
                {plan.verdicts.into_iter().map(verdict).collect::<Vec<_>>()}
            </ul>
            <details class="steps">
                <summary>"What will be sent"</summary>
                <ol>{steps}</ol>
            </details>
        </div></div>
    }
}

#[component]
fn Differences(differences: Vec<Difference>) -> impl IntoView {
    let empty =
        differences.is_empty().then(|| view! { <p class="empty">"Nothing would change."</p> });
    view! {
        {empty}
        <table class="diff" aria-label="What would change">
            <thead>
                <tr>
                    <th scope="col">"Field"</th>
                    <th scope="col">"Is"</th>
                    <th scope="col">"Becomes"</th>
                </tr>
            </thead>
            <tbody>{differences.into_iter().map(difference).collect::<Vec<_>>()}</tbody>
        </table>
    }
}

fn difference(difference: Difference) -> impl IntoView {
    let changes = difference.is_change().then_some("true");
    let shown = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    view! {
        <tr data-change=changes>
            <th scope="row">{difference.field}</th>
            <td>{shown(difference.before)}</td>
            <td>{shown(difference.after)}</td>
        </tr>
    }
}

fn verdict(verdict: Verdict) -> impl IntoView {
    let (word, says, glyph) = match verdict.level {
        Level::Passes => ("passes", "Passes: ", Glyph::Check),
        Level::Warns => ("warns", "Warning: ", Glyph::Warning),
        Level::Blocks => ("blocks", "Blocks: ", Glyph::Cross),
    };
    view! {
        <li data-level=word>
            <Icon glyph />
            <p>
                <span class="unseen">{says}</span>
                <b>{verdict.rule}</b>
                " "
                <span>{verdict.reason}</span>
            </p>
        </li>
    }
}
