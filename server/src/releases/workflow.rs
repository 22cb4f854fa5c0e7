//! Reads the releases that the jobs of a workflow file define.
//!
//! Values are read as GitHub reads them (YAML 1.2: only `true` and `false` are booleans, `yes` is a string),
//! not as Azure's tools do. A file that GitHub rejects is still read as far as its meaning is clear; `refused`
//! reports the reasons.

use super::jobs::{self, Job};
use super::problem::{at, of_file, of_spec};
use super::{other, refused};
use domain::release::call::Call;
use domain::release::input::{Given, INPUTS_MAX, Inputs};
use domain::release::origin::Origin;
use domain::release::{Release, Template};
use domain::repository::{FILE_BYTES_MAX, FileNote, FileProblem, Revision};
use spec::yaml::{self, Limits, Map, Node, Scalar, Style, Value};

/// Maximum number of jobs read per file: GitHub's limit per workflow.
const JOBS_MAX: usize = 256;
/// Longer conditions are cut to this many characters.
const CONDITION_CHARS_MAX: usize = 500;

/// The contents of a workflow file.
#[derive(Debug, Default)]
pub struct Workflow {
    /// In the order of the file.
    pub releases: Vec<Release>,
    /// Problems of the file, and of jobs that could not be read as releases.
    pub problems: Vec<FileProblem>,
    /// Why GitHub rejects the file.
    pub refused: Vec<FileProblem>,
    /// Notes for jobs, by job name.
    pub notes: Vec<(String, FileNote)>,
}

/// The location of a workflow file.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    pub repository: &'a str,
    pub revision: &'a Revision,
    /// Relative to the root of the repository.
    pub path: &'a str,
}

/// Reads a workflow file. A broken job does not hide the others.
#[must_use]
pub fn read(place: Place<'_>, bytes: &[u8]) -> Workflow {
    let mut workflow = Workflow::default();
    let limits = Limits { bytes: FILE_BYTES_MAX, ..Limits::default() };
    let root = match yaml::parse(place.path, bytes, limits) {
        Ok(root) => root,
        Err(problem) => {
            workflow.problems.push(of_spec(problem));
            return workflow;
        }
    };
    let Some(jobs) = root.map().and_then(|root| root.get("jobs")) else {
        let message = "this is not a workflow: it has no “jobs:” at its root. Add jobs, or move the file \
                       out of .github/workflows";
        workflow.problems.push(at(&root, "", message));
        return workflow;
    };
    let below = jobs.map().map(|map| map.entries.iter().collect());
    let Some(entries) = below.or_else(|| jobs::beside(root.map()?, jobs)) else {
        let message = format!("jobs: is {}, but must map names to jobs", jobs.kind());
        workflow.problems.push(at(jobs, "jobs", message));
        return workflow;
    };
    if entries.len() > JOBS_MAX {
        let message = format!("there are {} jobs, but the limit is {JOBS_MAX}", entries.len());
        workflow.problems.push(at(jobs, "jobs", message));
    } else if jobs.is_null() {
        let message = "jobs: is empty, because the jobs that follow are not indented. The console reads them as jobs, \
                       but GitHub rejects the file as it is. Indent them";
        workflow.problems.push(at(jobs, "jobs", message));
    }
    let found = jobs::of(&entries[..entries.len().min(JOBS_MAX)]);
    let is_misplaced = jobs.is_null() || !found.problems.is_empty();
    workflow.problems.extend(found.problems);
    // For jobs at the wrong depth the further reasons would only repeat the problem.
    if !is_misplaced {
        workflow.refused = refused::all(&root);
    }
    for job in &found.jobs {
        read_job(place, job, &mut workflow);
    }
    workflow
}

