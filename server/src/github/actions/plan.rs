//! What a dispatch of a workflow would run, read from the workflow's file. Pure.
//!
//! GitHub starts all jobs of a workflow, not only the wanted one. A job whose `if:` is false or whose `needs:` failed is
//! skipped; the console shows conditions and does not evaluate them. Values are read as GitHub reads them (YAML 1.2).

use domain::repository::FILE_BYTES_MAX;
use domain::text::{shortened, visible};
use spec::yaml::{self, Entry, Limits, Map, Node, Value};
use std::collections::BTreeSet;

/// Most jobs that are read. Source: GitHub's limit for a workflow.
const JOBS_MAX: usize = 256;
/// Most inputs of a dispatch. Source: GitHub's limit.
const INPUTS_MAX: usize = 25;
/// Most options of an input.
const OPTIONS_MAX: usize = 200;
/// Longest shown text, in characters.
const TEXT_CHARS_MAX: usize = 500;

/// What a dispatch runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DispatchPlan {
    /// The inputs of `on.workflow_dispatch`; `None` if the workflow cannot be dispatched.
    pub inputs: Option<Vec<DispatchInput>>,
    /// In the order of the file, with the wanted one.
    pub jobs: Vec<PlannedJob>,
}

/// Why a job runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It is the wanted job.
    Wanted,
    /// The wanted job needs it, directly or through other jobs.
    Needed,
    /// It needs the wanted job, directly or through other jobs.
    After,
    /// Only because it is in the same workflow.
    Beside,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedJob {
    pub id: String,
    /// `name:`, which may contain expressions.
    pub name: Option<String>,
    /// The workflow that it calls.
    pub uses: Option<String>,
    pub needs: Vec<String>,
    /// The environment whose rules hold the job back.
    pub environment: Option<String>,
    /// `if:`, not evaluated.
    pub condition: Option<String>,
    pub reason: Reason,
}

/// The type of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputKind {
    Text,
    Flag,
    Number,
    Choice,
    Environment,
}

/// An input of a dispatch. All values are sent as texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DispatchInput {
    pub name: String,
    pub description: Option<String>,
    pub kind: InputKind,
    pub required: bool,
    pub default: Option<String>,
    /// Of a choice.
    pub options: Vec<String>,
}

/// Reads what a dispatch of a workflow would run. `wanted` is the ID of the job that the person wants; without it, or if
/// the workflow has no such job, every job is [`Reason::Beside`].
///
/// # Errors
/// Why the file cannot be read, as one sentence with the line.
pub fn read(path: &str, bytes: &[u8], wanted: Option<&str>) -> Result<DispatchPlan, String> {
    let limits = Limits { bytes: FILE_BYTES_MAX, ..Limits::default() };
    let root = yaml::parse(path, bytes, limits).map_err(|problem| problem.to_string())?;
    let Some(root) = root.map() else {
        return Err(format!("{path} is not a workflow: its root is not a mapping"));
    };
    let jobs = root.get("jobs").and_then(Node::map);
    let jobs = jobs.ok_or_else(|| format!("{path} is not a workflow: it has no jobs"))?;
    let mut jobs: Vec<_> = jobs.entries.iter().take(JOBS_MAX).map(job).collect();
    mark(&mut jobs, wanted);
    Ok(DispatchPlan { inputs: root.get("on").and_then(inputs), jobs })
}

fn job(entry: &Entry) -> PlannedJob {
    let none = Map::default();
    let job = entry.value.map().unwrap_or(&none);
    let environment = job.get("environment");
    let environment = environment.and_then(|one| match one.map() {
        Some(map) => map.get("name").and_then(text),
        None => text(one),
    });
    PlannedJob {
        id: shown(&entry.key.text),
        name: job.get("name").and_then(text),
        uses: job.get("uses").and_then(text),
        needs: job.get("needs").map(texts).unwrap_or_default(),
        environment,
        condition: job.get("if").and_then(text),
        reason: Reason::Beside,
    }
}

/// Marks how the jobs relate to the wanted one. GitHub compares IDs without case.
fn mark(jobs: &mut [PlannedJob], wanted: Option<&str>) {
    let key = |id: &str| id.to_lowercase();
    let Some(wanted) = wanted.map(key).filter(|id| jobs.iter().any(|job| key(&job.id) == *id))
    else {
        return;
    };
    let edges: Vec<(String, Vec<String>)> = jobs
        .iter()
        .map(|job| (key(&job.id), job.needs.iter().map(|id| key(id)).collect()))
        .collect();
    let before = reach(&wanted, |one| {
        edges.iter().filter(|(id, _)| id == one).flat_map(|(_, needs)| needs.clone()).collect()
    });
    let after = reach(&wanted, |one| {
        let needs_it = |(_, needs): &&(String, Vec<String>)| needs.iter().any(|id| id == one);
        edges.iter().filter(needs_it).map(|(id, _)| id.clone()).collect()
    });
    for job in jobs {
        let id = key(&job.id);
        job.reason = if id == wanted {
            Reason::Wanted
        } else if before.contains(&id) {
            Reason::Needed
        } else if after.contains(&id) {
            Reason::After
        } else {
            Reason::Beside
        };
    }
}

fn reach(from: &str, next: impl Fn(&str) -> Vec<String>) -> BTreeSet<String> {
    let (mut open, mut seen) = (vec![from.to_owned()], BTreeSet::new());
    while let Some(one) = open.pop() {
        open.extend(next(&one).into_iter().filter(|id| seen.insert(id.clone())));
    }
    seen
}

