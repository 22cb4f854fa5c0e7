//! Starting a run: `POST …/actions/workflows/{workflow}/dispatches`.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Value, json};

use super::expression;
use super::model::{Attempt, Cancel, Job, Run, Status, Work};
use super::plan;
use super::view;
use super::workflow::{self, INPUTS_MAX, Input, Workflow};
use super::workflows::Found;
use crate::github::answer::{Answer, Refusal};
use crate::github::call::Call;
use crate::github::repository::Repository;

/// The largest number of characters of all inputs (docs.github.com, create a workflow dispatch event).
const INPUT_CHARS_MAX: usize = 65_535;
/// The highest number of runs that are not over, so that a loop of dispatches does not fill the disk.
pub const OPEN_RUNS_MAX: usize = 100;

/// Reads the request and the workflow at the wanted reference. The run has no id yet.
pub fn prepare(
    repo: &Repository,
    call: &Call,
    found: &Found,
    actor: &str,
    now: i64,
) -> Result<(Run, Workflow), Refusal> {
    let body = call.json()?;
    let wanted = body["ref"]
        .as_str()
        .filter(|name| !name.is_empty())
        .ok_or_else(|| Refusal::unprocessable("Invalid request.\n\n\"ref\" wasn't supplied."))?;
    let short = wanted.trim_start_matches("refs/heads/").trim_start_matches("refs/tags/");
    let named =
        |kind: &str| Some((format!("{kind}/{short}"), repo.refs.get(&format!("{kind}/{short}"))?));
    let (git_ref, sha) = named("heads")
        .or_else(|| named("tags"))
        .ok_or_else(|| Refusal::unprocessable(format!("No ref found for: {wanted}")))?;
    let text = repo.text(sha, &found.path);
    let parsed = text.as_deref().map(Workflow::parse).transpose().map_err(|problem| {
        Refusal::unprocessable(format!("failed to parse workflow: {problem}"))
    })?;
    let untriggered =
        || Refusal::unprocessable("Workflow does not have 'workflow_dispatch' trigger");
    let workflow = parsed.ok_or_else(untriggered)?;
    let declared = workflow.dispatch.as_deref().ok_or_else(untriggered)?;
    let inputs = inputs(declared, &body["inputs"])?;
    let attempt = Attempt {
        number: 1,
        actor: actor.to_owned(),
        started_at: now,
        updated_at: now,
        status: Status::Queued,
        conclusion: None,
    };
    let run = Run {
        id: 0,
        number: 0,
        path: found.path.clone(),
        name: workflow.name.clone().unwrap_or_else(|| found.path.clone()),
        branch: short.to_owned(),
        git_ref: format!("refs/{git_ref}"),
        sha: sha.clone(),
        inputs,
        actor: actor.to_owned(),
        created_at: now,
        updated_at: now,
        cancel: Cancel::No,
        attempts: vec![attempt],
        jobs: Vec::new(),
        reviews: Vec::new(),
    };
    Ok((run, workflow))
}

/// The answer, with the run if the caller asked for it and the server knows the option.
pub fn answer(repo: &Repository, call: &Call, run: &Run, knows_details: bool) -> Answer {
    let wants = call.json().is_ok_and(|body| body["return_run_details"] == true);
    if !(wants && knows_details) {
        return Answer::empty();
    }
    Answer::ok(&json!({
        "workflow_run_id": run.id, "run_url": view::run_url(repo, &call.root, run.id),
        "html_url": view::run_page(repo, &call.root, run.id),
    }))
}

