//! What a build would do, and starting it.

use super::find_release::Found;
use super::image_uses::Concerned;
use super::{SignedIn, workflow_build};
use crate::azure::registry;
use crate::azure::wire::short_asset;
use crate::error::{OrInternal as _, from_azure};
use crate::export::build::{Around, Login, commands};
use crate::github::contents::Repository;
use crate::jobs::Layers;
use crate::jobs::begin::{self, Draft};
use crate::planner::file::{Files, Rendered};
use crate::releases::Reader;
use crate::releases::building::By;
use crate::releases::source::{Found as FoundFile, Head};
use app::error::ConsoleError;
use app::port::{Begun, BuildPlan, BuildRequest, Result, WorkflowJob};
use domain::change::proposal::Words;
use domain::images::reference::LATEST;
use domain::job::build::{Build, Method};
use domain::release::Template;
use domain::release::build::KEYS;
use domain::release::note::Weight;
use domain::release::path::RepoPath;
use domain::repository::{Defined, FILE_BYTES_MAX, FileNote};
use domain::user::Right;
use serde_json::Value;

/// A build as its release defines it now.
struct Drafted {
    /// `None` if there are problems.
    build: Option<Build>,
    problems: Vec<String>,
    /// The layers of its Dockerfile.
    layers: Vec<String>,
    /// All jobs of its workflow; empty for a build by a registry.
    jobs: Vec<WorkflowJob>,
    by: By,
    /// What to say before the build starts, in full sentences.
    remarks: Vec<String>,
}

/// Why GitHub rejects the workflow of a release, and what else concerns its build.
fn remarks(defined: &Defined) -> (Vec<String>, Vec<String>) {
    let is_build = defined.release.template == Template::Build;
    let concerns_build = |note: &FileNote| match &note.about.field {
        Some(field) => is_build || KEYS.contains(&field.as_str()),
        None => true,
    };
    let said = |note: &FileNote| format!("{}: {}", note.about.place(), note.about.message);
    let of = |weight: Weight| {
        let notes = defined.notes.iter().filter(move |note| note.weight == weight);
        notes.filter(|note| weight == Weight::Refused || concerns_build(note)).map(said).collect()
    };
    (of(Weight::Refused), of(Weight::Warning))
}

/// A sentence for each file that names a version of the image instead of `@latest`.
fn pinned(files: &Files, build: &Build) -> Vec<String> {
    let version = |(path, file): (&RepoPath, &Rendered)| {
        let id = file.body.pointer("/properties/environmentId").and_then(Value::as_str)?;
        let reference = short_asset(id);
        let (name, version) = reference.rsplit_once(':')?;
        let is_it = name.eq_ignore_ascii_case(build.image.as_str());
        is_it.then(|| {
            format!(
                "{path} names version {version} of {name}. The release deploys that version, not the one that this build \
                 registers. To deploy what was built, write azureml:{name}@latest in the file."
            )
        })
    };
    files.iter().filter_map(version).collect()
}

/// The layers of a repository's Dockerfile.
async fn layers(reader: &Reader, head: &Head) -> Result<Layers> {
    let Ok(path) = reader.building().path().parse() else { return Ok(Layers::NoFile) };
    let file = reader.source().read(head, &path, FILE_BYTES_MAX).await;
    Ok(match file.map_err(|error| ConsoleError::Unavailable(error.to_string()))? {
        FoundFile::File(file) => Layers::of(&file),
        FoundFile::Nothing | FoundFile::Other => Layers::NoFile,
        FoundFile::TooLarge => Layers::Unreadable(format!(
            "the file is larger than {} kB, so it cannot be a Dockerfile",
            FILE_BYTES_MAX / 1024
        )),
    })
}

