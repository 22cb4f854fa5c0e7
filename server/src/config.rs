//! The configuration: one struct, parsed once; the only reader of files and environment.
//!
//! Without a file the console runs against its embedded emulator with a demo team.

mod arguments;
pub mod cloud;
pub mod repository;

use crate::azure::credential::Identity;
use anyhow::Context as _;
use app::domain::name::StageName;
use app::domain::user::Role;
use cloud::Cloud;
use repository::Repository;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

pub use arguments::{CheckArgs, ServeArgs};

/// A configuration file, as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Where the browser reaches the console; https, except on loopback.
    pub public_url: Url,
    /// Which Azure.
    #[serde(default)]
    pub cloud: Cloud,
    /// Who the console is to Azure.
    pub credential: Identity,
    /// How people sign in.
    pub sign_in: SignIn,
    /// Which Entra app role values give which role. Default: `Understudy.<Role>`.
    #[serde(default)]
    pub roles: BTreeMap<Role, Vec<String>>,
    /// Where one can deploy to.
    pub stages: Vec<Stage>,
    /// The file that holds the URL of a PostgreSQL database. Default: SQLite in the data directory.
    #[serde(default)]
    pub database_url_file: Option<PathBuf>,
    /// The ledger.
    #[serde(default)]
    pub ledger: Ledger,
    /// Where the team keeps its releases.
    #[serde(default)]
    pub repositories: Vec<Repository>,
    /// Seconds between two reads of a stage.
    #[serde(default = "poll_interval")]
    pub poll_interval_s: u64,
    /// Session times.
    #[serde(default)]
    pub session: SessionTimes,
}

fn poll_interval() -> u64 {
    5
}

/// How people sign in: an app registration in Entra.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The tenant's id.
    pub tenant_id: uuid::Uuid,
    /// The app registration's client id.
    pub client_id: String,
    /// The file that holds its secret.
    pub client_secret_file: PathBuf,
}

/// One stage.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The team's name of it.
    pub name: StageName,
    /// The subscription's id.
    pub subscription_id: String,
    /// The resource group.
    pub resource_group: String,
    /// The workspace.
    pub workspace: String,
    /// The workspace's region; only `render` needs to be told.
    #[serde(default)]
    pub location: Option<String>,
    /// Whether changes need an approval.
    #[serde(default)]
    pub protected: bool,
    /// What each endpoint may use, in megabytes a second, where Azure has raised it. Azure does not tell.
    #[serde(default)]
    pub bandwidth_mb_per_s: Option<NonZeroU32>,
}

/// The ledger's settings.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// The file with the key that signs checkpoints. Default: `ledger.key` in the data directory, made at
    /// the first start. Replicas need the same one.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
}

impl Stage {
    /// The same in the product's words.
    #[must_use]
    pub fn to_domain(&self) -> app::domain::stage::Stage {
        app::domain::stage::Stage {
            name: self.name.clone(),
            subscription: self.subscription_id.clone(),
            resource_group: self.resource_group.clone(),
            workspace: self.workspace.clone(),
            protected: self.protected,
        }
    }
}

/// How long sessions live.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SessionTimes {
    /// Minutes without a request.
    pub idle_minutes: u64,
    /// Hours after sign-in.
    pub absolute_hours: u64,
}

impl Default for SessionTimes {
    fn default() -> Self {
        Self { idle_minutes: 30, absolute_hours: 12 }
    }
}

impl SessionTimes {
    /// Without a request.
    #[must_use]
    pub fn idle(self) -> Duration {
        Duration::from_secs(self.idle_minutes * 60)
    }

    /// After sign-in.
    #[must_use]
    pub fn absolute(self) -> Duration {
        Duration::from_secs(self.absolute_hours * 3600)
    }
}

/// Reads and checks a configuration file.
///
/// # Errors
/// With the file, the line where that can be told, the rule and the way out.
pub fn read(path: &Path) -> anyhow::Result<File> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the configuration file {shown} cannot be read"))?;
    let file: File = serde_yaml::from_str(&text)
        .with_context(|| format!("the configuration file {shown} is not valid"))?;
    check(&file).with_context(|| format!("the configuration file {shown} is not valid"))?;
    Ok(file)
}

fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| host == "localhost" || host.starts_with("127."))
}

fn check(file: &File) -> anyhow::Result<()> {
    anyhow::ensure!(
        file.public_url.scheme() == "https" || is_loopback(&file.public_url),
        "public_url: {} is not https. Sessions need https everywhere but on loopback",
        file.public_url
    );
    if let Some(own) = file.cloud.loopback() {
        anyhow::ensure!(is_loopback(own), "cloud: {own} is not on this machine (127.…, localhost)");
    }
    anyhow::ensure!(!file.stages.is_empty(), "stages: there is none. Name at least one workspace");
    let mut names = BTreeSet::new();
    for stage in &file.stages {
        anyhow::ensure!(names.insert(&stage.name), "stages: {} is there twice", stage.name);
        for (key, value) in [
            ("subscription_id", &stage.subscription_id),
            ("resource_group", &stage.resource_group),
            ("workspace", &stage.workspace),
        ] {
            let legal = !value.is_empty()
                && value.chars().all(|c| c.is_ascii_alphanumeric() || "-_.()".contains(c));
            anyhow::ensure!(
                legal,
                "stages: {}: {key} “{value}” is not a name that Azure gives",
                stage.name
            );
        }
    }
    anyhow::ensure!(
        file.database_url_file.is_none() || file.ledger.key_file.is_some(),
        "ledger: with PostgreSQL, name a key_file that all replicas share; “understudy ledger key --make \
         FILE” makes one"
    );
    repository::check(&file.repositories, &names)?;
    anyhow::ensure!(file.poll_interval_s >= 1, "poll_interval_s: it is 1 at least");
    anyhow::ensure!(
        file.session.idle_minutes >= 1 && (1..=72).contains(&file.session.absolute_hours),
        "session: idle_minutes is 1 at least, absolute_hours 1 to 72"
    );
    Ok(())
}

/// The app role values that give each role, defaults filled in.
#[must_use]
pub fn roles(given: &BTreeMap<Role, Vec<String>>) -> BTreeMap<Role, Vec<String>> {
    let default = |role: Role| vec![format!("Understudy.{role:?}")];
    Role::ALL
        .into_iter()
        .map(|role| (role, given.get(&role).cloned().unwrap_or_else(|| default(role))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "
public_url: https://understudy.example.org
credential: { kind: managed_identity }
sign_in:
  tenant_id: 5f1c2f4e-6d39-4a58-9b70-2b0a0a0d2c11
  client_id: abc
  client_secret_file: /run/secrets/understudy
stages:
  - name: anet-prod
    subscription_id: 11111111-1111-1111-1111-111111111111
    resource_group: anet-0001prod
    workspace: mlw-anet-0001prod
";

    #[track_caller]
    fn refused(change: (&str, &str), part: &str) {
        let text = GOOD.replacen(change.0, change.1, 1);
        let outcome = serde_yaml::from_str::<File>(&text).map_err(anyhow::Error::from);
        let error = outcome.and_then(|file| check(&file)).expect_err("refused");
        assert!(format!("{error:#}").contains(part), "{error:#}");
    }

    #[test]
    fn a_good_file_is_read() {
        let file: File = serde_yaml::from_str(GOOD).expect("it parses");
        check(&file).expect("it is good");
        assert_eq!(roles(&file.roles)[&Role::Lead], ["Understudy.Lead"]);
    }

    #[test]
    fn bad_files_are_refused_with_the_reason() {
        refused(("https:", "http:"), "is not https");
        refused(("stages:", "stagse:"), "unknown field `stagse`");
        refused(("managed_identity", "magic"), "unknown variant `magic`");
        refused(("stages:", "database_url_file: /x\nstages:"), "name a key_file");
        refused(("workspace: mlw-anet-0001prod", "workspace: ../x"), "workspace “../x”");
        refused(("resource_group: anet-0001prod", ""), "missing field `resource_group`");
        refused(("client_id: abc", "client_id: [1]"), "line");
        let none = "workspace: mlw-anet-0001prod\n    bandwidth_mb_per_s: 0";
        refused(("workspace: mlw-anet-0001prod", none), "expected a nonzero u32");
    }
}