/// The inputs of a run: what was given, and defaults.
fn inputs(declared: &[Input], given: &Value) -> Result<BTreeMap<String, String>, Refusal> {
    let empty = serde_json::Map::new();
    let given = match given {
        Value::Null => &empty,
        Value::Object(map) => map,
        _ => {
            return Err(Refusal::unprocessable(
                "Invalid request.\n\nFor 'properties/inputs', it is not an object.",
            ));
        }
    };
    if given.len() > INPUTS_MAX {
        return Err(Refusal::unprocessable(format!(
            "Invalid request.\n\nNo more than {INPUTS_MAX} properties are allowed; {} were supplied.",
            given.len()
        )));
    }
    let unknown: Vec<&String> =
        given.keys().filter(|name| !declared.iter().any(|input| input.name == **name)).collect();
    if !unknown.is_empty() {
        return Err(Refusal::unprocessable(format!(
            "Unexpected inputs provided: {}",
            json!(unknown)
        )));
    }
    let mut inputs = BTreeMap::new();
    for input in declared {
        let value = match given.get(&input.name) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Null) | None => None,
            Some(other @ (Value::Bool(_) | Value::Number(_))) => Some(other.to_string()),
            Some(_) => {
                let name = &input.name;
                return Err(Refusal::unprocessable(format!(
                    "Provided value for input '{name}' is not a scalar"
                )));
            }
        };
        let is_missing = value.as_ref().is_none_or(String::is_empty);
        if input.is_required && is_missing && input.default.as_ref().is_none_or(String::is_empty) {
            return Err(Refusal::unprocessable(format!(
                "Required input '{}' not provided",
                input.name
            )));
        }
        let fallback = if input.kind == "boolean" { "false" } else { "" };
        let value = value.or_else(|| input.default.clone()).unwrap_or_else(|| fallback.to_owned());
        check(input, &value)?;
        inputs.insert(input.name.clone(), value);
    }
    if inputs.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > INPUT_CHARS_MAX
    {
        return Err(Refusal::unprocessable("inputs are too large."));
    }
    Ok(inputs)
}

fn check(input: &Input, value: &str) -> Result<(), Refusal> {
    let is_legal = match input.kind.as_str() {
        "choice" => value.is_empty() || input.options.iter().any(|option| option == value),
        "boolean" => ["true", "false"].contains(&value),
        _ => true,
    };
    let name = &input.name;
    let refused = match input.kind.as_str() {
        "boolean" => format!("Provided value '{value}' for input '{name}' not of type boolean"),
        _ => {
            format!("Provided value '{value}' for input '{name}' not in the list of allowed values")
        }
    };
    is_legal.then_some(()).ok_or_else(|| Refusal::unprocessable(refused))
}

/// The jobs of a run's current attempt, in the workflow's order.
pub fn jobs_for(
    run: &Run,
    repository: &str,
    workflow: &Workflow,
    last_id: &mut u64,
    now: i64,
) -> Vec<Job> {
    let fresh = |job: &workflow::Job| {
        *last_id += 1;
        let lookup = |name: &str| plan::context(run, repository, name);
        let filled = |text: &String| expression::interpolate(text, &lookup);
        let with: Result<BTreeMap<_, _>, String> =
            job.with.iter().map(|(name, text)| Ok((name.clone(), filled(text)?))).collect();
        let (work, suffix) = work(job, with);
        // The templates' jobs run in the environment that the call names.
        let called = match &work {
            Work::Build(with) => with.get("environment").cloned(),
            _ => job.with.get("environment").map(|text| filled(text).unwrap_or_default()),
        };
        let own = job.environment.as_ref().map(|text| filled(text).unwrap_or_default());
        let name = job.name.clone().unwrap_or_else(|| job.key.clone());
        Job {
            id: *last_id,
            key: job.key.clone(),
            name: format!("{}{suffix}", filled(&name).unwrap_or(name)),
            attempt: run.attempt_number(),
            needs: job.needs.clone(),
            condition: job.condition.clone(),
            environment: own.or(called).filter(|name| !name.is_empty()),
            labels: if job.labels.is_empty() {
                vec!["ubuntu-24.04".to_owned()]
            } else {
                job.labels.clone()
            },
            work,
            status: Status::Queued,
            conclusion: None,
            created_at: now,
            started_at: None,
            completed_at: None,
            steps: Vec::new(),
            is_approved: false,
        }
    };
    workflow.jobs.iter().map(fresh).collect()
}

/// What a job does, and what GitHub appends to its name.
fn work(
    job: &workflow::Job,
    with: Result<BTreeMap<String, String>, String>,
) -> (Work, &'static str) {
    let Some(uses) = &job.uses else {
        return (Work::Unplayed("the steps of this job".to_owned()), "");
    };
    let path = uses.split('@').next().unwrap_or_default();
    if !path.ends_with("/.github/workflows/build.yml") {
        return (Work::Unplayed(format!("the workflow {uses}")), "");
    }
    if job.has_matrix {
        return (Work::Unplayed(format!("the workflow {uses} with a matrix")), "");
    }
    match with {
        Ok(with) => (Work::Build(with), " / build"),
        Err(reason) => {
            (Work::Invalid(format!("The emulator cannot evaluate an input: {reason}.")), " / build")
        }
    }
}

/// 403: too many runs are not over.
pub fn too_many() -> Refusal {
    Refusal::new(
        StatusCode::FORBIDDEN,
        format!(
            "The emulator has {OPEN_RUNS_MAX} runs that are not completed. Cancel some of them."
        ),
    )
}
