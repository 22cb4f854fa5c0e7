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
        Self { source, head, read: BTreeMap::new() }
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
            let Given::Text(text) = &input.given else { continue };
            let Ok(path) = text.parse::<RepoPath>() else { continue };
            let found = self.get(&path).await?;
            problems.extend(self.trouble(release, Some(key), &path, &found));
            files.push(Named { role, key: Some(key), path, bytes: bytes(found) });
        }
        let plan = files.iter().find(|file| file.role == FileRole::LoadTest).and_then(test_plan);
        let beside = match release.template {
            Template::Build => DOCKERFILE.parse().ok().map(|path| (FileRole::Dockerfile, path)),
            Template::DeployRealtime => plan.map(|path| (FileRole::TestPlan, path)),
        };
        if let Some((role, path)) = beside {
            let found = self.get(&path).await?;
            problems.extend(self.trouble(release, None, &path, &found));
            files.push(Named { role, key: None, path, bytes: bytes(found) });
        }
        Ok((files, problems))
    }

    /// Why a named file cannot be had, at the place that names it.
    fn trouble(
        &self,
        release: &Release,
        key: Option<&str>,
        path: &RepoPath,
        found: &Found,
    ) -> Option<FileProblem> {
        let path = path.as_str();
        let at = self.state();
        let message = match found {
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
        };
        let input = key.and_then(|key| release.inputs.get(key));
        let line = input.and_then(|input| input.line).or(release.origin.line);
        let field = key.map(str::to_owned);
        Some(FileProblem { line, field, ..of_file(&release.origin.workflow, message) })
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

/// The plan that a load test's configuration names, beside itself.
fn test_plan(config: &Named) -> Option<RepoPath> {
    let bytes = config.bytes.as_deref()?;
    let root =
        spec::yaml::parse(config.path.as_str(), bytes, spec::yaml::Limits::default()).ok()?;
    let plan = root.map()?.get("testPlan")?.text()?;
    format!("{}/{plan}", config.path.folder()).trim_start_matches('/').parse().ok()
}
