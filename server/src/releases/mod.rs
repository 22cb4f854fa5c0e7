//! The team's repositories: which releases they define, read where they are, once for all viewers.
//!
//! * [`source`]: where a repository is read from.
//! * [`workflow`] (and `jobs`, `job_id`, `refused`, `other`, `called`), [`infra`], [`files`], `dockerfile`, `render`, `made`,
//!   `told`, `place`: its files, each to what it means and what is wrong.
//! * [`read`]: all of it at one state. States do not change, so each is read once and kept.
//!
//! Nothing here changes anything, and nothing of it is guessed: an expression stays one.

mod called;
mod dockerfile;
pub mod files;
pub mod infra;
mod job_id;
mod jobs;
mod made;
mod other;
mod place;
mod problem;
pub mod read;
mod refused;
mod render;
pub mod source;
mod told;
pub mod workflow;

pub(crate) use problem::of_spec;

use crate::clock::Clock;
use app::domain::name::StageName;
use app::domain::release::input::Inputs;
use app::domain::repository::Reference;
use app::domain::stage::{Freshness, Stage};
use app::domain::timestamp::Timestamp;
use read::{Setting, Snapshot, Understood};
use source::{Error, Source};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// States that are kept.
const SNAPSHOTS_MAX: usize = 16;
/// References whose state is remembered.
const REFERENCES_MAX: usize = 64;

/// One repository, read for everybody.
#[derive(Debug)]
pub struct Reader {
    name: String,
    source: Box<dyn Source>,
    environments: BTreeMap<String, StageName>,
    stages: Vec<Stage>,
    age_max: Duration,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    snapshots: VecDeque<(String, Arc<Snapshot>)>,
    references: BTreeMap<Option<Reference>, Seen>,
}

/// The last look at a reference.
#[derive(Debug, Clone)]
struct Seen {
    snapshot: Arc<Snapshot>,
    at: Timestamp,
}

/// What a look at a repository yields.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The state; `None` when there never was one.
    pub snapshot: Option<Arc<Snapshot>>,
    /// How current it is.
    pub freshness: Freshness,
    /// Why it is not current.
    pub error: Option<Error>,
}

impl Reader {
    /// Reads `source`, and looks again when the last look is older than `age_max`.
    #[must_use]
    pub fn new(
        name: String,
        source: Box<dyn Source>,
        environments: BTreeMap<String, StageName>,
        stages: Vec<Stage>,
        age_max: Duration,
    ) -> Self {
        let known = Mutex::default();
        Self { name, source, environments, stages, age_max, known }
    }

    /// The repository's name in the configuration.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it is, for people.
    #[must_use]
    pub fn place(&self) -> String {
        self.source.place()
    }

    /// Whether it can be read now.
    ///
    /// # Errors
    /// Why not.
    pub async fn check(&self) -> Result<String, Error> {
        let head = self.source.head(None).await?;
        let commit = head.revision.commit.unwrap_or(head.key);
        Ok(match head.moved_to {
            Some(name) => format!("{commit}; GitHub has it as {name} now: configure that name"),
            None => commit,
        })
    }

    /// The repository at a reference (the configured one when none is given): as last seen, or looked at
    /// now when that is too long ago or `again` asks for it. Others who ask meanwhile wait for the one look.
    pub async fn read(&self, reference: Option<&Reference>, clock: &Clock, again: bool) -> Reading {
        let asked = clock.now();
        let mut known = self.known.lock().await;
        let key = reference.cloned();
        let seen = known.references.get(&key).cloned();
        if let Some(seen) = &seen {
            let age_max = i64::try_from(self.age_max.as_millis()).unwrap_or(i64::MAX);
            // Somebody's look that ended after we asked is as good as our own.
            let is_current = seen.at >= asked || (!again && asked.0 - seen.at.0 <= age_max);
            if is_current {
                let freshness = Freshness::Fresh { at: seen.at };
                let snapshot = Some(Arc::clone(&seen.snapshot));
                return Reading { snapshot, freshness, error: None };
            }
        }
        match self.look(reference, &mut known).await {
            Ok(snapshot) => {
                let at = clock.now();
                if known.references.len() >= REFERENCES_MAX {
                    known.references.retain(|reference, _| reference.is_none());
                }
                let seen = Seen { snapshot: Arc::clone(&snapshot), at };
                known.references.insert(key, seen);
                Reading {
                    snapshot: Some(snapshot),
                    freshness: Freshness::Fresh { at },
                    error: None,
                }
            }
            Err(error) => {
                let since = seen.as_ref().map(|seen| seen.at);
                let freshness = Freshness::Stale { since, reason: error.to_string() };
                let snapshot = seen.map(|seen| seen.snapshot);
                Reading { snapshot, freshness, error: Some(error) }
            }
        }
    }

    async fn look(
        &self,
        reference: Option<&Reference>,
        known: &mut Known,
    ) -> Result<Arc<Snapshot>, Error> {
        let head = self.source.head(reference).await?;
        // A branch and a tag may stand for one commit: the files are the same, the words are not.
        let key = format!("{} {:?} {:?}", head.key, head.revision.reference, head.moved_to);
        if let Some((_, snapshot)) = known.snapshots.iter().find(|(one, _)| *one == key) {
            return Ok(Arc::clone(snapshot));
        }
        let read = read::read(self.source.as_ref(), &head, self.setting()).await?;
        let snapshot = Arc::new(read);
        if known.snapshots.len() == SNAPSHOTS_MAX {
            known.snapshots.pop_front();
        }
        known.snapshots.push_back((key, Arc::clone(&snapshot)));
        Ok(snapshot)
    }
}

impl Reader {
    fn setting(&self) -> Setting<'_> {
        Setting { name: &self.name, environments: &self.environments, stages: &self.stages }
    }

    /// A release of a state with other inputs.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub async fn with_answers(
        &self,
        snapshot: &Snapshot,
        known: &Understood,
        answers: &Inputs,
    ) -> Result<Understood, Error> {
        read::again(self.source.as_ref(), &snapshot.head, self.setting(), known, answers).await
    }
}

/// Keeps what is known of a repository current, whether anybody looks or not.
pub async fn run(reader: Arc<Reader>, clock: Clock, interval: Duration) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let reading = reader.read(None, &clock, true).await;
        if let Freshness::Stale { reason, .. } = reading.freshness {
            tracing::warn!(repository = reader.name(), reason, "the repository was not read");
        }
    }
}