impl SignedIn {
    /// A build as its release defines it now, with the layers of its Dockerfile.
    async fn draft_build(&self, request: &BuildRequest) -> Result<Drafted> {
        let Found { reader, snapshot, understood, .. } = self
            .find_release(&request.release, request.reference.as_ref(), &request.answers)
            .await?;
        let building = reader.building();
        let head = &snapshot.head;
        let layers = layers(reader, head).await?;
        let Draft { mut build, mut problems } =
            begin::draft(&understood, head, building, request, &layers);
        let mut jobs = Vec::new();
        if building.method == By::Workflow {
            let defined = snapshot.releases.iter().find(|one| one.defined.id == request.release);
            let defined = defined.map_or(&understood.defined.release, |one| &one.defined.release);
            let releases = (defined, &understood.defined.release);
            let dispatch = workflow_build::read(reader, head, &request.release, releases).await?;
            problems.extend(dispatch.problems);
            jobs = dispatch.jobs;
            if let Some(Build { method: Method::Workflow { inputs, .. }, .. }) = &mut build {
                *inputs = dispatch.inputs;
            }
        }
        let (refused, mut remarks) = remarks(&understood.defined);
        match building.method {
            By::Workflow => problems.extend(refused),
            By::Registry => remarks.extend(refused.into_iter().map(|said| format!(
                "{said} GitHub therefore does not run this workflow. The registry can build all the same."
            ))),
        }
        remarks.extend(build.iter().flat_map(|build| pinned(&understood.files, build)));
        Ok(Drafted {
            remarks,
            build: build.filter(|_| problems.is_empty()),
            problems,
            layers: layers.names(),
            jobs,
            by: building.method,
        })
    }

    pub(super) async fn view_build_plan(&self, request: &BuildRequest) -> Result<BuildPlan> {
        self.may_read()?;
        let services = &self.services;
        let Drafted { build, mut problems, layers, jobs, by, remarks } =
            self.draft_build(request).await?;
        let (mut registry, mut open, mut usual_ms) = (None, None, None);
        let mut is_protected = false;
        let (mut concerned, mut documents) = (Concerned::default(), Vec::new());
        if let Some(build) = &build {
            let place = services.stages.get(&build.stage)?;
            is_protected = place.stage.protected;
            let found = registry::of_workspace(&place.arm, &place.workspace).await;
            // A workflow of the templates pushes to the same registry.
            let host =
                found.as_ref().ok().and_then(Option::as_ref).map(|one| one.login_server.clone());
            if by == By::Registry {
                match found.map_err(|error| from_azure(&error))? {
                    Some(found) => registry = Some(found),
                    None => problems.push(crate::jobs::NO_REGISTRY.to_owned()),
                }
            }
            let tag = host.and_then(|host| format!("{host}/{}:{LATEST}", build.image).parse().ok());
            let source = self.reader(&build.repository)?.source();
            let github = source.on_github().map(Repository::full_name);
            documents.extend(commands(
                build,
                &Around {
                    workspace: &place.workspace,
                    registry: registry.as_ref().map(Login::of),
                    source: &source.place(),
                    github: github.as_deref(),
                },
            ));
            concerned = self.concerned(&build.stage, build.image.as_str(), tag.as_ref()).await;
            let target = build.target();
            let recent = services.jobs.table.recent(&target, 1).await;
            let recent = recent.or_internal("jobs cannot be read")?;
            open = recent.into_iter().find(|job| job.progress.is_open());
            let usual = services.jobs.table.usual_ms(&target, services.clock.now()).await;
            usual_ms = usual.or_internal("jobs cannot be read")?;
        }
        Ok(BuildPlan {
            now: services.clock.now(),
            release: request.release.clone(),
            proposes: request.deploy && is_protected,
            build: build.filter(|_| problems.is_empty()),
            problems,
            warnings: remarks.into_iter().chain(concerned.warnings).collect(),
            layers,
            registry: registry.map(|registry| registry.login_server),
            jobs,
            open,
            uses: concerned.uses,
            knows_uses: concerned.is_known,
            usual_ms,
            documents,
            may_not_build: self.principal.why_not(Right::Build),
        })
    }

    pub(super) async fn begin_build(
        &self,
        request: &BuildRequest,
        commit: &str,
        reason: Option<Words>,
    ) -> Result<Begun> {
        let Drafted { build, problems, .. } = self.draft_build(request).await?;
        let Some(mut build) = build else {
            let problems = problems.join(" ");
            return Err(ConsoleError::Refused(format!("Nothing was started. {problems}")));
        };
        if build.commit != commit {
            return Err(ConsoleError::Conflict(format!(
                "The branch has moved: it is now at {}. Nothing was started. Look at the build again, then start it.",
                build.short()
            )));
        }
        if let Some(deploys) = &mut build.deploys {
            deploys.reason = reason;
        }
        self.store_build(build).await
    }
}
