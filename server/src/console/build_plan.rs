//! What a build would do, and starting it.

use super::find_release::Found;
use super::{SignedIn, workflow_build};
use crate::azure::wire::short_asset;
use crate::azure::{environments, registry};
use crate::error::{OrInternal as _, from_azure};
use crate::export::build::{Around, Login, commands};
use crate::github::contents::Repository;
use crate::jobs::begin::{self, Draft};
use crate::planner::file::{Files, Rendered};
use crate::releases::Reader;
use crate::releases::building::By;
use crate::releases::source::{Found as FoundFile, Head};
use app::error::ConsoleError;
use app::port::{BuildPlan, BuildRequest, Result, WorkflowJob};
use domain::images::reference::LATEST;
use domain::job::JobId;
use domain::job::build::{Build, Method};
use domain::release::path::RepoPath;
use domain::repository::FILE_BYTES_MAX;
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
    /// The files of the release that name a version of the image, so that the release does not deploy what is built.
    pinned: Vec<String>,
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

/// The layers of a repository's Dockerfile; `None` if there is no such file.
async fn layers(reader: &Reader, head: &Head) -> Result<Option<Vec<String>>> {
    let name = reader.building().path();
    let Ok(path) = name.parse() else { return Ok(None) };
    let file = reader.source().read(head, &path, FILE_BYTES_MAX).await;
    match file.map_err(|error| ConsoleError::Unavailable(error.to_string()))? {
        FoundFile::File(file) => crate::jobs::layers(&file)
            .map(Some)
            .map_err(|error| ConsoleError::Refused(format!("{name} cannot be read: {error}."))),
        FoundFile::Nothing | FoundFile::Other | FoundFile::TooLarge => Ok(None),
    }
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
            begin::draft(&understood, head, building, request, layers.as_deref());
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
        let pinned = build.as_ref().map_or_else(Vec::new, |build| pinned(&understood.files, build));
        Ok(Drafted {
            pinned,
            build: build.filter(|_| problems.is_empty()),
            problems,
            layers: layers.unwrap_or_default(),
            jobs,
            by: building.method,
        })
    }

    pub(super) async fn view_build_plan(&self, request: &BuildRequest) -> Result<BuildPlan> {
        self.may_read()?;
        let services = &self.services;
        let Drafted { build, mut problems, layers, jobs, by, pinned } =
            self.draft_build(request).await?;
        let (mut registry, mut uses, mut open, mut usual_ms) = (None, Vec::new(), None, None);
        let (mut warnings, mut documents) = (pinned, Vec::new());
        if let Some(build) = &build {
            let place = services.stages.get(&build.stage)?;
            if by == By::Registry {
                let found = registry::of_workspace(&place.arm, &place.workspace).await;
                match found.map_err(|error| from_azure(&error))? {
                    Some(found) => registry = Some(found),
                    None => problems.push(crate::jobs::NO_REGISTRY.to_owned()),
                }
            }
            let name = build.image.as_str();
            let versions = environments::versions(&place.arm, &place.workspace, name).await;
            let versions = versions.map_err(|error| from_azure(&error))?;
            let host = registry.as_ref().map_or("", |registry| registry.login_server.as_str());
            let tag = format!("{host}/{name}:{LATEST}");
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
            let used = self.used(&build.stage, name);
            let (shown, warning) = super::image_uses::pushing(&tag, &used, &versions);
            uses = shown;
            warnings.extend(warning);
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
            build: build.filter(|_| problems.is_empty()),
            problems,
            warnings,
            layers,
            registry: registry.map(|registry| registry.login_server),
            jobs,
            open,
            uses,
            usual_ms,
            documents,
            may_not_build: self.principal.why_not(Right::Build),
        })
    }

    pub(super) async fn begin_build(&self, request: &BuildRequest, commit: &str) -> Result<JobId> {
        let Drafted { build, problems, .. } = self.draft_build(request).await?;
        let Some(build) = build else {
            let problems = problems.join(" ");
            return Err(ConsoleError::Refused(format!("Nothing was started. {problems}")));
        };
        if build.commit != commit {
            return Err(ConsoleError::Conflict(format!(
                "The branch has moved: it is now at {}. Nothing was started. Look at the build again, then start it.",
                build.short()
            )));
        }
        self.store_build(build).await
    }
}
