//! The configuration, parsed once. Only this module reads configured files and the environment.
//!
//! Without a configuration file, the console runs against its embedded emulator with a demo team.

mod arguments;
pub mod cloud;
pub mod github;
mod inference;
mod log_days;
pub mod notification;
mod probe;
pub mod repository;
mod stage;
#[cfg(test)]
mod tests;

use crate::azure::credential::Identity;
use crate::messages::address::is_loopback;
use crate::serve::peer::Network;
use anyhow::Context as _;
use cloud::Cloud;
use domain::name::StageName;
use domain::user::Role;
use notification::{CheckpointWebhook, EscalateTo, Notification, Webhooks};
use repository::Repository;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

pub use arguments::{CheckArgs, ServeArgs};
pub use inference::Inference;
pub use log_days::LogDays;
pub use stage::Stage;

/// A configuration file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The console's URL in the browser; HTTPS, except on loopback.
    pub public_url: Url,
    #[serde(default)]
    pub cloud: Cloud,
    /// Further hosts of endpoints, in addition to the cloud's own domain.
    #[serde(default)]
    pub inference: Inference,
    /// The console's identity in Azure.
    pub credential: Identity,
    pub sign_in: SignIn,
    /// The Entra app role values that grant each role. Default: `Understudy.<Role>`.
    #[serde(default)]
    pub roles: BTreeMap<Role, Vec<String>>,
    pub stages: Vec<Stage>,
    /// The file that holds the URL of a PostgreSQL database. Default: SQLite in the data directory.
    pub database_url_file: Option<PathBuf>,
    #[serde(default)]
    pub ledger: Ledger,
    #[serde(default)]
    pub secrets: Secrets,
    /// The team's repositories, which define its releases.
    #[serde(default)]
    pub repositories: Vec<Repository>,
    /// Access to GitHub that all repositories share.
    #[serde(default)]
    pub github: github::Github,
    /// Webhooks that receive events.
    #[serde(default)]
    pub notifications: Vec<Notification>,
    /// Hours after which a pending change gets its one reminder.
    pub reminder_hours: Option<u32>,
    /// The webhook that is notified if a change stays pending.
    pub escalation: Option<EscalateTo>,
    /// Seconds between two reads of a stage.
    #[serde(default = "poll_interval")]
    pub poll_interval_s: u64,
    /// Seconds for which a read that contradicts the known state is repeated before the console accepts it.
    #[serde(default = "read_again")]
    pub read_again_s: u64,
    #[serde(default)]
    pub job_log_days: LogDays,
    #[serde(default)]
    pub session: SessionTimes,
    /// Proxies whose `X-Forwarded-For` header the console trusts.
    #[serde(default)]
    pub trusted_proxies: Vec<Network>,
}

fn poll_interval() -> u64 {
    5
}

fn read_again() -> u64 {
    60
}

/// The app registration in Entra for people's sign-in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    pub tenant_id: uuid::Uuid,
    pub client_id: String,
    pub client_secret_file: PathBuf,
}

/// The ledger's settings.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// The file with the key that signs checkpoints. Default: `ledger.key` in the data directory, created at the
    /// first start. All replicas need the same key.
    pub key_file: Option<PathBuf>,
    /// A webhook that stores signed checkpoints out of reach of the console's operators.
    pub checkpoint_webhook: Option<CheckpointWebhook>,
}

/// The encryption of secrets in the database.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// The file with the keys. Default: `secrets.key` in the data directory, created at the first start. All replicas
    /// need the same file.
    pub key_file: Option<PathBuf>,
}

impl File {
    /// All settings of webhooks.
    #[must_use]
    pub fn webhooks(&self) -> Webhooks<'_> {
        Webhooks {
            notifications: &self.notifications,
            reminder_hours: self.reminder_hours,
            escalation: self.escalation.as_ref(),
            checkpoints: self.ledger.checkpoint_webhook.as_ref(),
        }
    }
}

/// How long sessions last.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SessionTimes {
    pub idle_minutes: u64,
    pub absolute_hours: u64,
}

impl Default for SessionTimes {
    fn default() -> Self {
        Self { idle_minutes: 30, absolute_hours: 12 }
    }
}

impl SessionTimes {
    /// The longest time without a request.
    #[must_use]
    pub fn idle(self) -> Duration {
        Duration::from_secs(self.idle_minutes * 60)
    }

    /// The longest time after sign-in.
    #[must_use]
    pub fn absolute(self) -> Duration {
        Duration::from_secs(self.absolute_hours * 3600)
    }
}