/// A job that calls one of the templates becomes a release. Other jobs are left to GitHub.
fn read_job(place: Place<'_>, found: &Job<'_>, workflow: &mut Workflow) {
    let job = &found.map;
    let Some(uses) = job.get("uses").and_then(Node::text) else { return };
    let Some(template) = Template::of_uses(uses) else {
        let other = Call::read(uses).and_then(|call| call.other());
        let note = other.map(|other| other::note(place.path, found, other));
        workflow.notes.extend(note.map(|note| (found.name.to_owned(), note)));
        return;
    };
    workflow.notes.extend(other::matrix(found).map(|note| (found.name.to_owned(), note)));
    let origin = Origin {
        repository: place.repository.to_owned(),
        reference: place.revision.reference.as_ref().map(ToString::to_string).unwrap_or_default(),
        commit: place.revision.commit.clone(),
        workflow: place.path.to_owned(),
        job: found.name.to_owned(),
        line: Some(found.line),
        uses: uses.trim().chars().take(200).collect(),
        condition: condition(job),
        needs: needs(job),
    };
    let mut inputs = Inputs::new();
    if let Some(with) = job.get("with") {
        let field = format!("jobs.{}.with", found.name);
        match with.map() {
            Some(map) if map.entries.len() > INPUTS_MAX => {
                let count = map.entries.len();
                let message = format!("there are {count} inputs, but the limit is {INPUTS_MAX}");
                workflow.problems.push(at(with, &field, message));
            }
            Some(map) => {
                for input in &map.entries {
                    let at = (input.at.line, input.at.column);
                    inputs.add(&input.key.text, given(&input.value), at);
                }
            }
            None if with.is_null() => {}
            None => {
                let message = format!("with: is {}, but must map inputs to values", with.kind());
                workflow.problems.push(at(with, &field, message));
            }
        }
    }
    workflow.releases.push(Release::read(origin, template, inputs));
}

/// Why GitHub rejects the call. A call to another repository must name a reference; a call within the repository
/// must not.
#[must_use]
pub fn call_problem(origin: &Origin) -> Option<FileProblem> {
    let uses = origin.uses.as_str();
    let (path, reference) = match uses.split_once('@') {
        Some((path, reference)) => (path, Some(reference)),
        None => (uses, None),
    };
    let message = if path.starts_with("./") {
        reference?;
        "a workflow of the same repository is always called at the same commit. Remove the @ and what follows it"
    } else if Call::read(uses).is_some_and(|call| is_misspelt(&call)) {
        "file names on GitHub are case-sensitive, and there is no file of this name. Write it in lower-case letters"
    } else if path.split('/').count() != 5 || path.split('/').any(str::is_empty) {
        "GitHub accepts owner/repository/.github/workflows/file@reference, or ./.github/workflows/file. Correct it"
    } else if reference.is_none_or(|reference| reference.trim().is_empty()) {
        "the call names no branch, tag or commit, so GitHub rejects it. Add one, for example @main"
    } else {
        return None;
    };
    let shown: String = uses.chars().take(120).collect();
    let problem = of_file(&origin.workflow, format!("uses: {shown}: {message}"));
    Some(FileProblem { line: origin.line, field: Some("uses".to_owned()), ..problem })
}

/// Whether a call names a template in the wrong case.
fn is_misspelt(call: &Call<'_>) -> bool {
    call.template().is_some_and(|template| template.file() != call.file)
}

fn condition(job: &Map) -> Option<String> {
    let text = job.get("if")?.text()?;
    Some(text.trim().chars().take(CONDITION_CHARS_MAX).collect())
}

/// `needs: one` or `needs: [one, two]`.
fn needs(job: &Map) -> Vec<String> {
    match job.get("needs") {
        Some(Node { value: Value::List(items), .. }) => {
            items.iter().filter_map(Node::text).map(str::to_owned).collect()
        }
        Some(node) => {
            node.text().filter(|_| !node.is_null()).map(str::to_owned).into_iter().collect()
        }
        None => Vec::new(),
    }
}

/// A value as GitHub reads it.
fn given(node: &Node) -> Given {
    let Some(scalar) = node.scalar() else { return Given::Other(node.kind().to_owned()) };
    let Scalar { text, style, .. } = scalar;
    if node.is_null() {
        return Given::Null;
    }
    if *style == Style::Quoted || text.contains("${{") {
        return Given::text(text.as_str());
    }
    Given::plain(text)
}

#[cfg(test)]
#[path = "workflow_tests.rs"]
mod tests;
