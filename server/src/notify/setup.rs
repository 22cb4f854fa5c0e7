//! Which webhooks there are, and what each is told of. Made from the configuration, or by a test.

use super::address::{Address, Key};
use super::news::News;
use crate::outside::address::Reach;
use app::domain::name::StageName;
use app::domain::notification::{Kind, Occasion};
use ledger::entry::Facts;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Longest that a webhook may take to answer: what the specification recommends at least.
const ANSWER_MAX: Duration = Duration::from_secs(15);
/// The name under which checkpoints stand in the outbox. No webhook of the configuration can have it.
pub const CHECKPOINTS: &str = "(checkpoints)";

/// Everything about webhooks.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Those that are told what happens.
    pub targets: Vec<Target>,
    /// How long a change has waited when it is brought to mind, in milliseconds.
    pub reminder_ms: Option<i64>,
    /// Who is told when it goes on waiting.
    pub escalation: Option<Escalation>,
    /// Where signed checkpoints go.
    pub checkpoints: Option<Checkpoints>,
    /// How long each may take to answer; less than a claim lasts.
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

/// A webhook that is told what happens.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// The form in which it takes messages.
    pub kind: Kind,
    /// Where it is.
    pub address: Address,
    /// What messages to it are signed with.
    pub key: Option<Key>,
    /// What it is told of.
    pub occasions: BTreeSet<Occasion>,
    /// Of which stages; of all when this is empty.
    pub stages: BTreeSet<StageName>,
}

/// Who is told of a change that goes on waiting.
#[derive(Debug, Clone)]
pub struct Escalation {
    /// After how many milliseconds.
    pub after_ms: i64,
    /// The webhook's name.
    pub to: String,
}

/// Where signed checkpoints go.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    /// The webhook.
    pub address: Address,
    /// What they are signed with besides the ledger's own key.
    pub key: Option<Key>,
    /// How long there is nothing after one, in milliseconds.
    pub every_ms: i64,
}

impl Setup {
    /// What the ledger says of it: everything that decides, nothing that is secret.
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

/// Who is told what, for those who write it down.
#[derive(Debug, Clone, Default)]
pub struct Addressees(Arc<Setup>);

impl Addressees {
    /// Of a setup.
    #[must_use]
    pub fn new(setup: Arc<Setup>) -> Self {
        Self(setup)
    }

    /// The webhooks that are sent something. An escalation goes to the one that is named for it; that glass was broken
    /// goes to all of them, whatever they are configured to be sent.
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
