//! A build by the team's own workflow: the jobs that GitHub would run, and the inputs with which it starts.
//!
//! A person answers inputs of the templates' workflow, but `workflow_dispatch` has inputs of its own. An answer reaches the
//! template only where the job passes an input on as it is (`${{ inputs.layer }}`).

use crate::github::actions::plan::{self, DispatchInput, DispatchPlan, InputKind, Reason};
use crate::releases::Reader;
use crate::releases::source::{Found, Head};
use app::error::ConsoleError;
use app::port::{Result, WorkflowJob};
use domain::release::Release;
use domain::release::input::Given;
use domain::repository::{FILE_BYTES_MAX, ReleaseId};
use std::collections::BTreeMap;

/// What a dispatch of a release's workflow would do.
#[derive(Debug, Default)]
pub(super) struct Dispatch {
    /// All jobs of the workflow, in the order of its file.
    pub(super) jobs: Vec<WorkflowJob>,
    /// The inputs of `workflow_dispatch`.
    pub(super) inputs: Vec<(String, String)>,
    /// Why the workflow cannot be started, in full sentences.
    pub(super) problems: Vec<String>,
}

/// Reads the workflow of a release at a commit. `releases`: the release as its file defines it, and with the answers.
///
/// # Errors
/// If the repository cannot be read now.
pub(super) async fn read(
    reader: &Reader,
    head: &Head,
    id: &ReleaseId,
    releases: (&Release, &Release),
) -> Result<Dispatch> {
    let name = format!(".github/workflows/{}", id.workflow);
    let missing = || Dispatch {
        problems: vec![format!("{name} cannot be read at this commit.")],
        ..Dispatch::default()
    };
    let Ok(path) = name.parse() else { return Ok(missing()) };
    let file = reader.source().read(head, &path, FILE_BYTES_MAX).await;
    let file = file.map_err(|error| ConsoleError::Unavailable(error.to_string()))?;
    let Found::File(file) = file else { return Ok(missing()) };
    Ok(match plan::read(&name, &file, Some(&id.job)) {
        Ok(plan) => dispatch(plan, &id.workflow, head, releases),
        Err(why) => Dispatch { problems: vec![format!("{why}.")], ..Dispatch::default() },
    })
}

fn dispatch(
    plan: DispatchPlan,
    file: &str,
    head: &Head,
    releases: (&Release, &Release),
) -> Dispatch {
    let DispatchPlan { inputs: declared, jobs } = plan;
    let mut problems = Vec::new();
    let mut inputs = BTreeMap::new();
    if head.revision.reference.as_ref().is_none_or(|at| at.as_str() == head.key) {
        problems.push(
            "GitHub starts a workflow on a branch or tag, not on a commit. Choose a branch or a tag.".to_owned(),
        );
    }
    match &declared {
        None => problems.push(format!(
            "{file} cannot be started: it has no workflow_dispatch. Add “workflow_dispatch:” below “on:” in the file, or set \
             build: {{ method: registry }} for this repository in the configuration."
        )),
        Some(declared) => {
            inputs = passed_on(releases, &mut problems);
            check(declared, &inputs, &mut problems);
        }
    }
    let job = |job: plan::PlannedJob| WorkflowJob {
        builds: job.reason == Reason::Wanted,
        id: job.id,
        calls: job.uses,
        needs: job.needs,
        environment: job.environment,
        condition: job.condition,
    };
    Dispatch {
        jobs: jobs.into_iter().map(job).collect(),
        inputs: inputs.into_iter().collect(),
        problems,
    }
}

/// The values of the inputs that the job passes on.
fn passed_on(
    (defined, answered): (&Release, &Release),
    problems: &mut Vec<String>,
) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for (key, input) in answered.inputs.iter() {
        let before = defined.inputs.get(key).map(|input| &input.given);
        if before == Some(&input.given) {
            continue;
        }
        let value = input.given.written();
        let name = match before {
            Some(Given::Expression(expression)) => input_of(&expression.0),
            _ => None,
        };
        let Some(name) = name else {
            problems.push(format!(
                "The workflow's file sets {key}, so an answer cannot replace it. Change the file, or pass an input of \
                 workflow_dispatch on."
            ));
            continue;
        };
        if all.insert(name.to_owned(), value.clone()).is_some_and(|other| other != value) {
            problems.push(format!("The workflow's input {name} got two values. Give one."));
        }
    }
    all
}

/// `layer` of `${{ inputs.layer }}`; `None` for any other expression.
fn input_of(expression: &str) -> Option<&str> {
    let inner = expression.trim().strip_prefix("${{")?.strip_suffix("}}")?.trim();
    let name =
        inner.strip_prefix("inputs.").or_else(|| inner.strip_prefix("github.event.inputs."))?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    (!name.is_empty() && name.chars().all(is_plain)).then_some(name)
}

/// Checks the values as GitHub does.
fn check(
    declared: &[DispatchInput],
    inputs: &BTreeMap<String, String>,
    problems: &mut Vec<String>,
) {
    for name in inputs.keys() {
        if !declared.iter().any(|one| one.name == *name) {
            problems.push(format!(
                "workflow_dispatch declares no input {name}, so GitHub would refuse it. Declare it in the file."
            ));
        }
    }
    for input in declared {
        match inputs.get(&input.name) {
            Some(value) if input.kind == InputKind::Choice && !input.options.contains(value) => {
                problems.push(format!(
                    "“{value}” is not a choice for the workflow's input {}. Its choices: {}.",
                    input.name,
                    input.options.join(", ")
                ));
            }
            None if input.required && input.default.is_none() => problems.push(format!(
                "The workflow requires its input {}, and the build passes nothing to it. Start the workflow on GitHub, \
                 or give the input a default.",
                input.name
            )),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::input_of;

    #[test]
    fn only_an_input_that_is_passed_on_as_it_is_can_be_answered() {
        for (expression, name) in [
            ("${{ inputs.layer }}", Some("layer")),
            ("${{github.event.inputs.my-layer}}", Some("my-layer")),
            ("x ${{ inputs.layer }}", None),
            ("${{ inputs.a || inputs.b }}", None),
            ("${{ vars.layer }}", None),
            ("${{ inputs. }}", None),
        ] {
            assert_eq!(input_of(expression), name, "{expression}");
        }
    }
}
