//! Webhooks, as the configuration names them.

use super::secret::Place;
use crate::notify::address::{Address, Key};
use crate::notify::setup::{Checkpoints, Escalation, Setup, Target};
use crate::outside::address::Reach;
use anyhow::Context as _;
use app::domain::name::StageName;
use app::domain::notification::{Kind, Occasion};
use app::domain::policy::Policy;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Webhooks that are told what happens, at most: each message is written down once for each of them.
const WEBHOOKS_MAX: usize = 20;
/// Longest name of one, in characters.
const NAME_MAX: usize = 50;
/// Longest pause between two checkpoints, in minutes: a day.
const EVERY_MINUTES_MAX: u32 = 24 * 60;
const HOUR_MS: i64 = 3_600_000;

/// A webhook that is told what happens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notification {
    /// Its name on pages and in logs.
    pub name: String,
    /// The form in which it takes messages.
    pub kind: Kind,
    /// The file that holds its URL, which is a secret: whoever knows it can write there.
    pub url_file: Option<PathBuf>,
    /// The environment variable that holds it.
    pub url_env: Option<String>,
    /// The file that holds what messages are signed with; for plain ones, and needed there.
    pub secret_file: Option<PathBuf>,
    /// The environment variable that holds it.
    pub secret_env: Option<String>,
    /// Whether its host may have a private address, or be this machine: a collector in one's own network.
    #[serde(default)]
    pub allow_private: bool,
    /// What it is told of; of everything when this is empty.
    #[serde(default)]
    pub events: BTreeSet<Occasion>,
    /// Of which stages; of all when this is empty.
    #[serde(default)]
    pub stages: BTreeSet<StageName>,
}

/// Who is told of a change that goes on waiting.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalateTo {
    /// Hours after which.
    pub after_hours: u32,
    /// A webhook's name.
    pub to: String,
}

/// Where signed checkpoints go.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckpointWebhook {
    /// The file that holds the URL.
    pub url_file: Option<PathBuf>,
    /// The environment variable that holds it.
    pub url_env: Option<String>,
    /// The file that holds what requests are signed with; the checkpoint is signed anyway.
    pub secret_file: Option<PathBuf>,
    /// The environment variable that holds it.
    pub secret_env: Option<String>,
    /// Whether its host may have a private address, or be this machine.
    #[serde(default)]
    pub allow_private: bool,
    /// Minutes between two, at least.
    #[serde(default = "every_minutes")]
    pub every_minutes: u32,
}

fn every_minutes() -> u32 {
    60
}

impl Notification {
    fn places(&self) -> [(String, Option<&PathBuf>, Option<&String>); 2] {
        let field = |name: &str| format!("notifications: {}: {name}", self.name);
        [
            (field("url"), self.url_file.as_ref(), self.url_env.as_ref()),
            (field("secret"), self.secret_file.as_ref(), self.secret_env.as_ref()),
        ]
    }

    fn check(&self, stages: &BTreeSet<&StageName>, is_escalated_to: bool) -> anyhow::Result<()> {
        let name = &self.name;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        anyhow::ensure!(
            (1..=NAME_MAX).contains(&name.len()) && name.chars().all(is_plain),
            "notifications: “{name}” is not a name of a webhook: use letters, digits, hyphens, dots and \
             underscores, {NAME_MAX} at most"
        );
        let [url, secret] = &self.places();
        let secret = place(secret);
        place(url).check()?;
        secret.check()?;
        anyhow::ensure!(
            place(url).is_given(),
            "notifications: {name}: it has no URL. Name a url_file or url_env that holds it"
        );
        anyhow::ensure!(
            secret.is_given() == (self.kind == Kind::Plain),
            "notifications: {name}: plain messages are signed and need a secret_file or secret_env; those of \
             Slack and Teams are not, and their URL is the secret"
        );
        for stage in &self.stages {
            anyhow::ensure!(
                stages.contains(stage),
                "notifications: {name}: stages: there is no stage {stage}"
            );
        }
        let is_told = self.events.iter().any(|event| *event != Occasion::Escalation);
        anyhow::ensure!(
            self.events.is_empty() || is_told || is_escalated_to,
            "notifications: {name}: events: it is told of escalations alone, and no escalation goes to it. Name \
             it under escalation, or other events"
        );
        Ok(())
    }

    fn target(&self) -> anyhow::Result<Target> {
        let [url, secret] = &self.places();
        let (address, key) = secrets(&place(url), &place(secret), self.allow_private)?;
        let mut occasions = self.events.clone();
        if occasions.is_empty() {
            occasions.extend(Occasion::ALL);
        }
        Ok(Target {
            name: self.name.clone(),
            kind: self.kind,
            address,
            key,
            occasions,
            stages: self.stages.clone(),
        })
    }
}

impl CheckpointWebhook {
    fn places(&self) -> [(String, Option<&PathBuf>, Option<&String>); 2] {
        let field = |name: &str| format!("ledger: checkpoint_webhook: {name}");
        [
            (field("url"), self.url_file.as_ref(), self.url_env.as_ref()),
            (field("secret"), self.secret_file.as_ref(), self.secret_env.as_ref()),
        ]
    }

