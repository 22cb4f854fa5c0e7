//! Reads that are older than what was seen already. Azure answers from one of several replicas, some of which
//! learn late; what the console shows does not jump back because of it.
//!
//! What is older is told by `systemData.lastModifiedAt`, a moment of Azure's own clock: a body that was modified
//! before the one that is known is from before it. That is held back for as long as reads are doubted
//! (`patience.rs`), and believed then. Where Azure tells no such moment, what was read last is shown.

use super::bodies::{Bodies, Body};
use app::domain::name::{DeploymentName, EndpointName};
use serde_json::Value;
use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};
use time::OffsetDateTime;
use time::format_description::well_known::Iso8601;

/// Most things that are remembered as held back.
const HELD_MAX: usize = 10_000;

/// When Azure says that something was last modified.
fn modified(body: &Value) -> Option<OffsetDateTime> {
    let text = body.get("systemData")?.get("lastModifiedAt")?.as_str()?;
    OffsetDateTime::parse(text, &Iso8601::DEFAULT).ok()
}

/// Whether a body is from before another.
pub(super) fn is_before(read: &Value, known: &Value) -> bool {
    modified(read).zip(modified(known)).is_some_and(|(read, known)| read < known)
}

/// Since when older reads of something have been held back.
#[derive(Debug)]
pub(super) struct Held<K>(HashMap<K, Instant>);

impl<K> Default for Held<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + Hash + Clone> Held<K> {
    /// Whether what is known is kept instead of what was read.
    pub fn keeps(&mut self, key: &K, read: &Body, known: &Body, at_most: Duration) -> bool {
        if read == known || !is_before(&read.value(), &known.value()) {
            self.0.remove(key);
            return false;
        }
        if self.0.len() >= HELD_MAX {
            self.0.clear();
        }
        self.0.entry(key.clone()).or_insert_with(Instant::now).elapsed() < at_most
    }

    /// Whether something older is held back just now.
    pub fn holds(&self, key: &K) -> bool {
        self.0.contains_key(key)
    }
}

/// Deployments that were seen to be gone, as they were, and since when: lists may show them for a while longer.
#[derive(Debug, Default)]
pub(super) struct Gone(HashMap<(EndpointName, DeploymentName), (Body, Instant)>);

impl Gone {
    /// Notes what is not there any more of what was.
    pub fn learn(&mut self, at: &EndpointName, before: &Bodies, now: &Bodies) {
        if self.0.len() >= HELD_MAX {
            self.0.clear();
        }
        for (name, body) in &before.deployments {
            if !now.deployments.contains_key(name) {
                self.0.insert((at.clone(), name.clone()), (body.clone(), Instant::now()));
            }
        }
    }

    /// Whether what was read is a deployment that has gone, and none that was made since under its name.
    pub fn has(
        &self,
        at: &EndpointName,
        name: &DeploymentName,
        read: &Body,
        for_: Duration,
    ) -> bool {
        let Some((gone, since)) = self.0.get(&(at.clone(), name.clone())) else { return false };
        let is_it = || read == gone || is_before(&read.value(), &gone.value());
        since.elapsed() < for_ && is_it()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(modified: Option<&str>) -> Body {
        Body::new(&match modified {
            Some(at) => json!({ "systemData": { "lastModifiedAt": at } }),
            None => json!({ "name": "x" }),
        })
    }

    #[test]
    fn what_has_gone_does_not_come_back_and_what_is_made_anew_does() {
        let (at, name) = ("anet-ep".parse().expect("a name"), "green".parse().expect("a name"));
        let old = body(Some("2026-11-23T04:21:26.0000000+00:00"));
        let anew = body(Some("2026-11-23T04:21:27.0000000+00:00"));
        let mut gone = Gone::default();
        let before = Bodies {
            deployments: [(DeploymentName::clone(&name), old.clone())].into(),
            ..Bodies::default()
        };
        gone.learn(&at, &before, &before);
        let minute = Duration::from_secs(60);
        assert!(!gone.has(&at, &name, &old, minute), "it is still there");
        gone.learn(&at, &before, &Bodies::default());
        assert!(gone.has(&at, &name, &old, minute));
        assert!(!gone.has(&at, &name, &anew, minute));
        assert!(!gone.has(&at, &name, &old, Duration::ZERO), "it is believed in the end");
    }

    #[test]
    fn only_what_is_older_is_held_back_and_not_for_ever() {
        let old = body(Some("2026-11-23T04:21:26.6504430+00:00"));
        let new = body(Some("2026-11-23T04:21:26.6504431+00:00"));
        let none = body(None);
        let minute = Duration::from_secs(60);
        for (read, known, is_kept) in [
            (&old, &new, true),
            (&new, &old, false),
            (&old, &old, false),
            (&none, &new, false),
            (&old, &none, false),
        ] {
            assert_eq!(Held::default().keeps(&"a", read, known, minute), is_kept);
        }
        let mut held = Held::default();
        assert!(held.keeps(&"a", &old, &new, minute) && held.holds(&"a"));
        assert!(!held.keeps(&"a", &old, &new, Duration::ZERO), "it is believed in the end");
        assert!(!held.keeps(&"a", &new, &new, minute) && !held.holds(&"a"));
    }
}