/// Reads and checks a configuration file.
///
/// # Errors
/// With the file, the line if known, the violated rule and the fix.
pub fn read(path: &Path) -> anyhow::Result<File> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the configuration file {shown} cannot be read"))?;
    // Some editors write a byte order mark.
    let file: File = serde_yaml::from_str(text.trim_start_matches('\u{feff}'))
        .with_context(|| format!("the configuration file {shown} is invalid"))?;
    check(&file).with_context(|| format!("the configuration file {shown} is invalid"))?;
    Ok(file)
}

fn check(file: &File) -> anyhow::Result<()> {
    check_urls(file)?;
    file.inference.check(&file.cloud)?;
    let names = check_stages(&file.stages)?;
    check_keys(file)?;
    repository::check(&file.repositories, &names)?;
    file.github.check(&file.repositories)?;
    file.webhooks().check(&names)?;
    anyhow::ensure!(
        (1..=3_600).contains(&file.poll_interval_s),
        "poll_interval_s: {} is not between 1 and 3600",
        file.poll_interval_s
    );
    anyhow::ensure!(
        (1..=600).contains(&file.read_again_s),
        "read_again_s: {} is not between 1 and 600",
        file.read_again_s
    );
    let SessionTimes { idle_minutes, absolute_hours } = file.session;
    anyhow::ensure!(
        (1..=72).contains(&absolute_hours) && (1..=absolute_hours * 60).contains(&idle_minutes),
        "session: absolute_hours must be between 1 and 72, and idle_minutes between 1 and the length of a session"
    );
    Ok(())
}

fn check_urls(file: &File) -> anyhow::Result<()> {
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
    anyhow::ensure!(
        file.public_url.scheme() == "https" || is_loopback(&file.public_url),
        "public_url: {} is not https. Sessions require https, except on loopback",
        file.public_url
    );
    if let Some(own) = file.cloud.loopback() {
        anyhow::ensure!(is_loopback(own), "cloud: {own} is not on this machine (127.…, localhost)");
    }
    Ok(())
}

/// Returns the stages' names.
fn check_stages(stages: &[Stage]) -> anyhow::Result<BTreeSet<&StageName>> {
    anyhow::ensure!(!stages.is_empty(), "stages: the list is empty. Add at least one workspace");
    let mut names = BTreeSet::new();
    let mut workspaces = BTreeMap::new();
    for stage in stages {
        // Azure ignores the case of these names.
        let place = [&stage.subscription_id, &stage.resource_group, &stage.workspace]
            .map(|name| name.to_ascii_lowercase());
        if let Some(other) = workspaces.insert(place, &stage.name) {
            anyhow::bail!(
                "stages: {other} and {} are the same workspace, so both would change the same endpoints. \
                 Remove one of them",
                stage.name
            );
        }
        anyhow::ensure!(names.insert(&stage.name), "stages: the name {} is used twice", stage.name);
        if let Some(problem) = stage.problem() {
            anyhow::bail!("stages: {}: {problem}", stage.name);
        }
        for (key, value) in [
            ("subscription_id", &stage.subscription_id),
            ("resource_group", &stage.resource_group),
            ("workspace", &stage.workspace),
        ] {
            let legal = !value.is_empty()
                && value.chars().all(|c| c.is_ascii_alphanumeric() || "-_.()".contains(c));
            anyhow::ensure!(
                legal,
                "stages: {}: {key} “{value}” is not a valid Azure name",
                stage.name
            );
        }
    }
    Ok(names)
}

/// Replicas share their keys.
fn check_keys(file: &File) -> anyhow::Result<()> {
    anyhow::ensure!(
        file.database_url_file.is_none() || file.ledger.key_file.is_some(),
        "ledger: with PostgreSQL, name a key_file that all replicas share. To create one, run “understudy ledger \
         key --make FILE”"
    );
    anyhow::ensure!(
        file.database_url_file.is_none() || file.secrets.key_file.is_some(),
        "secrets: with PostgreSQL, name a key_file that all replicas share. To create one, run “understudy secrets \
         make --file FILE”"
    );
    Ok(())
}

/// A URL without user name and password.
fn without_secrets(url: &Url) -> String {
    let mut url = url.clone();
    // These fail only for URLs that cannot contain credentials.
    let _ = url.set_password(None);
    let _ = url.set_username("");
    url.to_string()
}

/// The app role values that grant each role, with defaults for roles that are not configured.
#[must_use]
pub fn roles(given: &BTreeMap<Role, Vec<String>>) -> BTreeMap<Role, Vec<String>> {
    let default = |role: Role| vec![format!("Understudy.{role:?}")];
    Role::ALL
        .into_iter()
        .map(|role| (role, given.get(&role).cloned().unwrap_or_else(|| default(role))))
        .collect()
}
