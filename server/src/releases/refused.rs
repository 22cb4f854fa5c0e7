//! Why GitHub rejects a workflow file: each reason with its line and column.
//!
//! The rules are those of GitHub's own parser (its schema `workflow-v1.0` and the reader around it) for the parts that
//! the console reads: keys of the file and its jobs, names of jobs, merge keys, expressions. GitHub has accepted
//! anchors and aliases since September 2025, but still rejects merge keys.

use super::job_id;
use super::problem::of_spec;
use domain::release::expression::{self, Place};
use domain::repository::FileProblem;
use spec::problem::Mark;
use spec::yaml::{Entry, Map, Node, Value};
use std::collections::BTreeMap;

/// The keys of a workflow's root.
pub const ROOT_KEYS: [&str; 9] = [
    "on",
    "name",
    "description",
    "run-name",
    "env",
    "defaults",
    "permissions",
    "concurrency",
    "jobs",
];
/// The keys of a job that calls a workflow.
pub const CALL_KEYS: [&str; 9] =
    ["name", "uses", "with", "secrets", "needs", "if", "permissions", "concurrency", "strategy"];
/// The keys of any other job.
const JOB_KEYS: [&str; 18] = [
    "name",
    "needs",
    "if",
    "permissions",
    "concurrency",
    "strategy",
    "runs-on",
    "environment",
    "outputs",
    "env",
    "defaults",
    "steps",
    "timeout-minutes",
    "cancel-timeout-minutes",
    "continue-on-error",
    "container",
    "services",
    "snapshot",
];
/// Maximum number of reasons reported per file; a file with more repeats one mistake.
const TOLD_MAX: usize = 50;
/// Part of every message.
const REFUSES: &str = "GitHub rejects the file as it is";

/// All reasons, in the order of the file.
#[must_use]
pub fn all(root: &Node) -> Vec<FileProblem> {
    let mut found = Found::default();
    let Some(map) = root.map() else { return Vec::new() };
    found.root(root, map);
    if let Some(jobs) = map.get("jobs").and_then(Node::map) {
        found.jobs(jobs);
    }
    found.tree(root, Place::Elsewhere);
    let mut all = found.all;
    all.sort_by_key(|(line, column, _)| (*line, *column));
    // An alias repeats the reasons of its anchor, and an input may be found both as an input and as a string.
    all.dedup_by(|one, other| {
        (one.0, one.1, &one.2.message) == (other.0, other.1, &other.2.message)
    });
    let left_out = all.len().saturating_sub(TOLD_MAX);
    let mut shown: Vec<_> = all.into_iter().take(TOLD_MAX).map(|(_, _, problem)| problem).collect();
    if left_out > 0
        && let Some(last) = shown.last_mut()
    {
        last.message.push_str(&format!(" {left_out} more reasons are not shown."));
    }
    shown
}

#[derive(Default)]
struct Found {
    all: Vec<(u32, u32, FileProblem)>,
}

impl Found {
    fn add(&mut self, at: &Mark, field: &str, message: impl Into<String>) {
        self.all.push((at.line, at.column, of_spec(at.problem(field, message))));
    }

    fn root(&mut self, root: &Node, map: &Map) {
        if map.get("on").is_none() {
            let message = format!(
                "on: is missing, so nothing starts this workflow. {REFUSES}. Add the events that start it"
            );
            self.add(&root.at, "on", message);
        }
        for entry in &map.entries {
            let key = entry.key.text.as_str();
            if !ROOT_KEYS.contains(&key) {
                let near = ROOT_KEYS.iter().find(|known| known.eq_ignore_ascii_case(key));
                let way_out = match near {
                    Some(known) => format!("Write {known}"),
                    None => "Remove it".to_owned(),
                };
                let message = format!(
                    "{} is not a key of a workflow's root. {REFUSES}. {way_out}",
                    short(key)
                );
                self.add(&entry.at, key, message);
            }
        }
    }

    fn jobs(&mut self, jobs: &Map) {
        let mut ids: BTreeMap<String, &Entry> = BTreeMap::new();
        for entry in &jobs.entries {
            let id = entry.key.text.as_str();
            let field = format!("jobs.{}", short(id));
            if let Some(rule) = job_id::refused(id) {
                let message = format!(
                    "the job's name {} is invalid: {rule}. {REFUSES}. Rename it",
                    short(id)
                );
                self.add(&entry.at, &field, message);
            }
            if let Some(first) = ids.insert(id.to_lowercase(), entry) {
                let message = format!(
                    "the job {} has the same name as the job {} in line {}: GitHub compares names without case. \
                     {REFUSES}. Rename one",
                    short(id),
                    short(&first.key.text),
                    first.at.line
                );
                self.add(&entry.at, &field, message);
            }
        }
        for entry in &jobs.entries {
            if let Some(job) = entry.value.map() {
                self.job(entry, job, &ids);
            }
        }
    }

