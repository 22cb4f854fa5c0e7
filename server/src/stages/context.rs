//! The configured stages, each with its Azure client and observer.

use super::Observer;
use super::change_windows::gate;
use super::surroundings::Surroundings;
use super::traffic::TrafficCache;
use crate::azure::arm::{Arm, Workspace};
use crate::hash::sha256;
use crate::patience::Patience;
use app::error::ConsoleError;
use bytes::Bytes;
use domain::guard::inputs::Gate;
use domain::name::StageName;
use domain::policy::Policy;
use domain::scoring::BODY_BYTES_MAX;
use domain::stage::{Freeze, Stage};
use domain::timestamp::Timestamp;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// A stage's policy and freeze. The store is authoritative for freezes; this copy is for pages and plans.
#[derive(Debug, Default)]
pub struct Rules {
    pub policy: Policy,
    freeze: RwLock<Option<Freeze>>,
}

impl Rules {
    /// The rules of an unfrozen stage.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self { policy, freeze: RwLock::default() }
    }

    /// The freeze, if any.
    #[must_use]
    pub fn freeze(&self) -> Option<Freeze> {
        self.freeze.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Updates the copy from the store. Returns whether it changed.
    pub fn learn(&self, freeze: Option<Freeze>) -> bool {
        let mut known = self.freeze.write().unwrap_or_else(PoisonError::into_inner);
        let is_news = *known != freeze;
        *known = freeze;
        is_news
    }

    /// Whether the stage accepts changes at a time; `None` if it has neither a freeze nor windows.
    #[must_use]
    pub fn gate(&self, now: Timestamp) -> Option<Gate> {
        gate(&self.policy, self.freeze().as_ref(), now)
    }
}

/// Requests that probe a stage's endpoints while their traffic changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probing {
    pub body: Bytes,
    /// Probes per second, 1 to [`Probing::PER_SECOND_MAX`].
    per_second: u8,
}

impl Probing {
    /// A higher rate would be a load test on instances that serve real clients.
    pub const PER_SECOND_MAX: u8 = 50;

    /// Checks a body and a rate.
    ///
    /// # Errors
    /// A sentence with the invalid key.
    pub fn new(body: String, per_second: u32) -> Result<Self, String> {
        let rate = u8::try_from(per_second).ok();
        let Some(per_second) = rate.filter(|rate| (1..=Self::PER_SECOND_MAX).contains(rate)) else {
            return Err(format!(
                "probe: per_second: {per_second} is not between 1 and {}",
                Self::PER_SECOND_MAX
            ));
        };
        if body.len() > BODY_BYTES_MAX {
            return Err(format!("probe: the body is larger than {BODY_BYTES_MAX} bytes"));
        }
        match serde_json::from_str::<serde::de::IgnoredAny>(&body) {
            Ok(_) => Ok(Self { body: body.into(), per_second }),
            // Only the line, because bodies contain people's data.
            Err(error) => Err(format!("probe: the body is not JSON, at line {}", error.line())),
        }
    }

    /// The interval between two probes.
    #[must_use]
    pub fn interval(&self) -> Duration {
        Duration::from_secs(1) / u32::from(self.per_second)
    }
}

impl fmt::Display for Probing {
    /// The text that the ledger records. The hash identifies the body without revealing it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hash = sha256(&self.body);
        write!(f, "{} a second, body of {} bytes, SHA-256 {hash}", self.per_second, self.body.len())
    }
}

/// A stage and everything that belongs to it at run time.
#[derive(Debug)]
pub struct StageContext {
    pub stage: Stage,
    pub rules: Rules,
    pub arm: Arm,
    pub workspace: Workspace,
    pub observer: Arc<Observer>,
    /// Measured traffic of the endpoints, read once for all viewers.
    pub traffic: TrafficCache,
    /// Further facts for guards, read once for all plans.
    pub around: Surroundings,
    /// How long reads that contradict the known state are repeated.
    pub patience: Patience,
    /// `None` if the endpoints are not probed.
    pub probing: Option<Probing>,
}

/// All stages, in the order of the configuration.
#[derive(Debug, Clone)]
pub struct Stages(Arc<Vec<Arc<StageContext>>>);

impl Stages {
    /// Keeps the order of `places`.
    #[must_use]
    pub fn new(places: Vec<Arc<StageContext>>) -> Self {
        Self(Arc::new(places))
    }

    /// All stages.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<StageContext>> {
        self.0.iter()
    }

    /// The stage with this name.
    ///
    /// # Errors
    /// [`ConsoleError::NotFound`].
    pub fn get(&self, name: &StageName) -> Result<&Arc<StageContext>, ConsoleError> {
        self.0.iter().find(|place| place.stage.name == *name).ok_or_else(|| {
            ConsoleError::NotFound(format!(
                "The stage {name} does not exist. The overview lists the stages."
            ))
        })
    }
}
