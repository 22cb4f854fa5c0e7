//! The team's repositories and the releases that they define. Each repository is read once for all viewers.
//!
//! * [`source`] reads from GitHub or from a folder.
//! * [`workflow`] (and `jobs`, `job_id`, `refused`, `other`, `called`), [`infra`], [`files`], `dockerfile`, `render`,
//!   `rendered`, `notes` and `stage_of_environment` interpret the files and collect their problems.
//! * [`read`] reads a whole repository at one commit. Commits do not change, so the results are cached.
//!
//! This module only reads, and guesses no values: an expression stays an expression.

pub mod building;
mod called;
mod dockerfile;
pub mod files;
pub mod infra;
mod job_id;
mod jobs;
mod notes;
mod other;
mod problem;
pub mod read;
mod refused;
mod render;
mod rendered;
pub mod source;
mod stage_of_environment;
pub mod workflow;

pub(crate) use problem::of_spec;

use crate::clock::Clock;
use building::Building;
use domain::name::StageName;
use domain::release::input::Inputs;
use domain::release::path::RepoPath;
use domain::repository::{Reference, Revision};
use domain::stage::{Freshness, Stage};
use domain::timestamp::Timestamp;
use read::{Setting, Snapshot, Understood};
use source::{Error, Found, Head, Source};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// Maximum number of cached snapshots.
const SNAPSHOTS_MAX: usize = 16;
/// Maximum number of references whose last snapshot is cached.
const REFERENCES_MAX: usize = 64;

/// Reads one repository and caches its snapshots.
#[derive(Debug)]
pub struct Reader {
    name: String,
    source: Box<dyn Source>,
    environments: BTreeMap<String, StageName>,
    stages: Vec<Stage>,
    age_max: Duration,
    building: Building,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    snapshots: VecDeque<(String, Arc<Snapshot>)>,
    references: BTreeMap<Option<Reference>, Seen>,
}

/// The last read of a reference.
#[derive(Debug, Clone)]
struct Seen {
    snapshot: Arc<Snapshot>,
    /// When the read began.
    at: Timestamp,
}

/// The result of [`Reader::read`].
#[derive(Debug, Clone)]
pub struct Reading {
    /// `None` when the reference has never been read.
    pub snapshot: Option<Arc<Snapshot>>,
    pub freshness: Freshness,
    /// Why the snapshot is not current.
    pub error: Option<Error>,
}

impl Reader {
    /// Reads `source`, at most once per `age_max` unless a caller asks for a fresh read.
    #[must_use]
    pub fn new(
        name: String,
        source: Box<dyn Source>,
        environments: BTreeMap<String, StageName>,
        stages: Vec<Stage>,
        age_max: Duration,
    ) -> Self {
        let (known, building) = (Mutex::default(), Building::default());
        Self { name, source, environments, stages, age_max, building, known }
    }

    /// Sets how the repository's images are built.
    #[must_use]
    pub fn building_by(self, building: Building) -> Self {
        Self { building, ..self }
    }

    /// How the repository's images are built.
    #[must_use]
    pub fn building(&self) -> &Building {
        &self.building
    }

    /// Where the repository is read from.
    #[must_use]
    pub fn source(&self) -> &dyn Source {
        self.source.as_ref()
    }

    /// A file at a commit.
    ///
    /// # Errors
    /// When the repository cannot be read now.
    pub async fn file_at(
        &self,
        commit: &str,
        path: &RepoPath,
        bytes_max: usize,
    ) -> Result<Found, Error> {
        let revision = Revision {
            reference: None,
            commit: Some(commit.to_owned()),
            title: String::new(),
            author: String::new(),
            at: None,
        };
        let head = Head { key: commit.to_owned(), revision, moved_to: None };
        self.source.read(&head, path, bytes_max).await
    }

    /// The repository's name in the configuration.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The repository's location, as people read it.
    #[must_use]
    pub fn place(&self) -> String {
        self.source.place()
    }

    /// Reads the repository's current commit.
    ///
    /// # Errors
    /// When the repository cannot be read now.
    pub async fn check(&self) -> Result<String, Error> {
        let head = self.source.head(None).await?;
        let commit = head.revision.commit.unwrap_or(head.key);
        Ok(match head.moved_to {
            Some(name) => {
                format!("{commit}; on GitHub the repository is now {name}: configure that name")
            }
            None => commit,
        })
    }

    /// The repository at `reference`, or at the configured reference. Returns the cached snapshot unless
    /// `age_max` has passed or `again` is set. Concurrent callers share one read.
    pub async fn read(&self, reference: Option<&Reference>, clock: &Clock, again: bool) -> Reading {
        let asked = clock.now();
        let mut known = self.known.lock().await;
        let began = clock.now();
        let key = reference.cloned();
        let seen = known.references.get(&key).cloned();
        if let Some(seen) = &seen {
            let age_max = i64::try_from(self.age_max.as_millis()).unwrap_or(i64::MAX);
            // Another caller's read that began after this call is as good as a read of its own.
            let is_current = seen.at >= asked || (!again && asked.0 - seen.at.0 <= age_max);
            if is_current {
                let freshness = Freshness::Fresh { at: seen.at };
                let snapshot = Some(Arc::clone(&seen.snapshot));
                return Reading { snapshot, freshness, error: None };
            }
        }
        match self.look(reference, &mut known).await {
            Ok(snapshot) => {
                // A commit that arrived during the read may be missing from it.
                let at = began;
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
        // A branch and a tag may name one commit: the files are equal, but the texts shown are not.
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

    /// A release of a snapshot with other inputs.
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

/// Refreshes the cached snapshot every `interval`. Never returns; abort the task.
pub async fn run(reader: Arc<Reader>, clock: Clock, interval: Duration) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let reading = reader.read(None, &clock, true).await;
        if let Freshness::Stale { reason, .. } = reading.freshness {
            tracing::warn!(repository = reader.name(), reason, "the repository could not be read");
        }
    }
}
