//! Notifies webhooks of what happens to changes and runs.
//!
//! # The contract
//!
//! * A message ([`news`]) is written into the outbox (`store/outbox.rs`) once per webhook that receives it
//!   ([`setup`]), in the transaction of the event that it reports. So a crash loses no message, no message reports
//!   an event that did not happen, and no run or request waits for a webhook.
//! * One loop per console delivers ([`deliver`]): it claims a message, formats it for the webhook ([`shape`]),
//!   signs and sends it, and stores the result ([`retry`]). Normally each message is delivered once, with any
//!   number of replicas. After a crash or a lost response it is sent again with the same `webhook-id`, so that
//!   receivers can drop the duplicate.
//! * Messages about one change or run keep their order: each waits until the one before it was delivered or given
//!   up. Messages about other changes and runs do not wait.
//! * Failed deliveries are retried with growing pauses for three days. Messages that were given up are logged and
//!   shown on the stage's page.
//! * A pending change gets one reminder and one escalation ([`remind`]).
//! * Signed checkpoints of the ledger are delivered by the same loop ([`checkpoints`]).
//!
//! URLs and keys are secrets ([`address`]). Private addresses must be allowed explicitly ([`clients`]).

pub mod checkpoints;
pub mod clients;
pub mod deliver;
pub mod remind;
pub mod retry;
pub mod shape;

use crate::clock::Clock;
use crate::messages::setup::{CHECKPOINTS, Setup};
use crate::store::outbox::Outbox;
use clients::Clients;
use domain::name::StageName;
use domain::notification::{Health, Webhook};
use std::sync::Arc;
use url::Url;

/// The configured webhooks and the means to reach them.
#[derive(Debug)]
pub struct Notify {
    setup: Arc<Setup>,
    outbox: Outbox,
    http: Clients,
    clock: Clock,
    console: Url,
}

impl Notify {
    /// `console` is the public URL of the console, for links. Nothing is sent until [`deliver::run`] runs.
    #[must_use]
    pub fn new(
        setup: Arc<Setup>,
        outbox: Outbox,
        http: Clients,
        clock: Clock,
        console: Url,
    ) -> Self {
        Self { setup, outbox, http, clock, console }
    }

    /// The number of configured webhooks. Broken glass notifies all of them, regardless of their filters.
    #[must_use]
    pub fn count(&self) -> usize {
        self.setup.targets.len()
    }

    /// The webhooks that receive events of a stage, with their health.
    pub async fn webhooks(&self, stage: &StageName) -> sqlx::Result<Vec<Webhook>> {
        let mut webhooks = Vec::new();
        for target in &self.setup.targets {
            if target.stages.is_empty() || target.stages.contains(stage) {
                webhooks.push(Webhook {
                    name: target.name.clone(),
                    kind: target.kind,
                    occasions: target.occasions.iter().copied().collect(),
                    health: self.outbox.health(&target.name).await?,
                });
            }
        }
        Ok(webhooks)
    }

    /// The health of the checkpoint webhook; `None` when none is configured.
    pub async fn checkpoints(&self) -> sqlx::Result<Option<Health>> {
        match self.setup.checkpoints {
            Some(_) => Ok(Some(self.outbox.health(CHECKPOINTS).await?)),
            None => Ok(None),
        }
    }
}
