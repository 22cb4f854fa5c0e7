//! The files that a release names, each read once per state of the repository.

use super::problem::of_file;
use super::source::{Error, Found, Head, Source};
use app::domain::release::input::Given;
use app::domain::release::path::RepoPath;
use app::domain::release::{Release, Template};
use app::domain::repository::{FILE_BYTES_MAX, FileProblem, FileRole, RepoFile};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most files of one state that are read: a hundred releases with some files each.
const FILES_MAX: usize = 500;
/// Most workflows of other repositories that are read for one state: teams call two or three.
const ELSEWHERE_MAX: usize = 20;
/// Which inputs name files.
const NAMED: [(&str, FileRole); 7] = [
    ("environment_config_file", FileRole::Infra),
    ("endpoint_config", FileRole::Endpoint),
    ("deployment_config", FileRole::Deployment),
    ("shadow_deployment_config", FileRole::Deployment),
    ("blue_deployment_config", FileRole::Deployment),
    ("green_deployment_config", FileRole::Deployment),
    ("load_test_config", FileRole::LoadTest),
];
/// What an image is built from; the template knows no other place.
const DOCKERFILE: &str = "Dockerfile";

/// Files of one state, read once.
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
    /// What it is to the release.
    pub role: FileRole,
    /// The input that names it; none for files that no input names.
    pub key: Option<&'static str>,
    /// Where it is.
    pub path: RepoPath,
    /// Its bytes; `None` when it cannot be had.
    pub bytes: Option<Arc<[u8]>>,
}

impl Named {
    /// As the page shows it. Text that is not UTF-8 is shown as far as it goes; a problem says so.
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
    /// None read yet.
    #[must_use]
    pub fn new(source: &'a dyn Source, head: &'a Head) -> Self {
        Self { source, head, read: BTreeMap::new(), elsewhere: BTreeMap::new() }
    }

    /// What lies at a path of another repository; nothing once too many were asked for.
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

    /// What lies at a path.
    ///
    /// # Errors
    /// When the source cannot be read, or too many files were.
    pub async fn get(&mut self, path: &RepoPath) -> Result<Found, Error> {
        if let Some(found) = self.read.get(path) {
            return Ok(found.clone());
        }
        if self.read.len() == FILES_MAX {
            return Err(Error::Unreadable(format!(
                "The workflows name more than {FILES_MAX} files, which are the most that are read."
            )));
        }
        let found = self.source.read(self.head, path, FILE_BYTES_MAX).await?;
        self.read.insert(path.clone(), found.clone());
        Ok(found)
    }

    /// The files that a release names, and what is wrong with the names.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub async fn of(&mut self, release: &Release) -> Result<(Vec<Named>, Vec<FileProblem>), Error> {
        let mut files: Vec<Named> = Vec::new();
        let mut problems = Vec::new();
        for (key, role) in NAMED {
            let Some(input) = release.inputs.get(key) else { continue };
            // What is no path is told where the inputs are checked.
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

    /// What an image is built from; no input names it.
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

    /// The load test's plan, which its configuration names in a line. Without a run nothing reads it, and
    /// it is missed by nobody.
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

    /// Why a named file cannot be had.
    fn trouble(&self, path: &RepoPath, found: &Found) -> Option<String> {
        let path = path.as_str();
        let at = self.state();
        Some(match found {
            Found::File(_) => return None,
            Found::Nothing => format!(
                "there is no file {path} at {at}. Correct the path, which counts from the repository's root, or \
                 commit the file"
            ),
            Found::Other => format!(
                "{path} at {at} is no file of the repository: a folder, or a link that leads out of it. Name a file"
            ),
            Found::TooLarge => format!(
                "{path} at {at} has more than {FILE_BYTES_MAX} bytes, which are the most that are read. Shorten it"
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

/// The plan that a load test's configuration names, beside itself, and the line that does.
fn test_plan(config: &Named) -> Option<(RepoPath, u32)> {
    let bytes = config.bytes.as_deref()?;
    let root =
        spec::yaml::parse(config.path.as_str(), bytes, spec::yaml::Limits::default()).ok()?;
    let entry = root.map()?.entry("testPlan")?;
    let plan = format!("{}/{}", config.path.folder(), entry.value.text()?);
    Some((plan.trim_start_matches('/').parse().ok()?, entry.at.line))
}

/// Whether the release runs its load test, or may: an expression only GitHub knows.
fn may_load_test(release: &Release) -> bool {
    let run = release.inputs.get("run_load_test").map(|input| &input.given);
    matches!(run, Some(Given::Bool(true) | Given::Expression(_)))
}
