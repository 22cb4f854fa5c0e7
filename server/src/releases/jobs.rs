//! The jobs of a workflow, including jobs that were pasted without their indentation.
//!
//! A block pasted below `jobs:` from a README may keep its keys at the job's own depth: the job is then
//! empty, and `uses` and `with` look like jobs. GitHub rejects such a file. The console always reports the
//! problem, and still reads the job where the intention is obvious.

use super::problem::of_spec;
use domain::repository::FileProblem;
use spec::yaml::{Entry, Map, Node};

/// Keys of a job. One of these among the jobs has lost its indentation.
const JOB_KEYS: [&str; 9] =
    ["needs", "if", "uses", "with", "secrets", "permissions", "concurrency", "strategy", "name"];
/// Keys of a workflow's root besides `jobs`. One of these after `jobs` is not a job.
const ROOT_KEYS: [&str; 6] = ["on", "name", "run-name", "env", "defaults", "concurrency"];

/// One job.
#[derive(Debug)]
pub struct Job<'a> {
    pub name: &'a str,
    pub line: u32,
    pub map: Map,
}

/// The jobs of a workflow.
#[derive(Debug, Default)]
pub struct Jobs<'a> {
    pub jobs: Vec<Job<'a>>,
    /// One for each job whose keys are at the wrong depth.
    pub problems: Vec<FileProblem>,
}

/// The jobs that follow an empty `jobs:` because they were pasted without any indentation; `None` when
/// `jobs:` has a value or no job follows.
#[must_use]
pub fn beside<'a>(root: &'a Map, jobs: &Node) -> Option<Vec<&'a Entry>> {
    if !jobs.is_null() {
        return None;
    }
    let after = root.entries.iter().skip_while(|entry| entry.key.text != "jobs").skip(1);
    let entries: Vec<_> =
        after.filter(|entry| !ROOT_KEYS.contains(&entry.key.text.as_str())).collect();
    let has_call = entries.iter().any(|entry| {
        let is_job = entry.value.map().is_some_and(|job| job.get("uses").is_some());
        is_job || entry.key.text == "uses"
    });
    has_call.then_some(entries)
}

/// Groups entries into jobs.
#[must_use]
pub fn of<'a>(entries: &[&'a Entry]) -> Jobs<'a> {
    let mut all = Jobs::default();
    let mut rest = entries;
    while let [entry, after @ ..] = rest {
        let strays = after.iter().take_while(|next| is_stray(next)).count();
        let (strays, after) = after.split_at(strays);
        rest = after;
        all.add(entry, strays);
    }
    all
}

/// Whether an entry among the jobs is a job's key rather than a job.
fn is_stray(entry: &Entry) -> bool {
    // A job may be called “name” or “with”, but a job always has one of these keys.
    let is_job = entry
        .value
        .map()
        .is_some_and(|map| ["uses", "runs-on", "steps"].iter().any(|key| map.get(key).is_some()));
    JOB_KEYS.contains(&entry.key.text.as_str()) && !is_job
}

impl<'a> Jobs<'a> {
    /// Adds one entry; `strays` are the job keys that follow it at its own depth.
    fn add(&mut self, entry: &'a Entry, strays: &[&Entry]) {
        let name = entry.key.text.as_str();
        let mut message = None;
        let mut map = entry.value.map().cloned();
        if is_stray(entry) {
            let names = names(&[&[entry], strays].concat());
            let (are, belong) =
                if strays.is_empty() { ("is", "belongs") } else { ("are", "belong") };
            message = Some(format!(
                "{names} {are} at the depth of jobs, but {belong} to a job. GitHub rejects the file as it is. Indent \
                 them below the job's name"
            ));
            map = None;
        } else if !strays.is_empty() {
            let names = names(strays);
            let is_empty = entry.value.is_null();
            let is_meant = is_empty && strays.iter().any(|stray| stray.key.text == "uses");
            let read = if is_meant { ". The console reads them as part of the job" } else { "" };
            let state = if is_empty { "is empty" } else { "ends too early" };
            message = Some(format!(
                "the job {name} {state}: {names} should be below it, not at its own depth{read}. GitHub \
                 rejects the file as it is. Indent them"
            ));
            if is_meant {
                let entries = strays.iter().map(|stray| (*stray).clone()).collect();
                map = Some(Map { entries, ..Map::default() });
            }
        } else if entry.value.is_null() {
            message = Some(format!(
                "the job {name} is empty, so GitHub rejects the file. Add what it runs, or remove it"
            ));
        }
        if let Some(message) = message {
            let field = format!("jobs.{name}");
            self.problems.push(of_spec(entry.at.problem(&field, message)));
        }
        self.jobs.extend(map.map(|map| Job { name, line: entry.at.line, map }));
    }
}

/// `needs, uses and with`
fn names(entries: &[&Entry]) -> String {
    let names: Vec<_> = entries.iter().map(|entry| entry.key.text.as_str()).collect();
    match names.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        names => names.join(""),
    }
}
