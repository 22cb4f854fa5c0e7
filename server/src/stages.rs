//! The stages of the configuration, each with its way to Azure and its observer.

use crate::azure::arm::{Arm, Workspace};
use crate::changes::gate::gate;
use crate::hash::sha256;
use crate::observe::Observer;
use crate::observe::facts::Surroundings;
use crate::observe::traffic::TrafficCache;
use crate::patience::Patience;
use app::domain::guard::facts::Gate;
use app::domain::name::StageName;
use app::domain::policy::Policy;
use app::domain::scoring::BODY_BYTES_MAX;
use app::domain::stage::{Freeze, Stage};
use app::domain::timestamp::Timestamp;
use app::error::ConsoleError;
use bytes::Bytes;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// What a stage asks before something is done to it: the configuration's policy, and whether somebody froze
/// it. The store knows for certain who froze what; here it is kept for pages and plans.
#[derive(Debug, Default)]
pub struct Rules {
    /// The configuration's.
    pub policy: Policy,
    freeze: RwLock<Option<Freeze>>,
}

impl Rules {
    /// From the configuration.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self { policy, freeze: RwLock::default() }
    }

    /// Who froze it, if anybody did.
    #[must_use]
    pub fn freeze(&self) -> Option<Freeze> {
        self.freeze.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Learns from the store; whether that is news.
    pub fn learn(&self, freeze: Option<Freeze>) -> bool {
        let mut known = self.freeze.write().unwrap_or_else(PoisonError::into_inner);
        let is_news = *known != freeze;
        *known = freeze;
        is_news
    }

    /// Whether the stage takes changes; `None` when it has neither freeze nor hours.
    #[must_use]
    pub fn gate(&self, now: Timestamp) -> Option<Gate> {
        gate(&self.policy, self.freeze().as_ref(), now)
    }
}

/// What the endpoints of a stage are probed with while their routes are set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probing {
    /// The request's body.
    pub body: Bytes,
    /// Probes a second, 1 to [`Probing::PER_SECOND_MAX`].
    per_second: u8,
}

impl Probing {
    /// More would be a load test: real clients share the instances.
    pub const PER_SECOND_MAX: u8 = 50;

    /// From a body and a rate.
    ///
    /// # Errors
    /// A sentence that names the key that is wrong.
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
            // Where, but not what: bodies hold people's data.
            Err(error) => Err(format!("probe: the body is not JSON, at line {}", error.line())),
        }
    }

    /// Between two probes.
    #[must_use]
    pub fn interval(&self) -> Duration {
        Duration::from_secs(1) / u32::from(self.per_second)
    }
}

impl fmt::Display for Probing {
    /// For the record: a hash tells whether it was another body, and nothing of what stands in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hash = sha256(&self.body);
        write!(f, "{} a second, body of {} bytes, SHA-256 {hash}", self.per_second, self.body.len())
    }
}

/// One stage at work.
#[derive(Debug)]
pub struct Place {
    /// What the configuration says.
    pub stage: Stage,
    /// What it asks before something is done to it.
    pub rules: Rules,
    /// The way to Azure.
    pub arm: Arm,
    /// The workspace.
    pub workspace: Workspace,
    /// What is known of it.
    pub observer: Arc<Observer>,
    /// Measured traffic of its endpoints, read once for all viewers.
    pub traffic: TrafficCache,
    /// What else guards may know, read once for all plans.
    pub around: Surroundings,
    /// How long a read that contradicts what is known is not believed.
    pub patience: Patience,
    /// What its endpoints are probed with while their routes are set; they are not when this is `None`.
    pub probing: Option<Probing>,
}

/// All stages, in the order of the configuration.
#[derive(Debug, Clone)]
pub struct Stages(Arc<Vec<Arc<Place>>>);

impl Stages {
    /// From the configuration.
    #[must_use]
    pub fn new(places: Vec<Arc<Place>>) -> Self {
        Self(Arc::new(places))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Place>> {
        self.0.iter()
    }

    /// One of them.
    ///
    /// # Errors
    /// [`ConsoleError::NotFound`].
    pub fn get(&self, name: &StageName) -> Result<&Arc<Place>, ConsoleError> {
        self.0.iter().find(|place| place.stage.name == *name).ok_or_else(|| {
            ConsoleError::NotFound(format!(
                "There is no stage {name} in the configuration. The overview lists the stages."
            ))
        })
    }
}