    fn check(&self) -> anyhow::Result<()> {
        let [url, secret] = &self.places();
        place(url).check()?;
        place(secret).check()?;
        anyhow::ensure!(
            place(url).is_given(),
            "ledger: checkpoint_webhook: it has no URL. Name a url_file or url_env that holds it"
        );
        anyhow::ensure!(
            (1..=EVERY_MINUTES_MAX).contains(&self.every_minutes),
            "ledger: checkpoint_webhook: every_minutes: {} is not between 1 and {EVERY_MINUTES_MAX}",
            self.every_minutes
        );
        Ok(())
    }

    fn checkpoints(&self) -> anyhow::Result<Checkpoints> {
        let [url, secret] = &self.places();
        let (address, key) = secrets(&place(url), &place(secret), self.allow_private)?;
        Ok(Checkpoints { address, key, every_ms: i64::from(self.every_minutes) * 60_000 })
    }
}

fn place<'a>(
    (field, file, variable): &'a (String, Option<&'a PathBuf>, Option<&'a String>),
) -> Place<'a> {
    Place { field, file: *file, variable: *variable }
}

fn secrets(
    url: &Place<'_>,
    secret: &Place<'_>,
    allow_private: bool,
) -> anyhow::Result<(Address, Option<Key>)> {
    let reach = if allow_private { Reach::OWN } else { Reach::PUBLIC };
    let text = url.read()?.unwrap_or_default();
    let address = Address::parse(&text, reach).with_context(|| url.field.to_owned())?;
    let key = secret.read()?.map(|text| Key::parse(&text)).transpose();
    Ok((address, key.with_context(|| secret.field.to_owned())?))
}

/// Everything that the configuration says of webhooks.
#[derive(Debug, Clone, Copy)]
pub struct Webhooks<'a> {
    /// Those that are told what happens.
    pub notifications: &'a [Notification],
    /// After how many hours a waiting change is brought to mind.
    pub reminder_hours: Option<u32>,
    /// Who is told when it goes on waiting.
    pub escalation: Option<&'a EscalateTo>,
    /// Where signed checkpoints go.
    pub checkpoints: Option<&'a CheckpointWebhook>,
}

impl Webhooks<'_> {
    /// Checks all of it without reading a secret.
    ///
    /// # Errors
    /// With the key, the rule and the way out.
    pub fn check(&self, stages: &BTreeSet<&StageName>) -> anyhow::Result<()> {
        let all = self.notifications;
        anyhow::ensure!(all.len() <= WEBHOOKS_MAX, "notifications: {WEBHOOKS_MAX} are the most");
        let mut names = BTreeSet::new();
        for one in all {
            let is_escalated_to = self.escalation.is_some_and(|to| to.to == one.name);
            one.check(stages, is_escalated_to)?;
            anyhow::ensure!(names.insert(&one.name), "notifications: {} is there twice", one.name);
        }
        self.check_times()?;
        self.checkpoints.map_or(Ok(()), CheckpointWebhook::check)
    }

    fn check_times(&self) -> anyhow::Result<()> {
        let hours = 1..=Policy::EXPIRY_HOURS_MAX;
        if let Some(reminder) = self.reminder_hours {
            let max = hours.end();
            anyhow::ensure!(hours.contains(&reminder), "reminder_hours: it is 1 to {max}");
            let takes = |one: &Notification| {
                one.events.is_empty() || one.events.contains(&Occasion::Reminder)
            };
            anyhow::ensure!(
                self.notifications.iter().any(takes),
                "reminder_hours: no webhook is told of reminders. Add “reminder” to the events of one"
            );
        }
        let Some(EscalateTo { after_hours, to }) = self.escalation else { return Ok(()) };
        anyhow::ensure!(
            hours.contains(after_hours)
                && self.reminder_hours.is_none_or(|hours| hours < *after_hours),
            "escalation: after_hours: it is more than reminder_hours, and {} at most",
            hours.end()
        );
        anyhow::ensure!(
            self.notifications.iter().any(|one| one.name == *to),
            "escalation: to: there is no webhook {to} under notifications"
        );
        Ok(())
    }

    /// Reads the secrets.
    ///
    /// # Errors
    /// When one cannot be read, or is not what it has to be; never with the secret itself.
    pub fn setup(&self) -> anyhow::Result<Setup> {
        let targets = self.notifications.iter().map(Notification::target);
        Ok(Setup {
            targets: targets.collect::<anyhow::Result<_>>()?,
            reminder_ms: self.reminder_hours.map(|hours| i64::from(hours) * HOUR_MS),
            escalation: self.escalation.map(|escalation| Escalation {
                after_ms: i64::from(escalation.after_hours) * HOUR_MS,
                to: escalation.to.clone(),
            }),
            checkpoints: self.checkpoints.map(CheckpointWebhook::checkpoints).transpose()?,
            ..Setup::default()
        })
    }
}

#[cfg(test)]
mod tests;
