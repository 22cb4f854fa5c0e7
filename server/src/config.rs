//! The configuration: one struct, parsed once; the only reader of files and environment.
//!
//! Without a file the console runs against its embedded emulator with a demo team.

mod arguments;
pub mod cloud;
mod inference;
pub mod notification;
mod probe;
mod proxy;
pub mod repository;
mod secret;
mod stage;
#[cfg(test)]
mod tests;

use crate::azure::credential::Identity;
use crate::notify::address::is_loopback;
use crate::serve::peer::Network;
use anyhow::Context as _;
use app::domain::user::Role;
use cloud::Cloud;
use notification::{CheckpointWebhook, EscalateTo, Notification, Webhooks};
use repository::Repository;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

pub use arguments::{CheckArgs, ServeArgs};
pub use inference::Inference;
pub use proxy::proxies;
pub use secret::secret;
pub use stage::Stage;

/// A configuration file, as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Where the browser reaches the console; https, except on loopback.
    pub public_url: Url,
    /// Which Azure.
    #[serde(default)]
    pub cloud: Cloud,
    /// Where endpoints may be, beside the cloud's own domain.
    #[serde(default)]
    pub inference: Inference,
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
    /// What is sealed in the database.
    #[serde(default)]
    pub secrets: Secrets,
    /// Where the team keeps its releases.
    #[serde(default)]
    pub repositories: Vec<Repository>,
    /// Webhooks that are told what happens.
    #[serde(default)]
    pub notifications: Vec<Notification>,
    /// Hours after which a change that waits is brought to mind, once.
    #[serde(default)]
    pub reminder_hours: Option<u32>,
    /// Who is told when it goes on waiting.
    #[serde(default)]
    pub escalation: Option<EscalateTo>,
    /// Seconds between two reads of a stage.
    #[serde(default = "poll_interval")]
    pub poll_interval_s: u64,
    /// Seconds for which a read that contradicts what is known is not believed, and read again.
    #[serde(default = "read_again")]
    pub read_again_s: u64,
    /// Session times.
    #[serde(default)]
    pub session: SessionTimes,
    /// Proxies that are believed for whom they speak, in `X-Forwarded-For`.
    #[serde(default)]
    pub trusted_proxies: Vec<Network>,
}

fn poll_interval() -> u64 {
    5
}

fn read_again() -> u64 {
    60
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

/// The ledger's settings.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// The file with the key that signs checkpoints. Default: `ledger.key` in the data directory, made at
    /// the first start. Replicas need the same one.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
    /// A place for signed checkpoints where the console's keeper cannot write.
    #[serde(default)]
    pub checkpoint_webhook: Option<CheckpointWebhook>,
}

/// With what the database's secrets are sealed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// The file with the keys. Default: `secrets.key` in the data directory, made at the first start. Replicas need
    /// the same one.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
}

impl File {
    /// Everything that it says of webhooks.
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
    anyhow::ensure!(
        file.public_url.scheme() == "https" || is_loopback(&file.public_url),
        "public_url: {} is not https. Sessions need https everywhere but on loopback",
        file.public_url
    );
    if let Some(own) = file.cloud.loopback() {
        anyhow::ensure!(is_loopback(own), "cloud: {own} is not on this machine (127.…, localhost)");
    }
    file.inference.check(&file.cloud)?;
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
    anyhow::ensure!(
        file.database_url_file.is_none() || file.secrets.key_file.is_some(),
        "secrets: with PostgreSQL, name a key_file that all replicas share; “understudy secrets make --file \
         FILE” makes one"
    );
    repository::check(&file.repositories, &names)?;
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