    fn job(&mut self, entry: &Entry, job: &Map, ids: &BTreeMap<String, &Entry>) {
        let name = short(&entry.key.text);
        let is_call = job.get("uses").is_some();
        let known: &[&str] = if is_call { &CALL_KEYS } else { &JOB_KEYS };
        for key in &job.entries {
            let text = key.key.text.as_str();
            if known.contains(&text) {
                continue;
            }
            let why = if is_call && JOB_KEYS.contains(&text) {
                format!("the job {name} calls a workflow (uses), so it cannot have {text}")
            } else {
                format!("{} is not a key of a job", short(text))
            };
            let message = format!("{why}. {REFUSES}. Remove it");
            self.add(&key.at, &format!("jobs.{name}.{}", short(text)), message);
        }
        if !is_call && job.get("runs-on").is_none() && !job.entries.is_empty() {
            let message =
                format!("the job {name} has neither runs-on nor uses. {REFUSES}. Add one of them");
            self.add(&entry.at, &format!("jobs.{name}"), message);
        }
        self.needs(&name, job, ids);
        self.call(&name, job);
    }

    fn needs(&mut self, name: &str, job: &Map, ids: &BTreeMap<String, &Entry>) {
        let Some(needs) = job.get("needs") else { return };
        let one = std::slice::from_ref(needs);
        for needed in needs.list().unwrap_or(one) {
            let Some(text) = needed.text().filter(|_| !needed.is_null()) else { continue };
            if !ids.contains_key(&text.to_lowercase()) {
                let message = format!(
                    "the job {name} needs {}, but there is no such job. {REFUSES}. Correct the name",
                    short(text)
                );
                self.add(&needed.at, &format!("jobs.{name}.needs"), message);
            }
        }
    }

    /// Checks `uses`, `with` and `if`.
    fn call(&mut self, name: &str, job: &Map) {
        if let Some(uses) = job.get("uses")
            && uses.text().is_some_and(|text| text.contains("${{"))
        {
            let message = format!(
                "the uses: of the job {name} cannot be an expression. {REFUSES}. Write the workflow and its tag"
            );
            self.add(&uses.at, &format!("jobs.{name}.uses"), message);
        }
        if let Some(with) = job.get("with").filter(|_| job.get("uses").is_some()) {
            self.with(name, with);
        }
        if let Some(condition) = job.get("if")
            && let Some(why) = condition.text().and_then(expression::condition_refused)
        {
            let message =
                format!("the if: of the job {name} cannot be evaluated: {why}. {REFUSES}");
            self.add(&condition.at, &format!("jobs.{name}.if"), message);
        }
    }

    fn with(&mut self, name: &str, with: &Node) {
        let Some(map) = with.map() else { return };
        for entry in &map.entries {
            let field = format!("jobs.{name}.with.{}", short(&entry.key.text));
            let text = entry.value.text();
            if let Some(why) = text.and_then(|text| expression::refused(text, Place::With)) {
                let message = format!(
                    "{} cannot be evaluated: {why}. {REFUSES}",
                    short(text.unwrap_or_default())
                );
                self.add(&entry.value.at, &field, message);
            } else if text.is_none() {
                let message = format!(
                    "an input is {}, but must be a single value. {REFUSES}",
                    entry.value.kind()
                );
                self.add(&entry.value.at, &field, message);
            }
        }
    }

    /// Checks what is refused anywhere in the file: merge keys, and expressions that are not closed.
    fn tree(&mut self, node: &Node, place: Place) {
        match &node.value {
            Value::Scalar(scalar) => {
                if let Some(why) = expression::refused(&scalar.text, place) {
                    let message = format!(
                        "{} cannot be evaluated: {why}. {REFUSES}",
                        short(scalar.text.trim())
                    );
                    self.add(&node.at, "", message);
                }
            }
            Value::List(items) => {
                for item in items {
                    self.tree(item, place);
                }
            }
            Value::Map(map) => {
                for merge in &map.merges {
                    let message = format!(
                        "GitHub does not support merge keys (<<): it would not merge {} here, and rejects the file as \
                         it is. Write the entries out, or use an alias for the whole mapping",
                        shown(&merge.keys)
                    );
                    self.add(&merge.at, "<<", message);
                }
                for entry in &map.entries {
                    self.tree(&entry.value, place);
                }
            }
        }
    }
}

/// Maximum number of a merge key's entries named in a message.
const KEYS_MAX: usize = 12;

fn shown(keys: &[String]) -> String {
    let named: Vec<_> = keys.iter().take(KEYS_MAX).map(|key| short(key)).collect();
    match keys.len().checked_sub(KEYS_MAX).filter(|more| *more > 0) {
        _ if keys.is_empty() => "anything".to_owned(),
        Some(more) => format!("{} and {more} more", named.join(", ")),
        None => named.join(", "),
    }
}

/// Cuts a string from the file for use in a message.
fn short(text: &str) -> String {
    const CHARS_MAX: usize = 60;
    let start: String = text.chars().take(CHARS_MAX).collect();
    if text.chars().nth(CHARS_MAX).is_some() { format!("{start}…") } else { start }
}

#[cfg(test)]
#[path = "refused_tests.rs"]
mod tests;
