//! The configuration: one struct, parsed once; the only reader of files and environment.
//!
//! Without a file the console runs against its embedded emulator with a demo team.

mod arguments;
pub mod repository;

use crate::azure::credential::Identity;
use anyhow::Context as _;
use app::domain::name::StageName;
use app::domain::user::Role;
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
    pub cloud: CloudName,
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

/// A cloud of Microsoft's.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloudName {
    /// The public cloud.
    #[default]
    Public,
    /// Azure Government.
    UsGovernment,
    /// Azure operated by 21Vianet.
    China,
}

impl CloudName {
    /// ARM, the sign-in authority and the Azure ML resource.
    #[must_use]
    pub fn hosts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Public => (
                "https://management.azure.com",
                "https://login.microsoftonline.com",
                "https://ml.azure.com",
            ),
            Self::UsGovernment => (
                "https://management.usgovcloudapi.net",
                "https://login.microsoftonline.us",
                "https://ml.azure.us",
            ),
            Self::China => (
                "https://management.chinacloudapi.cn",
                "https://login.chinacloudapi.cn",
                "https://ml.azure.cn",
            ),
        }
    }
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
    // Some editors put a byte order mark in front.
    let file: File = serde_yaml::from_str(text.trim_start_matches('\u{feff}'))
        .with_context(|| format!("the configuration file {shown} is not valid"))?;
    check(&file).with_context(|| format!("the configuration file {shown} is not valid"))?;
    Ok(file)
}

/// What stands in a file that the configuration names, without the line's end.
///
/// # Errors
/// When it cannot be read, or nothing stands there. What stands there is never part of an error.
pub fn secret(field: &str, file: &Path) -> anyhow::Result<String> {
    let shown = file.display();
    let text = std::fs::read_to_string(file);
    let text = text.with_context(|| format!("{field}: {shown} cannot be read"))?;
    let text = text.trim();
    anyhow::ensure!(!text.is_empty(), "{field}: {shown} is empty. Put the secret into it");
    Ok(text.to_owned())
}

fn check(file: &File) -> anyhow::Result<()> {
    let is_root = file.public_url.path() == "/"
        && file.public_url.query().is_none()
        && file.public_url.fragment().is_none()
        && file.public_url.username().is_empty()
        && file.public_url.password().is_none();
    anyhow::ensure!(
        is_root && matches!(file.public_url.scheme(), "https" | "http"),
        "public_url: {} is not the root of a site, such as https://understudy.example.org",
        without_secrets(&file.public_url)
    );
    let is_loopback =
        file.public_url.host_str().is_some_and(|h| h == "localhost" || h.starts_with("127."));
    anyhow::ensure!(
        file.public_url.scheme() == "https" || is_loopback,
        "public_url: {} is not https. Sessions need https everywhere but on loopback",
        file.public_url
    );
    anyhow::ensure!(!file.stages.is_empty(), "stages: there is none. Name at least one workspace");
    let mut names = BTreeSet::new();
    let mut workspaces = BTreeMap::new();
    for stage in &file.stages {
        // Azure does not tell them apart by case.
        let place = [&stage.subscription_id, &stage.resource_group, &stage.workspace]
            .map(|name| name.to_ascii_lowercase());
        if let Some(other) = workspaces.insert(place, &stage.name) {
            anyhow::bail!(
                "stages: {other} and {} are the same workspace, and two would change the same endpoints. \
                 Name it once",
                stage.name
            );
        }
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
    anyhow::ensure!(
        (1..=3_600).contains(&file.poll_interval_s),
        "poll_interval_s: {} is not between 1 and 3600",
        file.poll_interval_s
    );
    let SessionTimes { idle_minutes, absolute_hours } = file.session;
    anyhow::ensure!(
        (1..=72).contains(&absolute_hours) && (1..=absolute_hours * 60).contains(&idle_minutes),
        "session: absolute_hours is 1 to 72, and idle_minutes 1 to as long as a session may last"
    );
    Ok(())
}

/// A URL as it may be shown.
fn without_secrets(url: &Url) -> String {
    let mut url = url.clone();
    // Only URLs that cannot have them refuse these.
    let _ = url.set_password(None);
    let _ = url.set_username("");
    url.to_string()
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
        refused(("example.org", "example.org/sub"), "not the root of a site");
        refused(
            ("https://", "https://me:word@"),
            "https://understudy.example.org/ is not the root",
        );
        refused(("https", "ftp"), "not the root of a site");
        refused(("stages:", "poll_interval_s: 99999999999\nstages:"), "between 1 and 3600");
        refused(("stages:", "session: {idle_minutes: 307445734561825861}\nstages:"), "session:");
        let twice = "stages:\n  - name: other\n    subscription_id: 11111111-1111-1111-1111-111111111111\n    \
                     resource_group: ANET-0001prod\n    workspace: MLW-anet-0001prod\n";
        refused(("stages:\n", twice), "other and anet-prod are the same workspace");
        refused(("resource_group: anet-0001prod", ""), "missing field `resource_group`");
        refused(("client_id: abc", "client_id: [1]"), "line");
        let none = "workspace: mlw-anet-0001prod\n    bandwidth_mb_per_s: 0";
        refused(("workspace: mlw-anet-0001prod", none), "expected a nonzero u32");
    }
}
