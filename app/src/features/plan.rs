//! A plan on the screen: what would change, what the guards say, what would be done.

use crate::domain::guard::{Level, Verdict};
use crate::domain::plan::step::PlannedStep;
use crate::domain::plan::{Difference, Plan, Subject};
use crate::domain::release::Question;
use crate::ui::icon::{Glyph, Icon};
use leptos::prelude::*;

/// A plan.
#[component]
pub fn PlanView(
    /// The plan.
    plan: Plan,
) -> impl IntoView {
    view! {
        <div class="planned"><div class="plan">
            <Questions questions=plan.questions />
            <Differences differences=plan.differences />
            <ul class="verdicts" aria-label="What the guards say">
                {plan.verdicts.into_iter().map(verdict).collect::<Vec<_>>()}
            </ul>
            <details class="steps">
                <summary>"What will be done"</summary>
                <ol>{plan.steps.into_iter().map(step).collect::<Vec<_>>()}</ol>
            </details>
        </div></div>
    }
}

/// What must be answered first.
#[component]
fn Questions(questions: Vec<Question>) -> impl IntoView {
    (!questions.is_empty()).then(|| {
        let item = |question: Question| {
            view! {
                <li>
                    <code>{question.key}</code>
                    " is "
                    <code>{question.expression.0}</code>
                </li>
            }
        };
        view! {
            <div class="questions">
                <p>"Only GitHub can work these out; answer them to complete the plan:"</p>
                <ul>{questions.into_iter().map(item).collect::<Vec<_>>()}</ul>
            </div>
        }
    })
}

fn step(step: PlannedStep) -> impl IntoView {
    view! {
        <li>
            <b>{step.kind.label()}</b>
            " "
            <span>{step.text}</span>
        </li>
    }
}

#[component]
fn Differences(differences: Vec<Difference>) -> impl IntoView {
    if differences.is_empty() {
        return view! { <p class="empty">"Nothing would change."</p> }.into_any();
    }
    let (rows, changes) =
        (differences.len(), differences.iter().filter(|one| one.is_change()).count());
    let counted = (rows != changes).then(|| {
        let fields = if changes == 1 { "field changes" } else { "fields change" };
        format!("{changes} {fields}; {} more are shown for comparison.", rows - changes)
    });
    view! {
        {counted.map(|words| view! { <p class="counted">{words}</p> })}
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
    .into_any()
}

fn difference(difference: Difference) -> impl IntoView {
    let changes = difference.is_change().then_some("true");
    // The endpoint's own fields say so by their names.
    let whose = (difference.subject != Subject::Endpoint)
        .then(|| view! { <span class="subject">{difference.subject.to_string()} " "</span> });
    let shown = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    view! {
        <tr data-change=changes>
            <th scope="row">{whose} {difference.field}</th>
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
        <li data-level=word data-guard=verdict.guard>
            <Icon glyph />
            <div>
                <p>
                    <span class="unseen">{says}</span>
                    <b>{verdict.rule}</b>
                    " "
                    <span>{verdict.reason}</span>
                </p>
                <details>
                    <summary>"About this rule"</summary>
                    <p>{verdict.help}</p>
                </details>
            </div>
        </li>
    }
}
