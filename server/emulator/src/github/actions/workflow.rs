//! Reads a workflow's file: its name, its inputs for a dispatch, and its jobs.

use std::collections::BTreeMap;

use serde_yaml::{Mapping, Value};

/// The largest file (docs.github.com names no limit; the templates' files have 20 KB).
const BYTES_MAX: usize = 512 * 1024;
/// The highest number of jobs (docs.github.com, usage limits: 256 jobs per matrix).
const JOBS_MAX: usize = 256;
/// The highest number of inputs of a dispatch (docs.github.com, create a workflow dispatch event).
pub const INPUTS_MAX: usize = 25;

#[derive(Debug)]
pub struct Workflow {
    /// `None` if the file names none; GitHub then shows the path.
    pub name: Option<String>,
    /// Inputs of `workflow_dispatch`, in the file's order; `None` without this trigger.
    pub dispatch: Option<Vec<Input>>,
    /// In the file's order.
    pub jobs: Vec<Job>,
}

/// An input of a dispatch.
#[derive(Debug)]
pub struct Input {
    pub name: String,
    pub is_required: bool,
    pub default: Option<String>,
    /// `string`, `boolean`, `choice`, `number` or `environment`.
    pub kind: String,
    /// The values of a `choice`.
    pub options: Vec<String>,
}

#[derive(Debug)]
pub struct Job {
    pub key: String,
    pub name: Option<String>,
    pub needs: Vec<String>,
    pub condition: Option<String>,
    pub environment: Option<String>,
    pub labels: Vec<String>,
    /// The called workflow, for example `anet/ml-mlops-templates/.github/workflows/build.yml@main`.
    pub uses: Option<String>,
    pub with: BTreeMap<String, String>,
    pub has_matrix: bool,
}

impl Workflow {
    /// Reads a file.
    ///
    /// # Errors
    /// Why GitHub would not accept it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > BYTES_MAX {
            return Err(format!("a workflow has at most {BYTES_MAX} bytes"));
        }
        let file: Value = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
        let file = file.as_mapping().ok_or("A mapping was expected")?;
        let jobs = file.get("jobs").and_then(Value::as_mapping);
        let jobs = jobs.ok_or("Required property is missing: jobs")?;
        if jobs.len() > JOBS_MAX {
            return Err(format!("a workflow has at most {JOBS_MAX} jobs"));
        }
        let jobs: Vec<Job> = jobs.iter().map(job).collect::<Result<_, _>>()?;
        check_order(&jobs)?;
        Ok(Self {
            name: file.get("name").and_then(text_of),
            dispatch: dispatch(file.get("on").unwrap_or(&Value::Null)),
            jobs,
        })
    }
}

/// A scalar as GitHub passes it on; other values are no text.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(is) => Some(is.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Sequence(all)) => all.iter().filter_map(text_of).collect(),
        Some(one) => text_of(one).into_iter().collect(),
        None => Vec::new(),
    }
}

/// `on` is a word, a list of words, or a map.
fn dispatch(on: &Value) -> Option<Vec<Input>> {
    const NAME: &str = "workflow_dispatch";
    match on {
        Value::Mapping(events) => {
            let event = events.get(NAME)?;
            let inputs = event.get("inputs").and_then(Value::as_mapping);
            Some(inputs.into_iter().flatten().filter_map(input).collect())
        }
        words => texts(Some(words)).iter().any(|word| word == NAME).then(Vec::new),
    }
}

fn input((name, value): (&Value, &Value)) -> Option<Input> {
    Some(Input {
        name: text_of(name)?,
        is_required: value.get("required").and_then(Value::as_bool).unwrap_or(false),
        default: value.get("default").and_then(text_of),
        kind: value.get("type").and_then(text_of).unwrap_or_else(|| "string".to_owned()),
        options: texts(value.get("options")),
    })
}

