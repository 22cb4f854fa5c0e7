//! Endpoint and deployment YAML of a repository, rendered as Azure's tools would, with the files that they
//! name taken from the same state of the repository.

use super::files::Files;
use super::problem::of_spec;
use super::source::{Error, Found};
use crate::operations::plan::file;
use app::domain::name::{DeploymentName, EndpointName};
use app::domain::release::path::RepoPath;
use app::domain::repository::FileProblem;
use app::domain::stage::Stage;
use spec::files::Kind;
use spec::render::{self, Options, Rendered, Source};
use spec::scope::Scope;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// Rendering asks for the files that a file names; those may name others. More rounds than this no
/// definition needs.
const ROUNDS_MAX: usize = 4;

/// Files that were fetched, and those that were asked for and were not.
#[derive(Debug, Default)]
struct Beside {
    fetched: BTreeMap<RepoPath, Found>,
    wanted: RefCell<BTreeSet<RepoPath>>,
}

impl Beside {
    fn look(&self, path: &Path) -> Option<&Found> {
        // What leads out of the repository is not there.
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
            // A file too large to be read is a file to be uploaded all the same.
            Found::File(_) | Found::TooLarge => Some(Kind::File),
            // Git keeps no empty folders.
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

/// What is rendered.
#[derive(Debug, Clone)]
pub struct Definition<'a> {
    /// The file.
    pub path: &'a RepoPath,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// The stage that it is for.
    pub stage: &'a Stage,
    /// The region, when the infra configuration names one.
    pub location: Option<&'a str>,
    /// The endpoint's name, as the workflow gives it.
    pub endpoint: Option<&'a EndpointName>,
}

impl Definition<'_> {
    fn scope(&self) -> Scope {
        let Stage { subscription, resource_group, workspace, .. } = self.stage.clone();
        let location = self.location.unwrap_or_default().to_owned();
        Scope { subscription, resource_group, workspace, location }
    }

    /// Renders it, fetching what it names until nothing more is asked for.
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

    /// An endpoint's YAML rendered, or what is wrong with it.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub async fn endpoint(&self, files: &mut Files<'_>) -> Result<Made<file::Rendered>, Error> {
        let name = self.endpoint.map(ToString::to_string);
        let outcome = self.render(files, name, render::endpoint, None).await?;
        Ok(outcome.map(|made| file::Rendered::of(made, &self.scope())).map_err(problems))
    }

    /// A deployment's YAML rendered, or what is wrong with it.
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

/// What a file amounts to, or what is wrong with it.
pub type Made<T> = Result<T, Vec<FileProblem>>;

fn problems(problems: Vec<spec::problem::Problem>) -> Vec<FileProblem> {
    problems.into_iter().map(of_spec).collect()
}

type Outcome = Result<Rendered, Vec<spec::problem::Problem>>;
