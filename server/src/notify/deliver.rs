//! The loop that delivers: woken by news and by time, it takes no input but the outbox. Each webhook has one
//! message in hand at most, so that one that hangs delays no other.

use super::Notify;
use super::address::{Address, Key};
use super::retry::{Answer, CHANCE_MAX, GIVE_UP_MS, retry_after, settled};
use super::setup::CHECKPOINTS;
use super::shape::{Body, shape};
use crate::outside::resolver;
use crate::store::outbox::{Letter, Settled};
use app::domain::notification::Kind;
use app::domain::timestamp::Timestamp;
use rand::Rng as _;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Longest pause between two looks at the outbox: clocks and other replicas tell nobody.
const TICK: Duration = Duration::from_millis(1_000);
/// Shortest, so that busy runs do not make it spin.
const PAUSE: Duration = Duration::from_millis(50);
/// How long a message stays with whoever tries it, in milliseconds: longer than any try, with room for
/// clocks of replicas that differ.
const CLAIM_MS: i64 = 60_000;
/// How often what is over is cleared away.
const SWEEP: Duration = Duration::from_secs(3_600);
/// How long what ended is kept, in milliseconds: a month.
const KEPT_MS: i64 = 30 * 24 * 3_600_000;
/// After which one whose webhook is not configured any more is given up, in milliseconds: a day later than
/// those that somebody tries.
const SWEPT_MS: i64 = GIVE_UP_MS + 24 * 3_600_000;

/// One webhook, as far as sending needs to know it.
#[derive(Debug, Clone)]
struct Way {
    name: String,
    kind: Kind,
    address: Address,
    key: Option<Key>,
}

/// Delivers for ever; abort the task. `moved` wakes it when something was written down.
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
                // Nobody knows which one it was; messages are claimed, so that none is sent twice.
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

/// Delivers all that is due to one webhook, one message after the other.
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

/// Tries one message; `false` when none is due.
async fn one(notify: &Notify, way: &Way) -> sqlx::Result<bool> {
    let now = notify.clock.now();
    let until = Timestamp(now.0.saturating_add(CLAIM_MS));
    let Some(letter) = notify.outbox.claim(&way.name, now, until).await? else {
        return Ok(false);
    };
    let answer = send(notify, way, &letter).await;
    let now = notify.clock.now();
    let chance = rand::rng().random_range(0..=CHANCE_MAX);
    // How long it has been tried is not known while the clock was just set: nothing is given up then.
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
    // What it answers besides its status is not read.
    match request.body(bytes).send().await {
        Ok(answer) => {
            let after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
            let retry_after = after.and_then(|value| retry_after(value, now));
            Answer::Status { code: answer.status().as_u16(), retry_after }
        }
        // The error itself names the URL, which is a secret.
        Err(error) => Answer::None {
            why: match error {
                error if resolver::is_behind(&error) => {
                    "its host leads inside a network; if that is meant, say allow_private: true"
                }
                error if error.is_timeout() => "no answer in time",
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
            tracing::warn!(webhook, id, tries, trouble, "a message did not arrive; trying again");
        }
        Settled::GivenUp { trouble } => {
            tracing::error!(webhook, id, tries, trouble, "a message was given up");
        }
    }
}

/// Clears away what nobody delivers, and what is long over.
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
