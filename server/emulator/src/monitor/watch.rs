//! Evaluates alert rules by the emulator's clock: a task for each enabled rule (Azure Monitor, "Alerts and state").

use std::collections::BTreeMap;
use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use super::entered::Entered;
use super::fired::{self, Finding};
use super::measure::{Key, measure};
use super::rule::Rule;
use crate::inner::Inner;
use crate::store::Unkept;

/// The most alerts that one evaluation fires (Azure Monitor, service limits: stateful log alerts).
const FIRED_MAX: usize = 300;
/// After a pause, for example of a suspended machine, at most so many evaluations are made up for.
const BEHIND_MAX: i32 = 300;

/// Begins to evaluate all rules.
pub fn start(inner: &Arc<Inner>) {
    let rules: Vec<String> = inner.store.read(|state| {
        let ids = state.monitoring.keys();
        ids.filter(|id| id.contains("/scheduledqueryrules/")).cloned().collect()
    });
    for id in rules {
        update(inner, &id);
    }
}

/// Evaluates a rule as it is now, or no longer if it is gone or disabled. `id` is in lower case.
pub fn update(inner: &Arc<Inner>, id: &str) {
    let body = inner.store.read(|state| state.monitoring.get(id).cloned());
    let is_alert = |body: &serde_json::Value| body["kind"] != "LogToMetric";
    let rule = body.filter(is_alert).and_then(|body| {
        let name = body["name"].as_str()?.to_owned();
        Rule::read(&body["properties"]).ok().map(|rule| (name, rule))
    });
    let rule = rule.filter(|(_, rule)| rule.is_enabled);
    let task = rule.map(|(name, rule)| {
        // Now, so that who moves the clock next waits for it.
        let entered = Entered::new(inner, id);
        let began = inner.clock.now();
        let watched = Watched { id: id.to_owned(), name, rule };
        tokio::spawn(run(Arc::clone(inner), watched, entered, began))
    });
    inner.routines.replace(id, task);
}

/// A rule under evaluation.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Its ARM id in lower case.
    pub id: String,
    pub name: String,
    pub rule: Rule,
}

/// What is remembered between evaluations.
#[derive(Debug, Default)]
struct Memory {
    /// How often in sequence the condition was not met, by dimensions with an open alert.
    healthy: BTreeMap<Key, i32>,
    /// Until when actions are muted.
    muted: BTreeMap<Key, OffsetDateTime>,
}

async fn run(inner: Arc<Inner>, watched: Watched, entered: Entered, began: OffsetDateTime) {
    let frequency = watched.rule.frequency;
    let mut memory = Memory::default();
    let mut due = began + frequency;
    loop {
        entered.sleep_until(due).await;
        if let Err(error) = evaluate(&inner, &watched, due, &mut memory).await {
            tracing::warn!(rule = watched.name, %error, "an alert rule was not evaluated");
        }
        due += frequency;
        let now = inner.clock.now();
        if now - due > frequency * BEHIND_MAX {
            due = now;
        }
    }
}

async fn evaluate(
    inner: &Arc<Inner>,
    watched: &Watched,
    at: OffsetDateTime,
    memory: &mut Memory,
) -> anyhow::Result<()> {
    let rule = &watched.rule;
    let scope = rule
        .scope(inner)
        .ok_or_else(|| anyhow::anyhow!("its scope [{}] is not known", rule.target))?;
    let found = measure(inner, rule, &scope, at).await?;
    let open = if rule.is_stateful { fired::open(inner, &watched.id) } else { Vec::new() };
    let mut fired = 0;
    for (key, values) in &found {
        let failing = values.iter().flatten().filter(|v| rule.operator.holds(**v, rule.threshold));
        if i32::try_from(failing.count()).unwrap_or(i32::MAX) < rule.failing {
            continue;
        }
        fired += 1;
        if fired > FIRED_MAX {
            tracing::warn!(
                rule = watched.name,
                "a rule met its condition more than {FIRED_MAX} times"
            );
            break;
        }
        let value = values.first().copied().flatten().unwrap_or(0.0);
        let finding = Finding { watched, key, value, at };
        met(inner, &finding, open.contains(key), memory)?;
    }
    for key in &open {
        let values = found.get(key).map_or(&[][..], Vec::as_slice);
        let failing = values.iter().flatten().filter(|v| rule.operator.holds(**v, rule.threshold));
        if i32::try_from(failing.count()).unwrap_or(i32::MAX) >= rule.failing {
            continue;
        }
        let healthy = memory.healthy.entry(key.clone()).or_default();
        *healthy += 1;
        if *healthy >= rule.healthy {
            memory.healthy.remove(key);
            let value = values.first().copied().flatten().unwrap_or(0.0);
            fired::resolve(inner, &Finding { watched, key, value, at })?;
        }
    }
    Ok(())
}

/// The condition is met.
fn met(
    inner: &Arc<Inner>,
    finding: &Finding<'_>,
    is_open: bool,
    memory: &mut Memory,
) -> Result<(), Unkept> {
    let (rule, key, at) = (&finding.watched.rule, finding.key, finding.at);
    memory.healthy.remove(key);
    if is_open {
        return Ok(());
    }
    let is_muted = memory.muted.get(key).is_some_and(|until| at < *until);
    fired::fire(inner, finding, !is_muted)?;
    if let Some(mute) = rule.mute.filter(|_| !is_muted) {
        memory.muted.retain(|_, until| *until > at - Duration::DAY);
        memory.muted.insert(key.clone(), at + mute);
    }
    Ok(())
}
