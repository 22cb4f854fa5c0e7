//! The loop that delivers messages from the outbox, on every change of the store and at a fixed interval. Each webhook
//! has at most one message in flight, so a webhook that hangs delays no other.

use super::Notify;
use super::retry::{Answer, CHANCE_MAX, GIVE_UP_MS, settled};
use super::shape::{Body, shape};
use crate::messages::address::{Address, Key};
use crate::messages::setup::CHECKPOINTS;
use crate::outside::resolver;
use crate::outside::retry_after;
use crate::store::outbox::{Letter, Settled};
use domain::notification::Kind;
use domain::timestamp::Timestamp;
use rand::Rng as _;
use reqwest::header::CONTENT_TYPE;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Maximum interval between two reads of the outbox. Retries that become due and other replicas do not wake the loop.
const TICK: Duration = Duration::from_millis(1_000);
/// Minimum interval, so that busy runs do not make the loop spin.
const PAUSE: Duration = Duration::from_millis(50);
/// How long a replica's claim of a message lasts, in milliseconds: longer than any attempt, with a margin for clock
/// skew between replicas.
const CLAIM_MS: i64 = 60_000;
/// Interval of removing old messages.
const SWEEP: Duration = Duration::from_secs(3_600);
/// How long delivered and abandoned messages are kept, in milliseconds: 30 days.
const KEPT_MS: i64 = 30 * 24 * 3_600_000;
/// The age at which messages to a webhook that is no longer configured are given up, in milliseconds: a day more than
/// for configured webhooks.
const SWEPT_MS: i64 = GIVE_UP_MS + 24 * 3_600_000;

/// The parts of a webhook's configuration that sending needs.
#[derive(Debug, Clone)]
struct Way {
    name: String,
    kind: Kind,
    address: Address,
    key: Option<Key>,
}

/// Delivers messages. Never returns; abort the task. `moved` wakes the loop after a write.
pub async fn run(notify: Arc<Notify>, mut moved: watch::Receiver<u64>) {
    let ways = ways(&notify);
    let mut work = JoinSet::new();
    let mut busy = BTreeSet::new();
    let mut swept = None;
    loop {
        moved.mark_unchanged();
        if swept.is_none_or(|swept: Instant| swept.elapsed() > SWEEP) {
            sweep(&notify).await;
            swept = Some(Instant::now());
        }
        for way in &ways {
            if busy.insert(way.name.clone()) {
                work.spawn(deliver(Arc::clone(&notify), way.clone()));
            }
        }
        tokio::time::sleep(PAUSE).await;
        let _ = tokio::time::timeout(TICK, moved.changed()).await;
        while let Some(done) = work.try_join_next() {
            match done {
                Ok(name) => _ = busy.remove(&name),
                // The panic does not say which webhook it was. Claims prevent sending a message twice.
                Err(error) => {
                    tracing::error!(%error, "a delivery ended early");
                    busy.clear();
                }
            }
        }
    }
}

fn ways(notify: &Notify) -> Vec<Way> {
    let targets = notify.setup.targets.iter().map(|target| Way {
        name: target.name.clone(),
        kind: target.kind,
        address: target.address.clone(),
        key: target.key.clone(),
    });
    let checkpoints = notify.setup.checkpoints.iter().map(|checkpoints| Way {
        name: CHECKPOINTS.to_owned(),
        kind: Kind::Plain,
        address: checkpoints.address.clone(),
        key: checkpoints.key.clone(),
    });
    targets.chain(checkpoints).collect()
}

/// Delivers all due messages of one webhook, one after the other.
async fn deliver(notify: Arc<Notify>, way: Way) -> String {
    loop {
        match one(&notify, &way).await {
            Ok(true) => {}
            Ok(false) => return way.name,
            Err(error) => {
                tracing::error!(%error, webhook = way.name, "the outbox cannot be read or written");
                return way.name;
            }
        }
    }
}

/// Attempts one message; `false` when none is due.
async fn one(notify: &Notify, way: &Way) -> sqlx::Result<bool> {
    let now = notify.clock.now();
    let until = Timestamp(now.0.saturating_add(CLAIM_MS));
    let Some(letter) = notify.outbox.claim(&way.name, now, until).await? else {
        return Ok(false);
    };
    let answer = send(notify, way, &letter).await;
    let now = notify.clock.now();
    let chance = rand::rng().random_range(0..=CHANCE_MAX);
    // After a jump of the clock the age of a message is unknown, so none is given up.
    let written = if notify.clock.has_jumped() { now } else { letter.written };
    let settled = settled(&answer, letter.tries, written, now, chance);
    tell(way, &letter, &settled);
    notify.outbox.settle(&way.name, &letter, &settled, now).await?;
    Ok(true)
}

async fn send(notify: &Notify, way: &Way, letter: &Letter) -> Answer {
    let Body { content_type, bytes } = shape(&letter.message, way.kind, &notify.console);
    let now = notify.clock.now();
    let seconds = now.0.div_euclid(1_000);
    let mut request = notify
        .http
        .of(&way.address)
        .post(way.address.url())
        .timeout(notify.setup.answer_max)
        .header(CONTENT_TYPE, content_type)
        .header("webhook-id", &letter.id)
        .header("webhook-timestamp", seconds);
    if let Some(key) = &way.key {
        request = request.header("webhook-signature", key.sign(&letter.id, seconds, &bytes));
    }
    // The body of the response is not read.
    match request.body(bytes).send().await {
        Ok(answer) => {
            let retry_after = retry_after::pause(answer.headers(), Some(now));
            Answer::Status { code: answer.status().as_u16(), retry_after }
        }
        // The error contains the URL, which is secret.
        Err(error) => Answer::None {
            why: match error {
                error if resolver::is_behind(&error) => {
                    "its host has a private address; to allow private addresses, set allow_private: true"
                }
                error if error.is_timeout() => "no response in time",
                error if error.is_connect() => "no connection",
                _ => "the connection broke",
            },
        },
    }
}

fn tell(way: &Way, letter: &Letter, settled: &Settled) {
    let (webhook, id, tries) = (&way.name, &letter.id, letter.tries);
    match settled {
        Settled::Delivered => tracing::info!(webhook, id, tries, "a message was delivered"),
        Settled::Later { trouble, .. } => {
            tracing::warn!(webhook, id, tries, trouble, "a message was not delivered; retrying");
        }
        Settled::GivenUp { trouble } => {
            tracing::error!(webhook, id, tries, trouble, "a message was given up");
        }
    }
}

/// Gives up messages to webhooks that are no longer configured, and removes old messages.
async fn sweep(notify: &Notify) {
    if notify.clock.has_jumped() {
        return;
    }
    let now = notify.clock.now();
    let before = |ms: i64| Timestamp(now.0.saturating_sub(ms));
    match notify.outbox.sweep(before(SWEPT_MS), before(KEPT_MS), now).await {
        Ok(0) => {}
        Ok(swept) => {
            tracing::error!(swept, "messages to webhooks that are not configured were given up");
        }
        Err(error) => tracing::error!(%error, "the outbox cannot be cleared"),
    }
}
