//! The team's repositories in the configuration.

use super::github::ReadApp;
use crate::clock::Clock;
use crate::github::Client;
use crate::github::contents;
use crate::github::credential::{Credential, Token};
use crate::messages::address::is_loopback;
use crate::releases::Reader;
use crate::releases::building::{Building, By};
use crate::releases::source::{Folder, OnGitHub, Source};
use crate::secret_file::Place;
use anyhow::Context as _;
use domain::name::StageName;
use domain::repository::Reference;
use domain::stage::Stage;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// Longest name of a repository, in characters (GitHub: 100).
const NAME_MAX: usize = 100;

/// One repository.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Repository {
    /// A repository on GitHub, read through the REST API.
    Github {
        /// `owner/name`.
        repository: String,
        /// The branch, tag or commit. Default: the repository's default branch.
        #[serde(rename = "ref")]
        reference: Option<Reference>,
        /// The API's root. Default: GitHub's own. For an Enterprise Server, `https://HOST/api/v3`.
        #[serde(default = "api")]
        api: Url,
        /// The file with a token that may read the repository's contents. Default: the GitHub App of `github.app`.
        token_file: Option<PathBuf>,
        token_env: Option<String>,
        /// The name in the console. Default: the second half of `repository`.
        name: Option<String>,
        /// Stages of GitHub environments, if their names differ.
        #[serde(default)]
        environments: BTreeMap<String, StageName>,
        /// How its images are built. Default: by the registry.
        #[serde(default)]
        build: Building,
    },
    /// A folder on this machine.
    Folder {
        path: PathBuf,
        /// The name in the console. Default: the folder's name.
        name: Option<String>,
        /// Stages of GitHub environments, if their names differ.
        #[serde(default)]
        environments: BTreeMap<String, StageName>,
        /// How its images are built. Only a registry can build a folder.
        #[serde(default)]
        build: Building,
    },
}

fn api() -> Url {
    Url::parse("https://api.github.com").expect("a constant URL is valid")
}

impl Repository {
    /// The name in the console and in URLs.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Github { name: Some(name), .. } | Self::Folder { name: Some(name), .. } => {
                name.clone()
            }
            Self::Github { repository, .. } => {
                repository.rsplit('/').next().unwrap_or_default().to_owned()
            }
            Self::Folder { path, .. } => {
                path.file_name().unwrap_or_default().to_string_lossy().into_owned()
            }
        }
    }

    fn environments(&self) -> &BTreeMap<String, StageName> {
        match self {
            Self::Github { environments, .. } | Self::Folder { environments, .. } => environments,
        }
    }

    fn building(&self) -> &Building {
        match self {
            Self::Github { build, .. } | Self::Folder { build, .. } => build,
        }
    }

    fn check_building(&self) -> anyhow::Result<()> {
        let name = self.name();
        let by_workflow = self.building().method == By::Workflow;
        anyhow::ensure!(
            !(by_workflow && matches!(self, Self::Folder { .. })),
            "repositories: {name}: build: GitHub cannot build a folder. Set method: registry"
        );
        self.building().check().with_context(|| format!("repositories: {name}"))
    }

    fn check(&self, stages: &BTreeSet<&StageName>) -> anyhow::Result<()> {
        let name = self.name();
        anyhow::ensure!(
            is_name(&name),
            "repositories: “{name}” is not a valid name. Set name, with at most {NAME_MAX} letters, digits, \
             hyphens, dots and underscores"
        );
        for (environment, stage) in self.environments() {
            anyhow::ensure!(
                stages.contains(stage),
                "repositories: {name}: environments: {environment} is mapped to {stage}, which is not a stage"
            );
        }
        self.check_building()?;
        let Self::Github { repository, api, token_file, token_env, .. } = self else {
            return Ok(());
        };
        let halves = repository.split_once('/');
        anyhow::ensure!(
            halves.is_some_and(|(owner, name)| is_name(owner) && is_name(name)),
            "repositories: “{repository}” is not a repository on GitHub. Write owner/name"
        );
        anyhow::ensure!(
            api.scheme() == "https" || (api.scheme() == "http" && is_loopback(api)),
            "repositories: {name}: api: {api} is not https, so the token would be sent unencrypted"
        );
        let field = format!("repositories: {name}: token");
        Place { field: &field, file: token_file.as_ref(), variable: token_env.as_ref() }.check()
    }

    /// Reads the token, if one is configured.
    fn token(&self) -> anyhow::Result<Option<Token>> {
        let field = format!("repositories: {}: token", self.name());
        let Self::Github { token_file, token_env, .. } = self else { return Ok(None) };
        let place =
            Place { field: &field, file: token_file.as_ref(), variable: token_env.as_ref() };
        place.read()?.map(|text| Token::new(&text)).transpose().context(field)
    }

    /// The API that gets requests of the GitHub App; `None` if the repository has a token or is a folder.
    pub(super) fn api_of_app(&self) -> Option<&Url> {
        match self {
            Self::Github { api, token_file: None, token_env: None, .. } => Some(api),
            _ => None,
        }
    }

    /// The repository on GitHub, with its token or the GitHub App; `None` for a folder.
    ///
    /// # Errors
    /// If the token cannot be read.
    pub fn on_github(
        &self,
        http: &reqwest::Client,
        clock: &Clock,
        app: Option<&ReadApp>,
    ) -> anyhow::Result<Option<contents::Repository>> {
        let Self::Github { repository, api, .. } = self else { return Ok(None) };
        let credential = match (self.token()?, app) {
            (Some(token), _) => token.into(),
            (None, Some(app)) => app.credential(repository),
            (None, None) => Credential::None,
        };
        let (owner, name) = repository.split_once('/').unwrap_or_default();
        let client = Client::new(http.clone(), api.clone(), credential, clock.clone());
        Ok(Some(contents::Repository::new(client, owner.to_owned(), name.to_owned())))
    }

    /// The reader of the repository.
    ///
    /// # Errors
    /// If the token cannot be read.
    pub fn reader(
        &self,
        http: &reqwest::Client,
        clock: &Clock,
        app: Option<&ReadApp>,
        stages: &[Stage],
        age_max: Duration,
    ) -> anyhow::Result<Reader> {
        let on_github = self.on_github(http, clock, app)?;
        let source: Box<dyn Source> = match (self, on_github) {
            (Self::Github { repository, reference, api, .. }, Some(source)) => {
                let host = api.host_str().unwrap_or_default();
                let host = if host == "api.github.com" { "github.com" } else { host };
                let place = format!("{host}/{repository}");
                Box::new(OnGitHub::new(source, place, reference.clone()))
            }
            (Self::Github { .. }, None) => anyhow::bail!("repositories: a repository on GitHub"),
            (Self::Folder { path, .. }, _) => Box::new(Folder::new(path.clone())),
        };
        let environments = self.environments().clone();
        let reader = Reader::new(self.name(), source, environments, stages.to_vec(), age_max);
        Ok(reader.building_by(self.building().clone()))
    }
}

fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !name.is_empty() && name.len() <= NAME_MAX && name.chars().all(plain) && !name.starts_with('.')
}

/// Checks each repository, and that their names differ.
///
/// # Errors
/// With the key, the violated rule and the fix.
pub fn check(repositories: &[Repository], stages: &BTreeSet<&StageName>) -> anyhow::Result<()> {
    let mut names = BTreeSet::new();
    for repository in repositories {
        repository.check(stages)?;
        let name = repository.name();
        anyhow::ensure!(
            names.insert(name.to_ascii_lowercase()),
            "repositories: the name {name} is used twice. Set name for one of them"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn checked(yaml: &str) -> anyhow::Result<Vec<Repository>> {
        let stage: StageName = "anet-prod".parse().expect("a name");
        let read: Vec<Repository> = serde_yaml::from_str(yaml)?;
        check(&read, &BTreeSet::from([&stage]))?;
        Ok(read)
    }

    #[track_caller]
    fn refused(yaml: &str, part: &str) {
        let error = checked(yaml).expect_err("refused");
        assert!(format!("{error:#}").contains(part), "{error:#}");
    }

    #[test]
    fn repositories_have_names() {
        let all = checked(
            "- { kind: github, repository: anet/ml-azua, ref: main, token_env: X, environments: { prod: anet-prod } }\n\
             - { kind: folder, path: /srv/repos/other }\n\
             - { kind: folder, path: /srv/repos/other, name: third }\n",
        );
        let names: Vec<_> = all.expect("they are good").iter().map(Repository::name).collect();
        assert_eq!(names, ["ml-azua", "other", "third"]);
    }

    #[test]
    fn invalid_repositories_are_rejected_with_the_reason() {
        refused("- { kind: github, repository: ml-azua }", "Write owner/name");
        refused("- { kind: github, repository: ../x/y }", "owner/name");
        refused("- { kind: github, repository: a/b, ref: 'a b' }", "cannot be a branch");
        refused("- { kind: github, repository: a/b, api: 'http://ghe.example' }", "is not https");
        refused("- { kind: github, repository: a/b, token_file: a, token_env: B }", "both set");
        refused(
            "- { kind: github, repository: a/b, environments: { x: anet-none } }",
            "not a stage",
        );
        refused("- { kind: folder, path: / }", "is not a valid name");
        refused("- { kind: folder, path: /x/a }\n- { kind: github, repository: b/A }", "twice");
        refused(
            "- { kind: folder, path: /x/a, build: { method: workflow } }",
            "cannot build a folder",
        );
        refused("- { kind: folder, path: /x/a, build: { dockerfile: ../x } }", "dockerfile");
        refused("- { kind: folder, path: /x/a, build: { tags: x } }", "unknown field");
        refused("- { kind: gitlab, path: /x }", "unknown variant");
        refused("- { kind: folder, path: /x/a, token: x }", "unknown field");
    }

    #[test]
    fn each_repository_is_built_in_its_own_way() {
        let all = checked(
            "- { kind: github, repository: a/b, build: { method: workflow } }\n\
             - { kind: folder, path: /x/c, build: { context: apps/nbq, timeout_minutes: 90, untagged: true } }\n\
             - { kind: folder, path: /x/d }\n",
        );
        let all = all.expect("they are good");
        let [github, folder, plain] = [0, 1, 2].map(|at: usize| all[at].building());
        assert_eq!((github.method, plain), (By::Workflow, &Building::default()));
        assert_eq!((folder.path().as_str(), folder.timeout_minutes), ("apps/nbq/Dockerfile", 90));
        assert!(folder.untagged && folder.method == By::Registry);
    }

    #[test]
    fn a_missing_token_is_an_error() {
        let all = checked("- { kind: github, repository: a/b, token_file: /nowhere/token }");
        let error = all.expect("it is good")[0].token().expect_err("refused");
        assert!(format!("{error:#}").contains("token_file: /nowhere/token cannot be read"));
    }
}
