//! The webhooks and the events that each receives. Built from the configuration, or by a test.

use super::News;
use super::address::{Address, Key};
use crate::outside::address::Reach;
use domain::name::StageName;
use domain::notification::{Kind, Occasion};
use ledger::entry::Facts;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Timeout of a webhook: the minimum that the specification recommends.
const ANSWER_MAX: Duration = Duration::from_secs(15);
/// The name of the checkpoint webhook in the outbox. The configuration allows no webhook of this name.
pub const CHECKPOINTS: &str = "(checkpoints)";

/// The configuration of all webhooks.
#[derive(Debug, Clone)]
pub struct Setup {
    pub targets: Vec<Target>,
    /// How long a change may need approval before its reminder, in milliseconds.
    pub reminder_ms: Option<i64>,
    pub escalation: Option<Escalation>,
    pub checkpoints: Option<Checkpoints>,
    /// Timeout of each webhook; must be shorter than a claim.
    pub answer_max: Duration,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            targets: Vec::new(),
            reminder_ms: None,
            escalation: None,
            checkpoints: None,
            answer_max: ANSWER_MAX,
        }
    }
}

/// A webhook that receives events.
#[derive(Debug, Clone)]
pub struct Target {
    pub name: String,
    /// The format of its messages.
    pub kind: Kind,
    pub address: Address,
    pub key: Option<Key>,
    /// The events that it receives.
    pub occasions: BTreeSet<Occasion>,
    /// The stages whose events it receives; all when empty.
    pub stages: BTreeSet<StageName>,
}

/// The webhook that receives changes that still need approval after the reminder.
#[derive(Debug, Clone)]
pub struct Escalation {
    /// Counted from the proposal, in milliseconds.
    pub after_ms: i64,
    /// The name of a webhook.
    pub to: String,
}

/// The webhook that receives signed checkpoints.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    pub address: Address,
    /// Signs the message; the ledger's key signs the checkpoint itself.
    pub key: Option<Key>,
    /// Minimum interval between two checkpoints, in milliseconds.
    pub every_ms: i64,
}

impl Setup {
    /// The configuration as the ledger records it, without secrets.
    #[must_use]
    pub fn facts(&self) -> Facts {
        let mut facts = Facts::new();
        for Target { name, kind, address, occasions, stages, .. } in &self.targets {
            let events: Vec<_> = occasions.iter().map(|occasion| occasion.word()).collect();
            let stages: Vec<_> = stages.iter().map(StageName::as_str).collect();
            let stages =
                if stages.is_empty() { "all stages".to_owned() } else { stages.join(", ") };
            let reach = if address.reach() == Reach::PUBLIC { "" } else { ", may be private" };
            let host = address.host();
            let told = format!("{kind} at {host}{reach}; {}; {stages}", events.join(", "));
            facts.insert(format!("notifications.{name}"), told);
        }
        let hours = |ms: i64| format!("{} h", ms / 3_600_000);
        facts.extend(self.reminder_ms.map(|ms| ("notifications.reminder".to_owned(), hours(ms))));
        facts.extend(self.escalation.iter().map(|Escalation { after_ms, to }| {
            ("notifications.escalation".to_owned(), format!("to {to} after {}", hours(*after_ms)))
        }));
        facts.extend(self.checkpoints.iter().map(|Checkpoints { address, every_ms, .. }| {
            let told = format!("{}, every {} min", address.host(), every_ms / 60_000);
            ("ledger.checkpoint_webhook".to_owned(), told)
        }));
        facts
    }
}

impl Target {
    fn takes(&self, news: &News) -> bool {
        let is_here = self.stages.is_empty() || self.stages.contains(&news.on.stage);
        is_here && self.occasions.contains(&news.occasion)
    }
}

/// Chooses the webhooks that receive a message.
#[derive(Debug, Clone, Default)]
pub struct Addressees(Arc<Setup>);

impl Addressees {
    /// Chooses by `setup`.
    #[must_use]
    pub fn new(setup: Arc<Setup>) -> Self {
        Self(setup)
    }

    /// The webhooks that receive `news`. An escalation goes to its configured webhook; broken glass goes to all
    /// webhooks, whatever events they are configured for.
    #[must_use]
    pub fn of(&self, news: &News) -> Vec<&str> {
        if news.occasion == Occasion::Escalation {
            return self.0.escalation.iter().map(|escalation| escalation.to.as_str()).collect();
        }
        let is_for_all = news.occasion == Occasion::BrokeGlass;
        let takes = self.0.targets.iter().filter(|target| is_for_all || target.takes(news));
        takes.map(|target| target.name.as_str()).collect()
    }
}
