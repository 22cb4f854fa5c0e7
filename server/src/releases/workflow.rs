//! A workflow file to the releases that its jobs define.
//!
//! Values are taken as GitHub takes them (YAML 1.2: only `true` and `false` are flags, `yes` is a text),
//! not as Azure's tools do. What is plain is read also where GitHub refuses the file (`refused`), and it is said.

use super::jobs::{self, Job};
use super::problem::{at, of_file, of_spec};
use super::{other, refused};
use app::domain::release::call::Call;
use app::domain::release::input::{Given, INPUTS_MAX, Inputs};
use app::domain::release::origin::Origin;
use app::domain::release::{Release, Template};
use app::domain::repository::{FILE_BYTES_MAX, FileNote, FileProblem, Revision};
use spec::yaml::{self, Limits, Map, Node, Scalar, Style, Value};

/// Most jobs of one file that are read (GitHub runs 256 per workflow at most).
const JOBS_MAX: usize = 256;
/// Longest condition that is kept, in characters.
const CONDITION_CHARS_MAX: usize = 500;

/// What a workflow file defines.
#[derive(Debug, Default)]
pub struct Workflow {
    /// Its releases, in the order of the file.
    pub releases: Vec<Release>,
    /// What is wrong with the file, or with jobs that are no releases because of it.
    pub problems: Vec<FileProblem>,
    /// Why GitHub refuses the file as it is.
    pub refused: Vec<FileProblem>,
    /// What else is to be said of its jobs, by their names.
    pub notes: Vec<(String, FileNote)>,
}

/// Where a workflow file stands.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The repository, for people.
    pub repository: &'a str,
    /// What was read.
    pub revision: &'a Revision,
    /// The file, from the root of the repository.
    pub path: &'a str,
}

/// Reads a workflow file. What is wrong with one job hides no other.
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
        let message = "this is no workflow: it has no “jobs:” at its root. Add jobs, or move the file \
                       out of .github/workflows";
        workflow.problems.push(at(&root, "", message));
        return workflow;
    };
    let below = jobs.map().map(|map| map.entries.iter().collect());
    let Some(entries) = below.or_else(|| jobs::beside(root.map()?, jobs)) else {
        let message = format!("jobs: is {}; it must map names to jobs", jobs.kind());
        workflow.problems.push(at(jobs, "jobs", message));
        return workflow;
    };
    if entries.len() > JOBS_MAX {
        let message = format!("there are {} jobs; {JOBS_MAX} are the most", entries.len());
        workflow.problems.push(at(jobs, "jobs", message));
    } else if jobs.is_null() {
        let message = "jobs: is empty, and what follows stands beside it instead of below. It is read as the jobs, \
                       but GitHub refuses the file as it is. Indent it";
        workflow.problems.push(at(jobs, "jobs", message));
    }
    let found = jobs::of(&entries[..entries.len().min(JOBS_MAX)]);
    let is_misplaced = jobs.is_null() || !found.problems.is_empty();
    workflow.problems.extend(found.problems);
    // Where jobs stand at the wrong depth that is said already, and the rest would be about the same.
    if !is_misplaced {
        workflow.refused = refused::all(&root);
    }
    for job in &found.jobs {
        read_job(place, job, &mut workflow);
    }
    workflow
}

/// A job that calls one of the templates becomes a release; any other is none of ours.
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
                let message = format!("there are {count} inputs; {INPUTS_MAX} are the most");
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
                let message = format!("with: is {}; it must map inputs to values", with.kind());
                workflow.problems.push(at(with, &field, message));
            }
        }
    }
    workflow.releases.push(Release::read(origin, template, inputs));
}

/// Why GitHub would not accept the call: one to another repository says at which state, one within the own
/// repository cannot.
#[must_use]
pub fn call_problem(origin: &Origin) -> Option<FileProblem> {
    let uses = origin.uses.as_str();
    let (path, reference) = match uses.split_once('@') {
        Some((path, reference)) => (path, Some(reference)),
        None => (uses, None),
    };
    let message = if path.starts_with("./") {
        reference?;
        "a workflow of the same repository is called as it is at the same commit. Remove the @ and what follows it"
    } else if Call::read(uses).is_some_and(|call| is_misspelt(&call)) {
        "GitHub tells capitals from small letters in the names of files, and finds none of this name. Write it in \
         small letters"
    } else if path.split('/').count() != 5 || path.split('/').any(str::is_empty) {
        "GitHub accepts owner/repository/.github/workflows/file@reference, or ./.github/workflows/file. Correct it"
    } else if reference.is_none_or(|reference| reference.trim().is_empty()) {
        "the call names no branch, tag or commit, and GitHub refuses it. Add one, like @main"
    } else {
        return None;
    };
    let shown: String = uses.chars().take(120).collect();
    let problem = of_file(&origin.workflow, format!("uses: {shown}: {message}"));
    Some(FileProblem { line: origin.line, field: Some("uses".to_owned()), ..problem })
}

/// Whether a call means a template and writes its name in other letters.
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
