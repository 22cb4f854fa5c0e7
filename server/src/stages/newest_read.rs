//! Holds back outdated reads. Azure answers from one of several replicas, some of which lag behind; the console must
//! not show an older state after a newer one.
//!
//! A body is outdated when its `systemData.lastModifiedAt`, a time of Azure's own clock, is before that of the known
//! body. It is held back for as long as reads are doubted (`patience.rs`), and then believed. Without such a time the
//! last read is shown.

use crate::planner::bodies::{Bodies, Body};
use domain::name::{DeploymentName, EndpointName};
use serde_json::Value;
use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};
use time::OffsetDateTime;
use time::format_description::well_known::Iso8601;

/// Maximum number of entries; the map is cleared when it is full.
const HELD_MAX: usize = 10_000;

/// The time at which a body was last modified.
fn modified(body: &Value) -> Option<OffsetDateTime> {
    let text = body.get("systemData")?.get("lastModifiedAt")?.as_str()?;
    OffsetDateTime::parse(text, &Iso8601::DEFAULT).ok()
}

/// Whether a body is older than another.
pub(super) fn is_before(read: &Value, known: &Value) -> bool {
    modified(read).zip(modified(known)).is_some_and(|(read, known)| read < known)
}

/// The time since which outdated reads have been held back, by key.
#[derive(Debug)]
pub(super) struct NewestRead<K>(HashMap<K, Instant>);

impl<K> Default for NewestRead<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + Hash + Clone> NewestRead<K> {
    /// Whether to keep the known body instead of the one read.
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

    /// Whether outdated reads are being held back.
    pub fn holds(&self, key: &K) -> bool {
        self.0.contains_key(key)
    }
}

/// Deleted deployments with their last body and the time of their deletion: lists may show them for a while longer.
#[derive(Debug, Default)]
pub(super) struct Gone(HashMap<(EndpointName, DeploymentName), (Body, Instant)>);

impl Gone {
    /// Notes the deployments that are in `before` but not in `now`.
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

    /// Whether the read shows a deleted deployment, and not a new one of the same name.
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
    fn a_deleted_deployment_does_not_come_back_but_a_new_one_of_its_name_shows() {
        let (at, name) = ("anet-ep".parse().expect("a name"), "green".parse().expect("a name"));
        let old = body(Some("2026-11-23T04:21:26.0000000+00:00"));
        let newer = body(Some("2026-11-23T04:21:27.0000000+00:00"));
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
        assert!(!gone.has(&at, &name, &newer, minute));
        assert!(!gone.has(&at, &name, &old, Duration::ZERO), "it is believed in the end");
    }

    #[test]
    fn only_older_reads_are_held_back_and_only_for_a_while() {
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
            assert_eq!(NewestRead::default().keeps(&"a", read, known, minute), is_kept);
        }
        let mut held = NewestRead::default();
        assert!(held.keeps(&"a", &old, &new, minute) && held.holds(&"a"));
        assert!(!held.keeps(&"a", &old, &new, Duration::ZERO), "it is believed in the end");
        assert!(!held.keeps(&"a", &new, &new, minute) && !held.holds(&"a"));
    }
}
