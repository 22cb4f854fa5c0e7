//! Webhooks in the configuration.

use crate::messages::address::{Address, Key};
use crate::messages::setup::{Checkpoints, Escalation, Setup, Target};
use crate::outside::address::Reach;
use crate::secret_file::Place;
use anyhow::Context as _;
use domain::name::StageName;
use domain::notification::{Kind, Occasion};
use domain::policy::Policy;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Most webhooks. The database stores each message once per webhook.
const WEBHOOKS_MAX: usize = 20;
/// Longest name of a webhook, in characters.
const NAME_MAX: usize = 50;
/// Longest pause between two checkpoints, in minutes: a day.
const EVERY_MINUTES_MAX: u32 = 24 * 60;
const HOUR_MS: i64 = 3_600_000;

/// A webhook that receives events.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notification {
    /// The webhook's name on pages and in logs.
    pub name: String,
    /// The format of messages.
    pub kind: Kind,
    /// The file with the URL. The URL is a secret: anybody who has it can post messages.
    pub url_file: Option<PathBuf>,
    pub url_env: Option<String>,
    /// The file with the key that signs messages. Required for plain messages, not allowed for others.
    pub secret_file: Option<PathBuf>,
    pub secret_env: Option<String>,
    /// Whether the host may have a private address or be this machine, for a receiver in the team's own network.
    #[serde(default)]
    pub allow_private: bool,
    /// The events that the webhook receives; empty for all.
    #[serde(default)]
    pub events: BTreeSet<Occasion>,
    /// The stages whose events the webhook receives; empty for all.
    #[serde(default)]
    pub stages: BTreeSet<StageName>,
}

/// The webhook that is notified of a change that stays pending.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalateTo {
    pub after_hours: u32,
    pub to: String,
}

/// The webhook that receives signed checkpoints.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckpointWebhook {
    pub url_file: Option<PathBuf>,
    pub url_env: Option<String>,
    /// The file with the key that signs requests. Optional: the checkpoint has its own signature.
    pub secret_file: Option<PathBuf>,
    pub secret_env: Option<String>,
    /// Whether the host may have a private address or be this machine.
    #[serde(default)]
    pub allow_private: bool,
    /// Shortest interval between two checkpoints, in minutes.
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
            "notifications: “{name}” is not a valid name. Use at most {NAME_MAX} letters, digits, hyphens, dots \
             and underscores"
        );
        let [url, secret] = &self.places();
        let secret = place(secret);
        place(url).check()?;
        secret.check()?;
        anyhow::ensure!(
            place(url).is_given(),
            "notifications: {name}: the URL is missing. Set url_file or url_env"
        );
        anyhow::ensure!(
            secret.is_given() == (self.kind == Kind::Plain),
            "notifications: {name}: plain messages are signed and require secret_file or secret_env. Slack and Teams \
             messages are not signed and allow neither"
        );
        for stage in &self.stages {
            anyhow::ensure!(
                stages.contains(stage),
                "notifications: {name}: stages: there is no stage {stage}"
            );
        }
        let receives_other = self.events.iter().any(|event| *event != Occasion::Escalation);
        anyhow::ensure!(
            self.events.is_empty() || receives_other || is_escalated_to,
            "notifications: {name}: events: the webhook receives escalations only, but escalation names another one. \
             Name it under escalation, or add other events"
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
            "ledger: checkpoint_webhook: the URL is missing. Set url_file or url_env"
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

/// All settings of webhooks.
#[derive(Debug, Clone, Copy)]
pub struct Webhooks<'a> {
    pub notifications: &'a [Notification],
    pub reminder_hours: Option<u32>,
    pub escalation: Option<&'a EscalateTo>,
    pub checkpoints: Option<&'a CheckpointWebhook>,
}

impl Webhooks<'_> {
    /// Checks the settings without reading a secret.
    ///
    /// # Errors
    /// With the key, the violated rule and the fix.
    pub fn check(&self, stages: &BTreeSet<&StageName>) -> anyhow::Result<()> {
        let all = self.notifications;
        anyhow::ensure!(
            all.len() <= WEBHOOKS_MAX,
            "notifications: there are more than {WEBHOOKS_MAX}"
        );
        let mut names = BTreeSet::new();
        for one in all {
            let is_escalated_to = self.escalation.is_some_and(|to| to.to == one.name);
            one.check(stages, is_escalated_to)?;
            anyhow::ensure!(
                names.insert(&one.name),
                "notifications: the name {} is used twice",
                one.name
            );
        }
        self.check_times()?;
        self.checkpoints.map_or(Ok(()), CheckpointWebhook::check)
    }

    fn check_times(&self) -> anyhow::Result<()> {
        let hours = 1..=Policy::EXPIRY_HOURS_MAX;
        if let Some(reminder) = self.reminder_hours {
            let max = hours.end();
            anyhow::ensure!(
                hours.contains(&reminder),
                "reminder_hours: must be between 1 and {max}"
            );
            let takes = |one: &Notification| {
                one.events.is_empty() || one.events.contains(&Occasion::Reminder)
            };
            anyhow::ensure!(
                self.notifications.iter().any(takes),
                "reminder_hours: no webhook receives reminders. Add “reminder” to the events of one"
            );
        }
        let Some(EscalateTo { after_hours, to }) = self.escalation else { return Ok(()) };
        anyhow::ensure!(
            hours.contains(after_hours)
                && self.reminder_hours.is_none_or(|hours| hours < *after_hours),
            "escalation: after_hours: must be more than reminder_hours and at most {}",
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
    /// If a secret cannot be read or is invalid. Errors never contain the secret.
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
