//! Access to GitHub that all repositories share.

use super::repository::Repository;
use crate::github::app::{App, Installation};
use crate::github::credential::Credential;
use anyhow::Context as _;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The key `github`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Github {
    /// The console's GitHub App, for repositories without a token of their own.
    pub app: Option<AppSettings>,
}

/// A GitHub App.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppSettings {
    /// The App's number, from its settings.
    pub id: u64,
    /// The number of its installation. Default: the console asks GitHub for the one of each repository.
    pub installation: Option<u64>,
    /// The file with the App's private key, in PEM form.
    pub private_key_file: PathBuf,
}

/// A GitHub App whose key was read.
#[derive(Debug, Clone)]
pub struct ReadApp {
    app: App,
    installation: Option<u64>,
}

impl ReadApp {
    /// The App's identity for one repository, `owner/name`.
    #[must_use]
    pub fn credential(&self, repository: &str) -> Credential {
        let (owner, name) = repository.split_once('/').unwrap_or_default();
        let (owner, name) = (owner.to_owned(), name.to_owned());
        Installation::new(self.app.clone(), self.installation, owner, name).into()
    }
}

impl Github {
    /// Checks the settings against the repositories that use them.
    ///
    /// # Errors
    /// With the key, the violated rule and the fix.
    pub fn check(&self, repositories: &[Repository]) -> anyhow::Result<()> {
        let Some(app) = &self.app else { return Ok(()) };
        anyhow::ensure!(app.id > 0, "github: app: id: 0 is not the number of a GitHub App");
        anyhow::ensure!(
            app.installation != Some(0),
            "github: app: installation: 0 is not the number of an installation. Remove it, and the console asks GitHub"
        );
        let apis: BTreeSet<_> = repositories.iter().filter_map(Repository::api_of_app).collect();
        anyhow::ensure!(
            apis.len() <= 1,
            "github: app: the repositories without a token are on {} GitHubs, but an App belongs to one of them. \
             Set token_file for the repositories on the others",
            apis.len()
        );
        Ok(())
    }

    /// Reads the App's private key, if an App is configured.
    ///
    /// # Errors
    /// If the file cannot be read or contains no private key. Errors never contain the key.
    pub fn read(&self) -> anyhow::Result<Option<ReadApp>> {
        let Some(settings) = &self.app else { return Ok(None) };
        let field = "github: app: private_key_file";
        let key = crate::secret_file::secret(field, &settings.private_key_file)?;
        let app = App::new(settings.id, &key);
        let shown = settings.private_key_file.display();
        let app = app.with_context(|| format!("{field}: {shown} cannot be used"))?;
        Ok(Some(ReadApp { app, installation: settings.installation }))
    }
}