fn job((key, value): (&Value, &Value)) -> Result<Job, String> {
    let key = text_of(key).ok_or("a job has no name")?;
    let starts = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !starts || !key.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
        return Err(format!(
            "The identifier '{key}' is invalid. IDs may only contain alphanumeric characters, '_', and '-'."
        ));
    }
    let job = value.as_mapping().ok_or_else(|| format!("the job {key} is not a mapping"))?;
    let uses = job.get("uses").and_then(text_of);
    if uses.is_none() && !job.contains_key("steps") {
        return Err(format!("the job {key} has neither steps nor uses"));
    }
    let environment = job.get("environment");
    let environment =
        environment.and_then(|one| text_of(one).or_else(|| text_of(one.get("name")?)));
    Ok(Job {
        name: job.get("name").and_then(text_of),
        needs: texts(job.get("needs")),
        condition: job.get("if").and_then(text_of),
        environment,
        labels: texts(job.get("runs-on")),
        uses,
        with: with(job.get("with").and_then(Value::as_mapping)),
        has_matrix: job.get("strategy").is_some_and(|strategy| strategy.get("matrix").is_some()),
        key,
    })
}

fn with(given: Option<&Mapping>) -> BTreeMap<String, String> {
    let pair = |(name, value): (&Value, &Value)| {
        // An absent value arrives as an empty text.
        Some((text_of(name)?, text_of(value).unwrap_or_default()))
    };
    given.into_iter().flatten().filter_map(pair).collect()
}

/// Refuses unknown needs and circles.
fn check_order(jobs: &[Job]) -> Result<(), String> {
    for job in jobs {
        let unknown = job.needs.iter().find(|need| !jobs.iter().any(|one| one.key == **need));
        if let Some(need) = unknown {
            return Err(format!("Job '{}' depends on unknown job '{need}'.", job.key));
        }
    }
    let mut open: Vec<&Job> = jobs.iter().collect();
    while !open.is_empty() {
        let before = open.len();
        let keys: Vec<&str> = open.iter().map(|job| job.key.as_str()).collect();
        open.retain(|job| job.needs.iter().any(|need| keys.contains(&need.as_str())));
        if open.len() == before {
            let message = format!(
                "The workflow must contain at least one job with no dependencies: {}",
                keys.join(", ")
            );
            return Err(message);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trigger_may_be_a_word_a_list_or_a_map() {
        let dispatches = |on: &str| {
            let text = format!("on: {on}\njobs: {{a: {{runs-on: x, steps: []}}}}");
            Workflow::parse(&text).expect(on).dispatch.map(|inputs| inputs.len())
        };
        assert_eq!(dispatches("push"), None);
        assert_eq!(dispatches("[push, workflow_dispatch]"), Some(0));
        assert_eq!(dispatches("workflow_dispatch"), Some(0));
        assert_eq!(dispatches("{push: , workflow_dispatch: }"), Some(0));
        assert_eq!(
            dispatches("{workflow_dispatch: {inputs: {a: , b: {required: true}}}}"),
            Some(2)
        );
    }

    #[test]
    fn jobs_keep_their_needs_and_inputs() {
        let text = "on: workflow_dispatch\njobs:\n  a: {uses: ./.github/workflows/build.yml, with: {x: true, y: 1.5, \
                    z: }}\n  b: {needs: a, runs-on: [self, big], environment: {name: prod}, steps: [], if: false}\n";
        let workflow = Workflow::parse(text).expect("it is valid");
        let [a, b] = workflow.jobs.as_slice() else { panic!("two jobs") };
        let with: Vec<_> = a.with.values().map(String::as_str).collect();
        assert_eq!(with, ["true", "1.5", ""]);
        assert_eq!(
            (b.needs.as_slice(), b.condition.as_deref()),
            (&["a".to_owned()][..], Some("false"))
        );
        assert_eq!((b.environment.as_deref(), b.labels.len()), (Some("prod"), 2));
    }

    #[test]
    fn broken_workflows_are_refused() {
        let bombs = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b]\nd: &d \
                     [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e]\n";
        for (text, part) in [
            ("[", "flow"),
            ("x", "mapping"),
            ("on: push", "jobs"),
            ("jobs: {a: {steps: [], needs: b}}", "unknown job 'b'"),
            ("jobs: {a: {steps: [], needs: b}, b: {steps: [], needs: a}}", "no dependencies"),
            ("jobs: {a: {}}", "neither"),
            ("jobs: {'a b': {steps: []}}", "invalid"),
            (bombs, "repetition"),
        ] {
            let refused = Workflow::parse(text).expect_err(text);
            assert!(refused.contains(part), "{text}: {refused}");
        }
        assert!(Workflow::parse(&" ".repeat(BYTES_MAX + 1)).is_err());
    }
}
