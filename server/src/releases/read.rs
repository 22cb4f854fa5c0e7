//! A repository at one state: all workflows, their releases, the files these name, and everything wrong.

use super::files::{Files, Named};
use super::problem::{of_file, of_input, of_spec, warning};
use super::source::{Error, Found, Head, Source};
use super::told::{Told, notes_of};
use super::{called, dockerfile, infra, made, place, workflow};
use crate::operations::plan::file;
use app::domain::infra::Infra;
use app::domain::name::StageName;
use app::domain::release::Release;
use app::domain::release::input::Inputs;
use app::domain::release::path::RepoPath;
use app::domain::repository::{
    Defined, FILE_BYTES_MAX, FileNote, FileProblem, FileRole, ReleaseId, RepoFile,
};
use app::domain::stage::Stage;
use std::collections::BTreeMap;

/// Where GitHub looks for workflows.
const WORKFLOWS: &str = ".github/workflows";
/// Most workflow files that are read.
const WORKFLOWS_MAX: usize = 100;

/// What is needed beside the source.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The repository's name in the configuration.
    pub name: &'a str,
    /// GitHub environments whose stages have other names.
    pub environments: &'a BTreeMap<String, StageName>,
    /// All stages.
    pub stages: &'a [Stage],
}

/// A release, understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Understood {
    /// As people see it.
    pub defined: Defined,
    /// Its endpoint's and deployments' YAML, rendered.
    pub files: file::Files,
    /// What is said of its workflow.
    pub told: Told,
}

/// A repository at one state.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The state.
    pub head: Head,
    /// How many workflow files there are.
    pub workflows: u32,
    /// The releases, by file and line.
    pub releases: Vec<Understood>,
    /// What is wrong with whole files.
    pub problems: Vec<FileProblem>,
    /// What else is to be said of whole files, and of jobs that are no releases.
    pub notes: Vec<FileNote>,
}

/// Reads everything.
///
/// # Errors
/// When the source cannot be read. What is wrong with the files themselves is part of the result.
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
            "there are {} workflow files; the first {WORKFLOWS_MAX} are read. Remove those that are not needed",
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

/// Which name to configure for a repository that has another one now.
fn moved(source: &dyn Source, head: &Head) -> Option<FileProblem> {
    let name = head.moved_to.as_ref()?;
    let message = format!(
        "GitHub has this repository under another name now: {name}. It is read there. Write “repository: \
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
        // It was listed: a link that leads nowhere, or larger than any workflow.
        found => {
            let message = match found {
                Found::TooLarge => format!(
                    "the file has more than {FILE_BYTES_MAX} bytes, which are the most that are read. Shorten it"
                ),
                _ => "this is no file of the repository. Remove it or put a workflow there"
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
    let refused: Vec<_> = found.refused.into_iter().map(warning).collect();
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
        let told = Told { notes, refused: called.refused };
        let understood = define(files, setting, id, release, &own, told).await?;
        snapshot.releases.push(understood);
    }
    Ok(())
}

/// A release with other inputs, at the same state.
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
    told: Told,
) -> Result<Understood, Error> {
    let (named, missing) = files.of(&release).await?;
    let stage = place::stage(setting, &release);
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
            FileRole::Dockerfile => problems.extend(dockerfile::missing_layer(&release, bytes)),
            FileRole::Endpoint | FileRole::Deployment | FileRole::Workflow | FileRole::TestPlan => {
            }
        }
    }
    let location = infra.as_ref().and_then(|infra| infra.location.as_deref());
    let made = made::all(files, &release, &named, stage, location).await?;
    problems.extend(made.problems);
    let mut shown: Vec<RepoFile> = vec![own.shown()];
    for file in &named {
        if !shown.iter().any(|one| one.path == file.path.as_str()) {
            shown.push(file.shown());
        }
    }
    let stage = stage.map(|stage| stage.name.clone());
    let defined = Defined { id, release, stage, infra, files: shown, problems, notes };
    Ok(Understood { defined, files: made.files, told })
}

/// What is wrong with a release's inputs, its call and its environment.
fn wrong(setting: Setting<'_>, release: &Release, stage: Option<&Stage>) -> Vec<FileProblem> {
    let mut problems = Vec::new();
    for problem in &release.problems {
        let problem = of_input(&release.origin.workflow, problem.clone());
        // What is missing has no line of its own: the job has.
        problems.push(FileProblem { line: problem.line.or(release.origin.line), ..problem });
    }
    problems.extend(workflow::call_problem(&release.origin));
    problems.extend(place::unknown(setting, release, stage));
    problems
}

/// Gives problems the columns of the inputs that they are about.
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