/// The inputs of `on: workflow_dispatch`, of `on: [push, workflow_dispatch]` or of a mapping.
fn inputs(on: &Node) -> Option<Vec<DispatchInput>> {
    let Some(events) = on.map() else {
        let one = std::slice::from_ref(on);
        let events = on.list().unwrap_or(one);
        let is_named = events.iter().any(|event| event.text() == Some("workflow_dispatch"));
        return is_named.then(Vec::new);
    };
    let dispatch = events.get("workflow_dispatch")?;
    let inputs = dispatch.map().and_then(|dispatch| dispatch.get("inputs")).and_then(Node::map);
    let entries = inputs.map(|inputs| inputs.entries.as_slice()).unwrap_or_default();
    Some(entries.iter().take(INPUTS_MAX).map(input).collect())
}

fn input(entry: &Entry) -> DispatchInput {
    let none = Map::default();
    let input = entry.value.map().unwrap_or(&none);
    let kind = match input.get("type").and_then(Node::text).unwrap_or_default() {
        "boolean" => InputKind::Flag,
        "number" => InputKind::Number,
        "choice" => InputKind::Choice,
        "environment" => InputKind::Environment,
        _ => InputKind::Text,
    };
    let options = input.get("options").map(texts).unwrap_or_default();
    DispatchInput {
        name: shown(&entry.key.text),
        description: input.get("description").and_then(text),
        kind,
        required: input.get("required").and_then(Node::text) == Some("true"),
        default: input.get("default").and_then(text),
        options: options.into_iter().take(OPTIONS_MAX).collect(),
    }
}

fn text(node: &Node) -> Option<String> {
    node.text().filter(|_| !node.is_null()).map(|text| shown(text.trim()))
}

/// One text, or a list of texts.
fn texts(node: &Node) -> Vec<String> {
    match &node.value {
        Value::List(items) => items.iter().filter_map(text).collect(),
        _ => text(node).into_iter().collect(),
    }
}

fn shown(text: &str) -> String {
    shortened(&visible(text), TEXT_CHARS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "on:\n  push:\n  workflow_dispatch:\n    inputs:\n      ring: {type: choice, required: true, \
                        options: [blue, green], default: blue}\n      force: {type: boolean, description: Even if}\n\
                        jobs:\n  test: {runs-on: ubuntu-latest}\n  Build:\n    needs: test\n    uses: \
                        a/b/.github/workflows/build.yml@v2\n  deploy:\n    needs: [build, test]\n    environment: \
                        {name: prod, url: x}\n    if: github.ref == 'refs/heads/main'\n  notify: {needs: deploy}\n  \
                        lint: {environment: dev}\n";

    #[test]
    fn all_jobs_of_the_workflow_run_and_each_says_why() {
        let plan = read("w.yml", FILE.as_bytes(), Some("build")).expect("a plan");
        let reasons: Vec<_> = plan.jobs.iter().map(|job| (job.id.as_str(), job.reason)).collect();
        assert_eq!(
            reasons,
            [
                ("test", Reason::Needed),
                ("Build", Reason::Wanted),
                ("deploy", Reason::After),
                ("notify", Reason::After),
                ("lint", Reason::Beside),
            ]
        );
        assert_eq!(plan.jobs[2].environment.as_deref(), Some("prod"));
        assert_eq!(plan.jobs[2].condition.as_deref(), Some("github.ref == 'refs/heads/main'"));
        assert_eq!(plan.jobs[4].environment.as_deref(), Some("dev"));
        let beside = read("w.yml", FILE.as_bytes(), Some("gone")).expect("a plan");
        assert!(beside.jobs.iter().all(|job| job.reason == Reason::Beside));
    }

    #[test]
    fn a_circle_of_needs_ends() {
        let text = b"on: workflow_dispatch\njobs:\n  a: {needs: b}\n  b: {needs: a}\n";
        let plan = read("w.yml", text, Some("a")).expect("a plan");
        assert_eq!(plan.jobs[1].reason, Reason::Needed);
    }

    #[test]
    fn the_inputs_of_a_dispatch_are_read() {
        let plan = read("w.yml", FILE.as_bytes(), None).expect("a plan");
        let inputs = plan.inputs.expect("it can be dispatched");
        let [ring, force] = inputs.as_slice() else { panic!("{inputs:?}") };
        assert_eq!((ring.kind, ring.required), (InputKind::Choice, true));
        assert_eq!((ring.options.len(), ring.default.as_deref()), (2, Some("blue")));
        assert_eq!((force.kind, force.required), (InputKind::Flag, false));
        for (on, expected) in [
            ("workflow_dispatch", Some(0)),
            ("[push, workflow_dispatch]", Some(0)),
            ("{workflow_dispatch: }", Some(0)),
            ("push", None),
            ("{workflow_call: }", None),
        ] {
            let text = format!("on: {on}\njobs: {{a: {{}}}}\n");
            let plan = read("w.yml", text.as_bytes(), None).expect("a plan");
            assert_eq!(plan.inputs.map(|inputs| inputs.len()), expected, "{on}");
        }
    }

    #[test]
    fn a_file_that_is_no_workflow_is_refused_with_the_reason() {
        for (text, said) in [
            ("on: push\n", "no jobs"),
            ("[1]", "not a mapping"),
            ("on: [", "w.yml"),
            ("\u{0}", "w.yml"),
        ] {
            let refused = read("w.yml", text.as_bytes(), None).expect_err(text);
            assert!(refused.contains(said), "{text:?}: {refused}");
        }
    }
}
