//! Freezing a stage: it takes no changes until somebody thaws it. Rolling back stays possible.

use super::Changes;
use crate::console::error::internal;
use crate::history::Asker;
use crate::redact;
use app::domain::change::proposal::Words;
use app::domain::name::StageName;
use app::error::ConsoleError;

impl Changes {
    /// Freezes a stage. That the person may must have been checked.
    ///
    /// # Errors
    /// [`ConsoleError`]; then it is as it was.
    pub async fn freeze(
        &self,
        stage: &StageName,
        reason: &Words,
        by: &Asker,
    ) -> Result<(), ConsoleError> {
        let place = self.runs.stages.get(stage)?;
        let now = self.runs.clock.now();
        let frozen = self.freezes.freeze(stage, &redact::text(reason.as_str()), by, now).await;
        let frozen = frozen.map_err(|error| internal("a freeze could not be written", &error))?;
        self.written().await;
        match frozen {
            Some(_) => Ok(()),
            None => Err(ConsoleError::Conflict(match place.rules.freeze() {
                Some(freeze) => format!("{stage} is frozen already, by {}.", freeze.by),
                None => format!("{stage} was frozen already. Look at it again."),
            })),
        }
    }

    /// Thaws a stage. That the person may must have been checked.
    ///
    /// # Errors
    /// [`ConsoleError`]; then it is as it was.
    pub async fn thaw(
        &self,
        stage: &StageName,
        reason: &Words,
        by: &Asker,
    ) -> Result<(), ConsoleError> {
        self.runs.stages.get(stage)?;
        let thawed = self
            .freezes
            .thaw(stage, &redact::text(reason.as_str()), by, self.runs.clock.now())
            .await;
        let thawed = thawed.map_err(|error| internal("a thaw could not be written", &error))?;
        self.written().await;
        match thawed {
            true => Ok(()),
            false => Err(ConsoleError::Conflict(format!("{stage} is not frozen (any more)."))),
        }
    }
}
