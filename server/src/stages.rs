//! The stages of the configuration, each with its way to Azure and its observer.

use crate::azure::arm::{Arm, Workspace};
use crate::observe::Observer;
use crate::observe::facts::Surroundings;
use crate::observe::traffic::TrafficCache;
use app::domain::name::StageName;
use app::domain::stage::Stage;
use app::error::ConsoleError;
use std::sync::Arc;

/// One stage at work.
#[derive(Debug)]
pub struct Place {
    /// What the configuration says.
    pub stage: Stage,
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
