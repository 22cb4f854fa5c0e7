//! Breaks glass for one signed-in person, and acknowledges glass that others broke.

use super::SignedIn;
use super::intents::NOT_SENT;
use crate::changes::glass::{Asked, Behind, Breaking as Asking};
use crate::planner::pinned::named;
use crate::stages::StageContext;
use app::error::ConsoleError;
use app::port::{BreakGlass, Breaking, BrokenView, GlassPlan, Result};
use domain::change::ChangeId;
use domain::change::proposal::Words;
use domain::concern::Concern;
use domain::glass::{Broken, GlassId, Purpose, TYPED};
use domain::guard::inputs::Gate;
use domain::intent::Intent;
use domain::run::operation::Operation;
use domain::stage::EndpointKey;
use domain::user::Right;
use std::sync::Arc;

/// The action in records of denied attempts to break glass.
const BREAK: &str = "break glass";
/// The action in records of denied attempts to acknowledge broken glass.
const ACKNOWLEDGE: &str = "acknowledge broken glass";

#[async_trait::async_trait]
impl BreakGlass for SignedIn {
    async fn plan_glass(&self, at: &EndpointKey, purpose: Purpose) -> Result<GlassPlan> {
        self.require_to(Right::BreakGlass, BREAK, &Concern::from(at)).await?;
        self.has_rules(at)?;
        self.may_read()?;
        let asked = Box::pin(self.asked(at, purpose)).await?;
        let behind = Box::pin(self.services.changes.behind_glass(at, &asked)).await?;
        let Behind { looked, intent, set_aside, seen } = behind;
        let (set_aside, why_not) = match set_aside {
            Ok(set_aside) => (set_aside, None),
            Err(why) => (Vec::new(), Some(why)),
        };
        Ok(GlassPlan {
            at: at.clone(),
            endpoint: looked.endpoint.map(Arc::unwrap_or_clone),
            title: named(&intent).title(),
            plan: looked.shown,
            set_aside,
            why_not,
            webhooks: self.services.notify.count(),
            seen,
            form: GlassId(uuid::Uuid::new_v4().to_string()),
        })
    }

    async fn break_glass(&self, breaking: Breaking) -> Result<Operation> {
        let Breaking { at, purpose, reason, typed, seen, form } = breaking;
        self.require_to(Right::BreakGlass, BREAK, &Concern::from(&at)).await?;
        if typed.trim() != at.endpoint.as_str() {
            return Err(ConsoleError::Invalid {
                field: Some(TYPED.to_owned()),
                message: format!(
                    "The name that you typed is not the endpoint's. Nothing was sent. Type {} to confirm that you mean \
                     this endpoint.",
                    at.endpoint
                ),
            });
        }
        let change = match &purpose {
            Purpose::Change(id) => Some(id.clone()),
            _ => None,
        };
        let asked = Box::pin(self.asked(&at, purpose)).await?;
        let change = change.as_ref();
        let concern = concern(&at, &asked, change);
        let (at, asked, by) = (&at, &asked, &self.principal);
        let asking = Asking { at, asked, change, reason: &reason, seen: &seen, id: &form, by };
        let begun = Box::pin(self.services.changes.break_glass(asking)).await;
        self.recorded(BREAK, &concern, begun).await
    }

    async fn broken_glass(&self, id: &GlassId) -> Result<BrokenView> {
        self.require(Right::See).await?;
        let broken = self.services.changes.broken_glass(id).await?;
        let place = self.services.stages.get(&broken.on.stage).ok();
        let policy = place.map(|place| &place.rules.policy);
        Ok(BrokenView {
            now: self.services.clock.now(),
            may_not_acknowledge: broken.why_not_acknowledge(&self.principal.user, policy),
            broken,
        })
    }

    async fn acknowledge_glass(&self, id: &GlassId, comment: Option<Words>) -> Result<()> {
        // Check the right first: people without it must not learn whether the record exists.
        let concern = Concern { glass: Some(id.clone()), ..Concern::default() };
        self.require_to(Right::AcknowledgeGlass, ACKNOWLEDGE, &concern).await?;
        let broken = self.services.changes.broken_glass(id).await?;
        let done = self.services.changes.acknowledge(&broken, comment.as_ref(), &self.principal);
        let done = done.await;
        let concern = Concern::from(&broken.on).run(&broken.run).change(broken.change.as_ref());
        self.recorded(ACKNOWLEDGE, &concern, done).await
    }
}

/// What breaking glass is about.
fn concern(at: &EndpointKey, asked: &Asked, change: Option<&ChangeId>) -> Concern {
    let concern = Concern::from(at).change(change);
    match asked {
        Asked::Back(run) => concern.run(run),
        Asked::Intent(intent) => concern.deployment(named(intent).deployment()),
    }
}

impl SignedIn {
    /// Loads everything that planning a request to break glass needs.
    async fn asked(&self, at: &EndpointKey, purpose: Purpose) -> Result<Asked> {
        let intent = match purpose {
            // Which route a roll-back restores is never the request's choice.
            Purpose::RollBack(run) | Purpose::Intent(Intent::RollBack { run, .. }) => {
                return Ok(Asked::Back(run));
            }
            Purpose::Change(id) => {
                let kept = self.services.changes.get(&id).await?;
                if kept.target.endpoint() != Some(at) || !kept.change.state.is_waiting() {
                    return Err(ConsoleError::Refused(
                        "This change is not pending on this endpoint. Nothing was sent. Open the change again."
                            .to_owned(),
                    ));
                }
                kept.intent
            }
            Purpose::Intent(intent) => {
                let (on, pinned) = self.pinned(&intent, NOT_SENT).await?;
                if on != *at {
                    return Err(ConsoleError::Refused(format!(
                        "This is for {} on {}. Nothing was sent. Break glass from the page of its plan.",
                        on.endpoint, on.stage
                    )));
                }
                pinned
            }
        };
        Ok(Asked::Intent(Box::new(intent)))
    }

    /// Refuses to break glass on a stage that restricts nothing, whatever the request is.
    fn has_rules(&self, at: &EndpointKey) -> Result<()> {
        let rules = &self.place(at)?.rules;
        if rules.policy.restricts() || rules.freeze().is_some() {
            return Ok(());
        }
        Err(ConsoleError::Refused(format!(
            "{} has no rules to set aside: its policy requires no approvals, no evidence and no hours, and it is not \
             frozen. Nothing was sent. Make the change on the endpoint's page, without breaking glass.",
            at.stage
        )))
    }

    /// Whether pages offer this person to break glass on a stage: the person has the right, and the policy forbids
    /// something.
    pub(super) fn may_break_glass(&self, place: &StageContext) -> bool {
        let gate = place.rules.gate(self.services.clock.now());
        let is_closed = !matches!(gate, None | Some(Gate::Open));
        let forbids = place.stage.protected || is_closed || !place.rules.policy.evidence.is_empty();
        forbids && self.principal.may(Right::BreakGlass)
    }

    /// Broken glass on an endpoint that nobody has acknowledged.
    pub(super) fn broken_on(&self, at: &EndpointKey) -> Vec<Broken> {
        let all = self.services.changes.broken();
        all.iter().filter(|broken| broken.on == *at).cloned().collect()
    }
}
