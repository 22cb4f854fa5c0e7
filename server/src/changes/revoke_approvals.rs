//! Revokes approvals of people who have lost the right to approve: they lost their role, the policy does not name them
//! any more, or it says that they and the proposer are one person.

use super::Changes;
use crate::error::OrInternal as _;
use crate::store::changes::{ChangeError, News, StoredChange};
use app::error::ConsoleError;
use domain::change::event::Event;
use domain::change::{Change, permissions};
use domain::stage::EndpointKey;
use domain::user::Role;
use std::collections::BTreeSet;

impl Changes {
    /// Revokes approvals of people who have lost the right to approve. Returns whether there were any.
    ///
    /// # Errors
    /// [`ChangeError`]; `Stale` if the store has a newer version of the change.
    pub async fn lapse(&self, kept: &mut StoredChange) -> Result<bool, ChangeError> {
        if !kept.change.state.is_waiting() || kept.change.standing().next().is_none() {
            return Ok(false);
        }
        let Ok(place) = self.runs.stages.get(kept.target.stage()) else { return Ok(false) };
        let people: Vec<_> = kept.change.standing().map(|one| one.by.id.clone()).collect();
        let roles = self.people.roles(&people).await?;
        let change = kept.change.clone();
        let mut any = false;
        for approval in change.standing() {
            let known = roles.get(&approval.by.id);
            if let Some(why) = permissions::lapsed(&change, approval, &place.rules.policy, known) {
                let event = Event::Lapsed { of: approval.by.clone(), why };
                let now = self.runs.clock.now();
                self.table.append(kept, News::of_itself(event), now).await?;
                any = true;
            }
        }
        Ok(any)
    }

    /// The roles that a change's proposer had at the latest sign-in.
    ///
    /// # Errors
    /// [`ConsoleError::Internal`].
    pub async fn proposers_roles(
        &self,
        change: &Change,
    ) -> Result<Option<BTreeSet<Role>>, ConsoleError> {
        let id = change.by.id.clone();
        let roles = self.people.roles(std::slice::from_ref(&id)).await;
        Ok(roles.or_internal("people cannot be read")?.remove(&id))
    }

    /// Compares an endpoint's pending changes with new evidence. A change that cannot be compared now is compared at
    /// the next decision.
    pub async fn on_new_evidence(&self, at: &EndpointKey) {
        for row in self
            .open()
            .iter()
            .filter(|row| row.target.endpoint() == Some(at) && row.change.state.is_waiting())
        {
            if let Ok(mut kept) = self.get(&row.id).await {
                let _ = Box::pin(self.compare(&mut kept)).await;
            }
        }
    }
}
