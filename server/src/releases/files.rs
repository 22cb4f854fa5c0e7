//! The files that a release names. Each is read once per commit.

use super::problem::of_file;
use super::source::{Error, Found, Head, Source};
use domain::release::input::Given;
use domain::release::path::RepoPath;
use domain::release::{Release, Template};
use domain::repository::{FILE_BYTES_MAX, FileProblem, FileRole, RepoFile};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Maximum number of files read at one commit: enough for a hundred releases with a few files each.
const FILES_MAX: usize = 500;
/// Maximum number of workflows read from other repositories at one commit. Teams call two or three.
const ELSEWHERE_MAX: usize = 20;
/// The inputs that name files.
const NAMED: [(&str, FileRole); 7] = [
    ("environment_config_file", FileRole::Infra),
    ("endpoint_config", FileRole::Endpoint),
    ("deployment_config", FileRole::Deployment),
    ("shadow_deployment_config", FileRole::Deployment),
    ("blue_deployment_config", FileRole::Deployment),
    ("green_deployment_config", FileRole::Deployment),
    ("load_test_config", FileRole::LoadTest),
];
/// The template always builds from this path.
const DOCKERFILE: &str = "Dockerfile";

/// The files read so far at one commit.
#[derive(Debug)]
pub struct Files<'a> {
    source: &'a dyn Source,
    head: &'a Head,
    read: BTreeMap<RepoPath, Found>,
    elsewhere: BTreeMap<(String, RepoPath, String), Found>,
}

/// One file of a release.
#[derive(Debug, Clone)]
pub struct Named {
    pub role: FileRole,
    /// The input that names the file; `None` when no input does.
    pub key: Option<&'static str>,
    pub path: RepoPath,
    /// `None` when the file is missing or too large.
    pub bytes: Option<Arc<[u8]>>,
}

impl Named {
    /// The file as the page shows it. Invalid UTF-8 is replaced; a problem reports it.
    #[must_use]
    pub fn shown(&self) -> RepoFile {
        let text = self.bytes.as_deref().map(|bytes| {
            let text = String::from_utf8_lossy(bytes);
            text.trim_start_matches('\u{feff}').replace("\r\n", "\n")
        });
        RepoFile { role: self.role, path: self.path.as_str().to_owned(), text }
    }
}

impl<'a> Files<'a> {
    /// Reads from `source` at `head`.
    #[must_use]
    pub fn new(source: &'a dyn Source, head: &'a Head) -> Self {
        Self { source, head, read: BTreeMap::new(), elsewhere: BTreeMap::new() }
    }

    /// A file of another repository; [`Found::Nothing`] once `ELSEWHERE_MAX` files have been read.
    pub async fn called(&mut self, repository: &str, path: &RepoPath, at: &str) -> Found {
        let key = (repository.to_lowercase(), path.clone(), at.to_owned());
        if let Some(found) = self.elsewhere.get(&key) {
            return found.clone();
        }
        if self.elsewhere.len() == ELSEWHERE_MAX {
            return Found::Nothing;
        }
        let found = self.source.elsewhere(repository, path, at, FILE_BYTES_MAX).await;
        self.elsewhere.insert(key, found.clone());
        found
    }

    /// The file at a path.
    ///
    /// # Errors
    /// When the source cannot be read, or the files exceed `FILES_MAX`.
    pub async fn get(&mut self, path: &RepoPath) -> Result<Found, Error> {
        if let Some(found) = self.read.get(path) {
            return Ok(found.clone());
        }
        if self.read.len() == FILES_MAX {
            return Err(Error::Unreadable(format!(
                "The workflows name more than {FILES_MAX} files, which is the limit. Name fewer files."
            )));
        }
        let found = self.source.read(self.head, path, FILE_BYTES_MAX).await?;
        self.read.insert(path.clone(), found.clone());
        Ok(found)
    }

