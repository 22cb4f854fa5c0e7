//! Approvals that count no more, because whoever gave them may not approve any more: their role was taken away,
//! the policy does not name them any more, or it says that they and the proposer are one person.

use super::Changes;
use crate::console::error::internal;
use crate::store::changes::{ChangeError, Kept, News};
use app::domain::change::event::Event;
use app::domain::change::{Change, may};
use app::domain::stage::EndpointKey;
use app::domain::user::Role;
use app::error::ConsoleError;
use std::collections::BTreeSet;

impl Changes {
    /// Lets the approvals of those who may not approve any more fall away; whether any did. The change may be
    /// newer in the store when this says `Stale`.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn lapse(&self, kept: &mut Kept) -> Result<bool, ChangeError> {
        if !kept.change.state.is_waiting() || kept.change.standing().next().is_none() {
            return Ok(false);
        }
        let Ok(place) = self.runs.stages.get(&kept.at.stage) else { return Ok(false) };
        let people: Vec<_> = kept.change.standing().map(|one| one.by.id.clone()).collect();
        let roles = self.people.roles(&people).await?;
        let change = kept.change.clone();
        let mut any = false;
        for approval in change.standing() {
            let known = roles.get(&approval.by.id);
            if let Some(why) = may::lapsed(&change, approval, &place.rules.policy, known) {
                let event = Event::Lapsed { of: approval.by.clone(), why };
                let now = self.runs.clock.now();
                self.table.append(kept, News::of_itself(event), now).await?;
                any = true;
            }
        }
        Ok(any)
    }

    /// The roles that whoever proposed a change had when they last signed in.
    ///
    /// # Errors
    /// [`ConsoleError::Internal`].
    pub async fn proposers_roles(
        &self,
        change: &Change,
    ) -> Result<Option<BTreeSet<Role>>, ConsoleError> {
        let id = change.by.id.clone();
        let roles = self.people.roles(std::slice::from_ref(&id)).await;
        Ok(roles.map_err(|error| internal("people cannot be read", &error))?.remove(&id))
    }

    /// Compares what waits for an endpoint with evidence that was just captured. What cannot be compared now is
    /// compared when somebody decides.
    pub async fn on_new_evidence(&self, at: &EndpointKey) {
        for row in self.open().iter().filter(|row| row.at == *at && row.change.state.is_waiting()) {
            if let Ok(mut kept) = self.get(&row.id).await {
                let _ = Box::pin(self.compare(&mut kept)).await;
            }
        }
    }
}
