//! Renders endpoint and deployment YAML as Azure's tools would. The files that the YAML names are read at the same
//! commit.

use super::files::Files;
use super::problem::of_spec;
use super::source::{Error, Found};
use crate::planner::file;
use domain::name::{DeploymentName, EndpointName};
use domain::release::path::RepoPath;
use domain::repository::FileProblem;
use domain::stage::Stage;
use spec::files::Kind;
use spec::render::{self, Options, Rendered, Source};
use spec::scope::Scope;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// Maximum number of rounds of fetching: a file names files, which may name others. No definition needs more.
const ROUNDS_MAX: usize = 4;

/// Fetched files, and the paths that rendering requested and that have not been fetched.
#[derive(Debug, Default)]
struct Beside {
    fetched: BTreeMap<RepoPath, Found>,
    wanted: RefCell<BTreeSet<RepoPath>>,
}

impl Beside {
    fn look(&self, path: &Path) -> Option<&Found> {
        // A path that leads out of the repository counts as missing.
        let path: RepoPath = path.to_str()?.parse().ok()?;
        let found = self.fetched.get(&path);
        if found.is_none() {
            self.wanted.borrow_mut().insert(path);
        }
        found
    }
}

impl spec::files::Files for Beside {
    fn kind(&self, path: &Path) -> Option<Kind> {
        match self.look(path)? {
            // A file that is too large to read can still be uploaded.
            Found::File(_) | Found::TooLarge => Some(Kind::File),
            // Git stores no empty folders.
            Found::Other => Some(Kind::Folder),
            Found::Nothing => None,
        }
    }

    fn read(&self, path: &Path, most: usize) -> io::Result<Vec<u8>> {
        match self.look(path) {
            Some(Found::File(bytes)) => Ok(bytes[..bytes.len().min(most)].to_vec()),
            Some(Found::TooLarge) => Err(io::Error::other("it is too large to be read")),
            _ => Err(io::Error::new(io::ErrorKind::NotFound, "it is not in the repository")),
        }
    }
}

/// A file to render.
#[derive(Debug, Clone)]
pub struct Definition<'a> {
    pub path: &'a RepoPath,
    pub bytes: &'a [u8],
    pub stage: &'a Stage,
    /// The region, when the infra configuration names one.
    pub location: Option<&'a str>,
    /// The endpoint's name from the workflow's input.
    pub endpoint: Option<&'a EndpointName>,
}

impl Definition<'_> {
    fn scope(&self) -> Scope {
        let Stage { subscription, resource_group, workspace, .. } = self.stage.clone();
        let location = self.location.unwrap_or_default().to_owned();
        Scope { subscription, resource_group, workspace, location }
    }

    /// Renders repeatedly, fetching the requested files, until rendering requests no more.
    async fn render(
        &self,
        files: &mut Files<'_>,
        name: Option<String>,
        what: fn(&Source<'_>, &Options, &dyn spec::files::Files) -> Outcome,
        endpoint: Option<String>,
    ) -> Result<Outcome, Error> {
        let source = Source {
            name: self.path.as_str(),
            bytes: self.bytes,
            folder: PathBuf::from(self.path.folder()),
        };
        let options = Options { name, endpoint, set: Vec::new(), scope: self.scope() };
        let mut beside = Beside::default();
        for _ in 0..ROUNDS_MAX {
            let outcome = what(&source, &options, &beside);
            let wanted = beside.wanted.take();
            if wanted.is_empty() {
                return Ok(outcome);
            }
            for path in wanted {
                let found = files.get(&path).await?;
                beside.fetched.insert(path, found);
            }
        }
        Ok(what(&source, &options, &beside))
    }

    /// Renders an endpoint's YAML.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub async fn endpoint(&self, files: &mut Files<'_>) -> Result<Made<file::Rendered>, Error> {
        let name = self.endpoint.map(ToString::to_string);
        let outcome = self.render(files, name, render::endpoint, None).await?;
        Ok(outcome.map(|made| file::Rendered::of(made, &self.scope())).map_err(problems))
    }

    /// Renders a deployment's YAML.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub async fn deployment(
        &self,
        files: &mut Files<'_>,
        name: Option<&DeploymentName>,
    ) -> Result<Made<file::Rendered>, Error> {
        let endpoint = self.endpoint.map(ToString::to_string);
        let given = name.map(ToString::to_string);
        let outcome = self.render(files, given, render::deployment, endpoint).await?;
        Ok(outcome.map(|made| file::Rendered::of(made, &self.scope())).map_err(problems))
    }
}

/// A rendered file, or its problems.
pub type Made<T> = Result<T, Vec<FileProblem>>;

fn problems(problems: Vec<spec::problem::Problem>) -> Vec<FileProblem> {
    problems.into_iter().map(of_spec).collect()
}

type Outcome = Result<Rendered, Vec<spec::problem::Problem>>;