    /// The files that a release names, and the problems of the names that lead to no file.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub async fn of(&mut self, release: &Release) -> Result<(Vec<Named>, Vec<FileProblem>), Error> {
        let mut files: Vec<Named> = Vec::new();
        let mut problems = Vec::new();
        for (key, role) in NAMED {
            let Some(input) = release.inputs.get(key) else { continue };
            // The check of the inputs reports invalid paths.
            let Some(text) = input.given.as_text() else { continue };
            let Ok(path) = text.parse::<RepoPath>() else { continue };
            let found = self.get(&path).await?;
            if let Some(message) = self.trouble(&path, &found) {
                let line = input.line.or(release.origin.line);
                let field = Some(key.to_owned());
                let problem = of_file(&release.origin.workflow, message);
                problems.push(FileProblem { line, field, ..problem });
            }
            files.push(Named { role, key: Some(key), path, bytes: bytes(found) });
        }
        let (more, trouble) = match release.template {
            Template::Build => self.dockerfile(release).await?,
            Template::DeployRealtime => {
                let config = files.iter().find(|file| file.role == FileRole::LoadTest);
                match config.and_then(|config| Some((config, test_plan(config)?))) {
                    Some((config, plan)) => self.plan(release, config, plan).await?,
                    None => return Ok((files, problems)),
                }
            }
        };
        files.push(more);
        problems.extend(trouble);
        Ok((files, problems))
    }

    async fn dockerfile(
        &mut self,
        release: &Release,
    ) -> Result<(Named, Option<FileProblem>), Error> {
        let path: RepoPath = DOCKERFILE.parse().expect("a constant path is valid");
        let found = self.get(&path).await?;
        let problem = self.trouble(&path, &found).map(|message| FileProblem {
            line: release.origin.line,
            ..of_file(&release.origin.workflow, message)
        });
        let bytes = bytes(found);
        Ok((Named { role: FileRole::Dockerfile, key: None, path, bytes }, problem))
    }

    /// The test plan that the load test's configuration names. A missing plan is a problem only if the load
    /// test may run.
    async fn plan(
        &mut self,
        release: &Release,
        config: &Named,
        (path, line): (RepoPath, u32),
    ) -> Result<(Named, Option<FileProblem>), Error> {
        let found = self.get(&path).await?;
        let trouble = self.trouble(&path, &found).filter(|_| may_load_test(release));
        let problem = trouble.map(|message| FileProblem {
            line: Some(line),
            field: Some("testPlan".to_owned()),
            ..of_file(config.path.as_str(), message)
        });
        let bytes = bytes(found);
        Ok((Named { role: FileRole::TestPlan, key: None, path, bytes }, problem))
    }

    /// Why a named file cannot be used.
    fn trouble(&self, path: &RepoPath, found: &Found) -> Option<String> {
        let path = path.as_str();
        let at = self.state();
        Some(match found {
            Found::File(_) => return None,
            Found::Nothing => format!(
                "there is no file {path} at {at}. Correct the path, which is relative to the repository's root, or \
                 commit the file"
            ),
            Found::Other => format!(
                "{path} at {at} is not a file but a folder, or a link that leads out of the repository. Name a file"
            ),
            Found::TooLarge => format!(
                "{path} at {at} is larger than {FILE_BYTES_MAX} bytes, which is the limit. Shorten it"
            ),
        })
    }

    /// `main (0123abcd)`
    fn state(&self) -> String {
        let revision = &self.head.revision;
        match (&revision.reference, &revision.commit) {
            (Some(reference), Some(commit)) => {
                format!("{reference} ({})", commit.get(..8).unwrap_or(commit))
            }
            _ => self.source.place(),
        }
    }
}

fn bytes(found: Found) -> Option<Arc<[u8]>> {
    match found {
        Found::File(bytes) => Some(bytes),
        _ => None,
    }
}

/// The test plan that a load test's configuration names, relative to its own folder, and the line of the name.
fn test_plan(config: &Named) -> Option<(RepoPath, u32)> {
    let bytes = config.bytes.as_deref()?;
    let root =
        spec::yaml::parse(config.path.as_str(), bytes, spec::yaml::Limits::default()).ok()?;
    let entry = root.map()?.entry("testPlan")?;
    let plan = format!("{}/{}", config.path.folder(), entry.value.text()?);
    Some((plan.trim_start_matches('/').parse().ok()?, entry.at.line))
}

/// Whether the release may run its load test. Only GitHub can evaluate an expression, so one counts as yes.
fn may_load_test(release: &Release) -> bool {
    let run = release.inputs.get("run_load_test").map(|input| &input.given);
    matches!(run, Some(Given::Bool(true) | Given::Expression(_)))
}
