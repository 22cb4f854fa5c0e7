//! The jobs of a workflow, also of one whose jobs were pasted without their indent.
//!
//! A block that is pasted below `jobs:` as it stands in a README may keep its keys at the job's own depth:
//! the job is then empty, and `uses` and `with` look like jobs. GitHub refuses such a file. Where it is
//! plain what is meant the job is read all the same, and always it is said what is wrong.

use super::problem::of_spec;
use app::domain::repository::FileProblem;
use spec::yaml::{Entry, Map, Node};

/// What a job may have. What stands among the jobs under one of these names lost its indent.
const JOB_KEYS: [&str; 9] =
    ["needs", "if", "uses", "with", "secrets", "permissions", "concurrency", "strategy", "name"];
/// What a workflow may have at its root, beside `jobs`; those that follow it are no jobs.
const ROOT_KEYS: [&str; 6] = ["on", "name", "run-name", "env", "defaults", "concurrency"];

/// One job.
#[derive(Debug)]
pub struct Job<'a> {
    /// Its name.
    pub name: &'a str,
    /// Where its name stands.
    pub line: u32,
    /// What it says.
    pub map: Map,
}

/// The jobs of a workflow and what is wrong with how they are written.
#[derive(Debug, Default)]
pub struct Jobs<'a> {
    /// Those that can be read.
    pub jobs: Vec<Job<'a>>,
    /// Those that are written at the wrong depth.
    pub problems: Vec<FileProblem>,
}

/// The entries that stand for jobs: those below `jobs:`, or beside it when it is empty and the jobs were
/// pasted at the very left. `None` when `jobs:` is empty and nothing follows.
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

/// Sorts entries into jobs.
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

/// Whether an entry among the jobs is a key of a job.
fn is_stray(entry: &Entry) -> bool {
    // A job may be called “name” or “with”; then it says what it runs.
    let is_job = entry
        .value
        .map()
        .is_some_and(|map| ["uses", "runs-on", "steps"].iter().any(|key| map.get(key).is_some()));
    JOB_KEYS.contains(&entry.key.text.as_str()) && !is_job
}

impl<'a> Jobs<'a> {
    /// Adds one entry, and the keys of jobs that follow it at its own depth.
    fn add(&mut self, entry: &'a Entry, strays: &[&Entry]) {
        let name = entry.key.text.as_str();
        let mut message = None;
        let mut map = entry.value.map().cloned();
        if is_stray(entry) {
            let names = names(&[&[entry], strays].concat());
            let subject = if strays.is_empty() { "stands" } else { "stand" };
            message = Some(format!(
                "{names} {subject} where jobs stand, but belong to a job. GitHub refuses the file as it is. Indent \
                 below the job's name what belongs to it"
            ));
            map = None;
        } else if !strays.is_empty() {
            let names = names(strays);
            let is_empty = entry.value.is_null();
            let is_meant = is_empty && strays.iter().any(|stray| stray.key.text == "uses");
            let read = if is_meant { ", and are read as if they did" } else { "" };
            let state = if is_empty { "is empty" } else { "ends too early" };
            message = Some(format!(
                "the job {name} {state}: {names} stand at its own depth and should stand below it{read}. GitHub \
                 refuses the file as it is. Indent them"
            ));
            if is_meant {
                let entries = strays.iter().map(|stray| (*stray).clone()).collect();
                map = Some(Map { entries, ..Map::default() });
            }
        } else if entry.value.is_null() {
            message = Some(format!(
                "the job {name} is empty, and GitHub refuses the file because of it. Say what it runs, or remove it"
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
