//! A plan on the screen: differences, guards and execution steps.

use crate::ui::icon::{Glyph, Icon};
use domain::guard::{self, Level, Verdict};
use domain::name::DeploymentName;
use domain::plan::image::PlannedImage;
use domain::plan::step::PlannedStep;
use domain::plan::{Difference, Plan, Subject};
use domain::release::Question;
use leptos::either::Either;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What screens show of a plan. Decoding whole plans in an island would enlarge the WebAssembly module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    differences: Vec<Difference>,
    verdicts: Vec<Verdict>,
    steps: Vec<PlannedStep>,
}

impl From<Plan> for Shown {
    fn from(plan: Plan) -> Self {
        let Plan { differences, verdicts, steps, .. } = plan;
        Self { differences, verdicts, steps }
    }
}

impl Shown {
    /// As [`Plan::hindered`].
    #[must_use]
    pub fn hindered(&self, protected: bool) -> Option<String> {
        let judge = if protected { guard::not_to_propose } else { guard::blocked };
        judge(&self.verdicts)
    }
}

/// A plan: questions, differences, guards and execution steps.
#[component]
pub fn PlanView(
    plan: Plan,
    /// The guards whose rules breaking glass overrides.
    #[prop(optional)]
    overridden: Vec<&'static str>,
) -> impl IntoView {
    view! {
        <div class="planned"><div class="plan">
            <Questions questions=plan.questions.clone() />
            <Images images=plan.images.clone() />
            <Effects of=Shown::from(plan) overridden />
        </div></div>
    }
}

/// A plan in an island. Only plans of releases have questions, and no island shows one.
#[component]
pub fn PlanPreview(#[prop(into)] plan: Shown) -> impl IntoView {
    view! { <div class="planned"><div class="plan"><Effects of=plan overridden=Vec::new() /></div></div> }
}

#[component]
fn Effects(of: Shown, overridden: Vec<&'static str>) -> impl IntoView {
    let verdict = |one: Verdict| {
        let is_overridden = overridden.contains(&one.guard.as_str());
        verdict(one, is_overridden)
    };
    view! {
        <Differences differences=of.differences />
        <ul class="verdicts" aria-label="What the guards say">
            {of.verdicts.into_iter().map(verdict).collect::<Vec<_>>()}
        </ul>
        <details class="steps">
            <summary>"Execution steps"</summary>
            <ol>{of.steps.into_iter().map(step).collect::<Vec<_>>()}</ol>
        </details>
    }
}

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
                <p>"Only GitHub can resolve these inputs. Enter them to complete the plan:"</p>
                <ul>{questions.into_iter().map(item).collect::<Vec<_>>()}</ul>
            </div>
        }
    })
}

/// The images that an approval covers.
#[component]
fn Images(images: BTreeMap<DeploymentName, PlannedImage>) -> impl IntoView {
    let item = |(name, image): (DeploymentName, PlannedImage)| {
        let moves = image.can_move();
        let PlannedImage { environment, digest, .. } = image;
        let digest = match digest {
            Some(digest) => Either::Left(view! { <code>{digest}</code> }),
            None => Either::Right("a digest that the console cannot read"),
        };
        let note = moves.then_some(
            " The version names a tag. If the tag moves to another image, the change must be approved again.",
        );
        view! { <li>{name.to_string()} " runs " {environment} ": " {digest} "." {note}</li> }
    };
    (!images.is_empty()).then(|| {
        let items = images.into_iter().map(item).collect::<Vec<_>>();
        view! { <ul class="images" aria-label="Images">{items}</ul> }
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
        return Either::Left(view! { <p class="empty">"Nothing would change."</p> });
    }
    let (rows, changes) =
        (differences.len(), differences.iter().filter(|one| one.is_change()).count());
    let counted = (rows != changes).then(|| {
        let changed = fields(changes, "changes", "change");
        let same = fields(rows - changes, "stays as it is", "stay as they are");
        format!("{changed} {same}")
    });
    Either::Right(view! {
        {counted.map(|words| view! { <p class="counted">{words}</p> })}
        <table class="diff" aria-label="What would change">
            <thead>
                <tr>
                    <th scope="col">"Field"</th>
                    <th scope="col">"Current"</th>
                    <th scope="col">"Proposed"</th>
                </tr>
            </thead>
            <tbody>{differences.into_iter().map(difference).collect::<Vec<_>>()}</tbody>
        </table>
    })
}

/// A sentence about a number of fields: `1 field changes.`
fn fields(count: usize, one: &str, many: &str) -> String {
    match count {
        0 => format!("No field {one}."),
        1 => format!("1 field {one}."),
        _ => format!("{count} fields {many}."),
    }
}

fn difference(difference: Difference) -> impl IntoView {
    let changes = difference.is_change().then_some("true");
    // The names of the endpoint's own fields already say whose they are.
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

fn verdict(verdict: Verdict, is_overridden: bool) -> impl IntoView {
    let (word, says, glyph) = match verdict.level {
        Level::Blocks if is_overridden => {
            ("warns", "Would block, but is overridden: ", Glyph::Warning)
        }
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
                    {(is_overridden && verdict.level == Level::Blocks).then_some(" (overridden)")}
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
