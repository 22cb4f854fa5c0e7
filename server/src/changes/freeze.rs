//! Freezes and unfreezes stages. No change starts on a frozen stage; roll-backs stay possible.

use super::Changes;
use crate::entries::Principal;
use crate::error::OrInternal as _;
use crate::redact;
use app::error::ConsoleError;
use domain::change::proposal::Words;
use domain::name::StageName;

impl Changes {
    /// Freezes a stage. The caller checks the person's right.
    ///
    /// # Errors
    /// [`ConsoleError`]; in this case nothing changed.
    pub async fn freeze(
        &self,
        stage: &StageName,
        reason: &Words,
        by: &Principal,
    ) -> Result<(), ConsoleError> {
        let place = self.runs.stages.get(stage)?;
        let now = self.runs.clock.now();
        let frozen = self.freezes.freeze(stage, &redact::text(reason.as_str()), by, now).await;
        let frozen = frozen.or_internal("a freeze could not be written")?;
        self.written().await;
        match frozen {
            Some(_) => Ok(()),
            None => Err(ConsoleError::Conflict(match place.rules.freeze() {
                Some(freeze) => format!("{stage} is already frozen by {}.", freeze.by),
                None => format!("{stage} was already frozen. Reload the page."),
            })),
        }
    }

    /// Unfreezes a stage. The caller checks the person's right.
    ///
    /// # Errors
    /// [`ConsoleError`]; in this case nothing changed.
    pub async fn thaw(
        &self,
        stage: &StageName,
        reason: &Words,
        by: &Principal,
    ) -> Result<(), ConsoleError> {
        self.runs.stages.get(stage)?;
        let thawed = self
            .freezes
            .thaw(stage, &redact::text(reason.as_str()), by, self.runs.clock.now())
            .await;
        let thawed = thawed.or_internal("the end of a freeze could not be written")?;
        self.written().await;
        match thawed {
            true => Ok(()),
            false => Err(ConsoleError::Conflict(format!("{stage} is not frozen."))),
        }
    }
}
