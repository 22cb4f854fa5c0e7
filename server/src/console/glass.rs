//! Breaking glass for one signed-in person, and acknowledging that somebody else did.

use super::SignedIn;
use crate::changes::glass::{Asked, Behind, Breaking as Asking};
use crate::changes::stored::Stored;
use crate::stages::Place;
use app::domain::change::proposal::Words;
use app::domain::glass::{Broken, Deed, GlassId, TYPED};
use app::domain::guard::facts::Gate;
use app::domain::operation::Operation;
use app::domain::stage::EndpointKey;
use app::domain::user::Right;
use app::error::ConsoleError;
use app::port::{BreakGlass, Breaking, BrokenView, GlassPlan, Result};
use std::sync::Arc;

/// What somebody wants who breaks glass, as refusals are recorded.
const BREAK: &str = "break glass";
/// The same for acknowledging it.
const ACKNOWLEDGE: &str = "acknowledge broken glass";

#[async_trait::async_trait]
impl BreakGlass for SignedIn {
    async fn plan_glass(&self, at: &EndpointKey, deed: Deed) -> Result<GlassPlan> {
        self.require_to(Right::BreakGlass, BREAK, Some(at)).await?;
        self.may_read()?;
        let asked = Box::pin(self.asked(at, deed)).await?;
        let behind = Box::pin(self.services.changes.behind_glass(at, &asked)).await?;
        let Behind { looked, action, set_aside, seen } = behind;
        let (set_aside, why_not) = match set_aside {
            Ok(set_aside) => (set_aside, None),
            Err(why) => (Vec::new(), Some(why)),
        };
        Ok(GlassPlan {
            at: at.clone(),
            endpoint: looked.endpoint.map(Arc::unwrap_or_clone),
            title: action.title(),
            plan: looked.shown,
            set_aside,
            why_not,
            seen,
            form: GlassId(uuid::Uuid::new_v4().to_string()),
        })
    }

    async fn break_glass(&self, breaking: Breaking) -> Result<Operation> {
        let Breaking { at, deed, reason, typed, seen, form } = breaking;
        self.require_to(Right::BreakGlass, BREAK, Some(&at)).await?;
        if typed.trim() != at.endpoint.as_str() {
            return Err(ConsoleError::Invalid {
                field: Some(TYPED.to_owned()),
                message: format!(
                    "The name that you typed is not the endpoint's. Type {} to say that you mean this endpoint. \
                     Nothing was sent.",
                    at.endpoint
                ),
            });
        }
        let asked = Box::pin(self.asked(&at, deed)).await?;
        let (at, asked, by) = (&at, &asked, &self.asker);
        let asking = Asking { at, asked, reason: &reason, seen: &seen, id: &form, by };
        let begun = Box::pin(self.services.changes.break_glass(asking)).await;
        self.recorded(BREAK, at, begun).await
    }

    async fn broken_glass(&self, id: &GlassId) -> Result<BrokenView> {
        self.require(Right::See).await?;
        let broken = self.services.changes.broken_glass(id).await?;
        let place = self.services.stages.get(&broken.on.stage).ok();
        let policy = place.map(|place| &place.rules.policy);
        Ok(BrokenView {
            now: self.services.clock.now(),
            may_not_acknowledge: broken.why_not_acknowledge(&self.asker.user, policy),
            broken,
        })
    }

    async fn acknowledge_glass(&self, id: &GlassId, comment: Option<Words>) -> Result<()> {
        // First: whether there is such a record is nobody's business who may not acknowledge it.
        self.require_to(Right::AcknowledgeGlass, ACKNOWLEDGE, None).await?;
        let broken = self.services.changes.broken_glass(id).await?;
        let done = self.services.changes.acknowledge(&broken, comment.as_ref(), &self.asker);
        let done = done.await;
        self.recorded(ACKNOWLEDGE, &broken.on, done).await
    }
}

impl SignedIn {
    /// What is to be done, with all that planning it needs.
    async fn asked(&self, at: &EndpointKey, deed: Deed) -> Result<Asked> {
        Ok(Asked::Wish(match deed {
            Deed::Route(route) => Stored::SetRoute { route },
            Deed::Create { yaml } => {
                let read = self.read(at, &yaml)?.map_err(ConsoleError::Yaml)?;
                Stored::Create { name: read.name, body: read.body }
            }
            Deed::Delete(name) => Stored::Delete { name },
            Deed::RollBack(run) => return Ok(Asked::Back(run)),
            Deed::Change(id) => {
                let kept = self.services.changes.get(&id).await?;
                if kept.at != *at || !kept.change.state.is_waiting() {
                    return Err(ConsoleError::Refused(
                        "There is no such change that waits on this endpoint. Open the change again. Nothing was sent."
                            .to_owned(),
                    ));
                }
                kept.wish
            }
            Deed::Release { id, reference, answers } => {
                let found = self.release_wish(&id, reference.as_ref(), &answers, None).await?;
                if found.0 != *at {
                    return Err(ConsoleError::Refused(format!(
                        "This release is for {} on {}. Break glass from the release's plan. Nothing was sent.",
                        found.0.endpoint, found.0.stage
                    )));
                }
                found.1
            }
        }))
    }

    /// Whether the pages offer this person to break glass on a stage: they may, and its policy forbids something.
    pub(super) fn may_break_glass(&self, place: &Place) -> bool {
        let gate = place.rules.gate(self.services.clock.now());
        let is_closed = !matches!(gate, None | Some(Gate::Open));
        let forbids = place.stage.protected || is_closed || !place.rules.policy.evidence.is_empty();
        forbids && self.asker.user.may(Right::BreakGlass)
    }

    /// Glass that was broken on an endpoint and that nobody has acknowledged.
    pub(super) fn broken_on(&self, at: &EndpointKey) -> Vec<Broken> {
        let all = self.services.changes.broken();
        all.iter().filter(|broken| broken.on == *at).cloned().collect()
    }
}
