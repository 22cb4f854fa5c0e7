//! Reads a repository at one commit: its workflows, their releases, the files that these name, and all problems.

use super::files::{Files, Named};
use super::notes::{WorkflowNotes, notes_of};
use super::problem::{of_file, of_input, of_spec, refusal};
use super::source::{Error, Found, Head, Source};
use super::{called, dockerfile, infra, rendered, stage_of_environment, workflow};
use crate::planner::file;
use domain::infra::Infra;
use domain::name::StageName;
use domain::release::Release;
use domain::release::input::Inputs;
use domain::release::note::Weight;
use domain::release::path::RepoPath;
use domain::repository::{
    Defined, FILE_BYTES_MAX, FileNote, FileProblem, FileRole, ReleaseId, RepoFile,
};
use domain::stage::Stage;
use std::collections::BTreeMap;

/// Where GitHub looks for workflows.
const WORKFLOWS: &str = ".github/workflows";
/// Maximum number of workflow files read.
const WORKFLOWS_MAX: usize = 100;

/// The configuration that a repository is read with.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The repository's name in the configuration.
    pub name: &'a str,
    /// Stages by GitHub environment, where their names differ.
    pub environments: &'a BTreeMap<String, StageName>,
    pub stages: &'a [Stage],
}

/// A release with its rendered files.
#[derive(Debug, Clone, PartialEq)]
pub struct Understood {
    pub defined: Defined,
    /// The rendered YAML of its endpoint and deployments.
    pub files: file::Files,
    pub told: WorkflowNotes,
}

/// A repository at one commit.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    pub head: Head,
    /// The number of workflow files.
    pub workflows: u32,
    /// In the order of file and line.
    pub releases: Vec<Understood>,
    /// Problems of whole files.
    pub problems: Vec<FileProblem>,
    /// Notes for whole files, and for jobs that are not releases.
    pub notes: Vec<FileNote>,
}

/// Reads a repository at `head`.
///
/// # Errors
/// When the source cannot be read. Problems in the files themselves are part of the result.
pub async fn read(
    source: &dyn Source,
    head: &Head,
    setting: Setting<'_>,
) -> Result<Snapshot, Error> {
    let folder: RepoPath = WORKFLOWS.parse().expect("a constant path is valid");
    let mut names = source.list(head, &folder).await?;
    names.retain(|name| name.ends_with(".yml") || name.ends_with(".yaml"));
    names.sort();
    let mut snapshot = Snapshot {
        head: head.clone(),
        workflows: u32::try_from(names.len()).unwrap_or(u32::MAX),
        releases: Vec::new(),
        problems: Vec::new(),
        notes: Vec::new(),
    };
    if names.len() > WORKFLOWS_MAX {
        let message = format!(
            "there are {} workflow files, but only the first {WORKFLOWS_MAX} are read. Remove those that nobody needs",
            names.len()
        );
        snapshot.problems.push(of_file(WORKFLOWS, message));
    }
    snapshot.problems.extend(moved(source, head));
    let mut files = Files::new(source, head);
    for name in names.iter().take(WORKFLOWS_MAX) {
        read_workflow(&mut files, setting, name, &mut snapshot).await?;
    }
    Ok(snapshot)
}

/// The problem to report when the repository has been renamed.
fn moved(source: &dyn Source, head: &Head) -> Option<FileProblem> {
    let name = head.moved_to.as_ref()?;
    let message = format!(
        "this repository has been renamed to {name} on GitHub. The console follows the redirect. Write “repository: \
         {name}” in the console's configuration, because the redirect ends when somebody takes the old name"
    );
    Some(of_file(&source.place(), message))
}

async fn read_workflow(
    files: &mut Files<'_>,
    setting: Setting<'_>,
    name: &str,
    snapshot: &mut Snapshot,
) -> Result<(), Error> {
    let path: RepoPath = match format!("{WORKFLOWS}/{name}").parse() {
        Ok(path) => path,
        Err(error) => {
            snapshot.problems.push(of_file(WORKFLOWS, format!("{error}")));
            return Ok(());
        }
    };
    let bytes = match files.get(&path).await? {
        Found::File(bytes) => bytes,
        // The folder lists the file, so this is a dangling link or an oversized file.
        found => {
            let message = match found {
                Found::TooLarge => format!(
                    "the file is larger than {FILE_BYTES_MAX} bytes, which is the limit. Shorten it"
                ),
                _ => "this is not a file of the repository. Remove it, or put a workflow there"
                    .to_owned(),
            };
            snapshot.problems.push(of_file(path.as_str(), message));
            return Ok(());
        }
    };
    let revision = &snapshot.head.revision;
    let place = workflow::Place { repository: setting.name, revision, path: path.as_str() };
    let found = workflow::read(place, &bytes);
    snapshot.problems.extend(found.problems);
    let refused: Vec<_> = found.refused.into_iter().map(refusal).collect();
    let is_release = |job: &str| found.releases.iter().any(|one| one.origin.job == job);
    let others = found.notes.iter().filter(|(job, _)| !is_release(job));
    snapshot.notes.extend(refused.iter().chain(others.map(|(_, note)| note)).cloned());
    let own = Named { role: FileRole::Workflow, key: None, path, bytes: Some(bytes) };
    for release in found.releases {
        let id = ReleaseId {
            repository: setting.name.to_owned(),
            workflow: name.to_owned(),
            job: release.origin.job.clone(),
        };
        let of_job = found.notes.iter().filter(|(job, _)| *job == id.job).map(|(_, note)| note);
        let notes: Vec<_> = refused.iter().chain(of_job).cloned().collect();
        let called = called::read(files, &release.origin.uses).await?;
        let Release { origin, template, inputs, .. } = release;
        let release = Release::read_against(origin, template, inputs, called.inputs);
        let told = WorkflowNotes { notes, refused: called.refused };
        let understood = define(files, setting, id, release, &own, told).await?;
        snapshot.releases.push(understood);
    }
    Ok(())
}

