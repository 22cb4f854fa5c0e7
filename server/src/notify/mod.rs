//! Telling webhooks what happens to changes and runs.
//!
//! # The contract
//!
//! * What is told ([`news`]) is written into the outbox in the transaction of what it tells of
//!   (`store/outbox.rs`), once for each webhook that is told ([`setup`]). So nothing is lost by a crash, and
//!   nothing is told that did not happen; and no run and no request ever waits for a webhook.
//! * One loop per console delivers ([`deliver`]): it claims a message, puts it into the webhook's form
//!   ([`shape`]), signs and sends it, and writes down what became of it ([`retry`]). In normal operation each
//!   message is delivered once, whatever the number of replicas; after a crash at the wrong moment, or an
//!   answer that was lost, it is sent again. Its `webhook-id` is the same then, by which receivers know it.
//! * Messages about one change or run keep their order: the next waits until the one before it has arrived or
//!   was given up. Those about others go past.
//! * Trouble is tried again with growing pauses for three days. What was given up is logged, and stands on the
//!   stage's page.
//! * A change that waits is brought to mind once, and somebody else is told once ([`remind`]).
//! * Signed checkpoints of the ledger go the same way ([`checkpoints`]).
//!
//! URLs and keys are secrets ([`address`]). Only what a URL may lead to is reached ([`clients`]).

pub mod address;
pub mod checkpoints;
pub mod clients;
pub mod deliver;
pub mod news;
pub mod remind;
pub mod retry;
pub mod setup;
pub mod shape;

use crate::clock::Clock;
use crate::store::outbox::Outbox;
use app::domain::name::StageName;
use app::domain::notification::{Health, Webhook};
use clients::Clients;
use setup::{CHECKPOINTS, Setup};
use std::sync::Arc;
use url::Url;

/// Webhooks at work.
#[derive(Debug)]
pub struct Notify {
    setup: Arc<Setup>,
    outbox: Outbox,
    http: Clients,
    clock: Clock,
    console: Url,
}

impl Notify {
    /// On an outbox; `console` is where browsers reach the console. Nothing is sent until [`deliver::run`]
    /// runs.
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

    /// The webhooks that are told of a stage, and how they are doing.
    ///
    /// # Errors
    /// When the store fails.
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

    /// How the webhook for checkpoints is doing; `None` when there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn checkpoints(&self) -> sqlx::Result<Option<Health>> {
        match self.setup.checkpoints {
            Some(_) => Ok(Some(self.outbox.health(CHECKPOINTS).await?)),
            None => Ok(None),
        }
    }
}