/// A release with other inputs, at the same commit.
///
/// # Errors
/// When the source cannot be read.
pub async fn again(
    source: &dyn Source,
    head: &Head,
    setting: Setting<'_>,
    known: &Understood,
    answers: &Inputs,
) -> Result<Understood, Error> {
    let defined = &known.defined;
    let mut files = Files::new(source, head);
    let workflow = defined.release.origin.workflow.parse::<RepoPath>();
    let Ok(path) = workflow else { return Ok(known.clone()) };
    let bytes = match files.get(&path).await? {
        Found::File(bytes) => Some(bytes),
        _ => None,
    };
    let own = Named { role: FileRole::Workflow, key: None, path, bytes };
    let release = defined.release.with(answers);
    define(&mut files, setting, defined.id.clone(), release, &own, known.told.clone()).await
}

async fn define(
    files: &mut Files<'_>,
    setting: Setting<'_>,
    id: ReleaseId,
    release: Release,
    own: &Named,
    told: WorkflowNotes,
) -> Result<Understood, Error> {
    let (named, missing) = files.of(&release).await?;
    let stage = stage_of_environment::stage(setting, &release);
    let mut problems = wrong(setting, &release, stage);
    problems.extend(missing);
    with_columns(&mut problems, &release);
    let mut notes = notes_of(&release, own.path.as_str(), &told);
    let mut infra = None;
    for file in &named {
        let Some(bytes) = file.bytes.as_deref() else { continue };
        match file.role {
            FileRole::Infra => {
                let path = file.path.as_str();
                let found = infra::read(path, bytes, release.template);
                infra = checked_infra(setting, path, found, stage, &mut problems, &mut notes);
            }
            FileRole::LoadTest => {
                let limits = spec::yaml::Limits { bytes: FILE_BYTES_MAX, ..Default::default() };
                let parsed = spec::yaml::parse(file.path.as_str(), bytes, limits);
                problems.extend(parsed.err().map(of_spec));
            }
            FileRole::Dockerfile => {
                problems.extend(dockerfile::problem(&release, file.path.as_str(), bytes));
            }
            FileRole::Endpoint | FileRole::Deployment | FileRole::Workflow | FileRole::TestPlan => {
            }
        }
    }
    let location = infra.as_ref().and_then(|infra| infra.location.as_deref());
    let made = rendered::all(files, &release, &named, stage, location).await?;
    problems.extend(made.problems);
    let mut shown: Vec<RepoFile> = vec![own.shown()];
    for file in &named {
        if !shown.iter().any(|one| one.path == file.path.as_str()) {
            shown.push(file.shown());
        }
    }
    notes.retain(|note| !is_repeated(note, &problems));
    notes.sort_by(|one, other| order(one).cmp(&order(other)));
    let stage = stage.map(|stage| stage.name.clone());
    let defined = Defined { id, release, stage, infra, files: shown, problems, notes };
    Ok(Understood { defined, files: made.files, told })
}

/// The most severe first, then by place.
fn order(note: &FileNote) -> (Weight, &str, Option<u32>, Option<u32>) {
    let FileProblem { file, line, column, .. } = &note.about;
    (note.weight, file, *line, *column)
}

/// Whether a reason why GitHub rejects an input is also a problem of the release, which explains it with a remedy.
fn is_repeated(note: &FileNote, problems: &[FileProblem]) -> bool {
    let FileProblem { file, line, field, .. } = &note.about;
    let key = field.as_deref().and_then(|field| Some(field.split_once(".with.")?.1));
    note.weight == Weight::Refused
        && problems.iter().any(|problem| {
            key.is_some()
                && problem.field.as_deref() == key
                && (&problem.file, &problem.line) == (file, line)
        })
}

/// Problems of a release's inputs, its call and its environment.
fn wrong(setting: Setting<'_>, release: &Release, stage: Option<&Stage>) -> Vec<FileProblem> {
    let mut problems = Vec::new();
    for problem in &release.problems {
        let problem = of_input(&release.origin.workflow, problem.clone());
        // A missing input has no line; its job has one.
        problems.push(FileProblem { line: problem.line.or(release.origin.line), ..problem });
    }
    problems.extend(workflow::call_problem(&release.origin));
    problems.extend(stage_of_environment::unknown(setting, release, stage));
    problems
}

/// Adds the columns of the inputs to their problems.
fn with_columns(problems: &mut [FileProblem], release: &Release) {
    for problem in problems.iter_mut().filter(|one| one.file == release.origin.workflow) {
        let input = problem.field.as_deref().and_then(|field| release.inputs.get(field));
        let here = input.filter(|input| input.line == problem.line);
        problem.column = here.and_then(|input| input.column).or(problem.column);
    }
}

fn checked_infra(
    setting: Setting<'_>,
    path: &str,
    found: Result<infra::Read, Vec<FileProblem>>,
    stage: Option<&Stage>,
    problems: &mut Vec<FileProblem>,
    notes: &mut Vec<FileNote>,
) -> Option<Infra> {
    match found {
        Ok(infra::Read { infra, variables, notes: found }) => {
            if let Some(stage) = stage {
                let both = (&infra, &variables);
                problems.extend(infra::check_stage(path, both, stage, setting.stages));
            }
            notes.extend(found);
            Some(infra)
        }
        Err(found) => {
            problems.extend(found);
            None
        }
    }
}
