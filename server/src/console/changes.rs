//! Changes for one signed-in person: decisions, and the pages that show them.

use super::{SignedIn, rights};
use crate::changes::decide::Decided;
use crate::changes::replan::Replanned;
use crate::error::{OrInternal as _, internal};
use crate::limits::COMMENTS_BURST;
use crate::store::changes::{Row, StoredChange};
use app::error::ConsoleError;
use app::port::{ChangeSummary, ChangeView, ChangesView, Result, StageRules, WhyNot};
use domain::change::event::SubjectHash;
use domain::change::proposal::{Act, Words};
use domain::change::{Change, ChangeId, State, permissions};
use domain::concern::Concern;
use domain::name::StageName;
use domain::user::Right;

impl SignedIn {
    pub(super) async fn act_on(
        &self,
        id: &ChangeId,
        act: Act,
        seen: &SubjectHash,
        comment: Option<&Words>,
    ) -> Result<()> {
        let changes = &self.services.changes;
        let (right, what) = rights::of_act(act);
        // Check the right first: people without it must not learn whether the change exists.
        if let Some(reason) = self.principal.why_not(right) {
            let about = changes.table.load(id).await.ok().flatten();
            let concern = about.as_ref().map(|kept| Concern::from(&kept.target).change(Some(id)));
            return Err(self.denied(what, &concern.unwrap_or_default(), reason).await);
        }
        let kept = changes.get(id).await?;
        if act == Act::Comment && !self.services.limits.comment(&self.principal.id()) {
            return Err(ConsoleError::TooMany(format!(
                "You have written {COMMENTS_BURST} comments in a short time, which is the limit. Nothing was written. \
                 Wait ten seconds before each further comment."
            )));
        }
        let decided = Decided { act, seen, comment, by: &self.principal };
        let done = Box::pin(changes.decide(id, decided)).await;
        self.recorded(what, &Concern::from(&kept.target).change(Some(id)), done).await
    }

    fn why_not(&self, stage: &StageName, change: &Change, act: Act) -> Option<String> {
        let Ok(place) = self.services.stages.get(stage) else {
            return Some(format!(
                "The stage {stage} is no longer in the configuration. Restore it there, or withdraw the change."
            ));
        };
        self.services.changes.why_not(change, &place.rules, act, &self.principal)
    }

    pub(super) fn waits_for_me(&self, row: &Row) -> bool {
        row.change.state == State::Proposed
            && self.why_not(row.target.stage(), &row.change, Act::Approve).is_none()
    }

    pub(super) async fn view_changes(&self) -> Result<ChangesView> {
        let unreadable = |error| internal("changes cannot be read", &error);
        let mut view = ChangesView {
            now: self.services.clock.now(),
            for_me: Vec::new(),
            waiting: Vec::new(),
            running: Vec::new(),
            recent: Vec::new(),
            // Read before the data: a page may be newer than its stamp, but never older.
            stamp: self.services.changes.stamp(None).await.map_err(unreadable)?,
        };
        for row in self.services.changes.table.open().await.map_err(unreadable)? {
            let list = match row.change.state {
                _ if self.waits_for_me(&row) => &mut view.for_me,
                state if state.is_waiting() => &mut view.waiting,
                _ => &mut view.running,
            };
            list.push(summary(&row));
        }
        let recent = self.services.changes.table.recent().await.map_err(unreadable)?;
        view.recent = recent.iter().map(summary).collect();
        Ok(view)
    }

    pub(super) async fn view_change(&self, id: &ChangeId) -> Result<ChangeView> {
        let changes = &self.services.changes;
        let mut kept = changes.get(id).await?;
        let looked = match kept.change.state.is_waiting() {
            true => Some(changes.view(&mut kept).await),
            false => None,
        };
        let unreadable = |error| internal("a change cannot be read", &error);
        let stamp = changes.stamp(Some(id)).await.map_err(unreadable)?;
        if let Some(newer) = changes.table.load(id).await.map_err(unreadable)? {
            kept = newer;
        }
        let events = changes.table.events(id).await.map_err(unreadable)?;
        let run = match &kept.change.run {
            Some(run) => Some(self.view_run(run).await?),
            None => None,
        };
        let broken = changes.glass.of_change(&kept.target, id).await.map_err(unreadable)?;
        let why_not = self.all_why_not(&kept, looked.as_ref());
        let roles = changes.proposers_roles(&kept.change).await?;
        let not_by_itself = permissions::not_by_itself(&kept.change, roles.as_ref())
            .filter(|_| kept.change.state.is_waiting());
        let release = self.release_of(&kept).await;
        let (plan, evidence, not_compared) = match looked {
            Some(Ok(looked)) => (looked.shown, looked.evidence, None),
            looked => {
                let evidence = self.signed_evidence(&kept.change).await?;
                let why = looked.and_then(Result::err).map(|error| error.to_string());
                (kept.planned.plan, evidence, why)
            }
        };
        let is_stopped = kept.change.state.is_waiting() && why_not.start.is_some();
        let place = self.services.stages.get(kept.target.stage());
        let may_break_glass = is_stopped && place.is_ok_and(|place| self.may_break_glass(place));
        Ok(ChangeView {
            now: self.services.clock.now(),
            id: kept.id,
            target: kept.target,
            title: kept.title,
            change: kept.change,
            events,
            plan,
            release,
            evidence,
            may_not_capture: self.principal.why_not(Right::Test),
            not_compared,
            not_by_itself,
            why_not,
            may_break_glass,
            broken,
            run,
            stamp,
        })
    }

    fn all_why_not(&self, kept: &StoredChange, looked: Option<&Result<Replanned>>) -> WhyNot {
        let why = |act| self.why_not(kept.target.stage(), &kept.change, act);
        let stands_in_the_way = || match looked? {
            Ok(looked) => looked.shown.blocked(),
            Err(error) => Some(error.to_string()),
        };
        let lacks = || {
            let looked = looked?.as_ref().ok()?;
            looked.blocked_for_good().or_else(|| looked.lacking())
        };
        WhyNot {
            approve: why(Act::Approve).or_else(lacks),
            refuse: why(Act::Refuse),
            withdraw: why(Act::Withdraw),
            start: why(Act::Start).or_else(stands_in_the_way),
        }
    }

    pub(super) async fn view_stage(&self, name: &StageName) -> Result<StageRules> {
        let place = self.services.stages.get(name)?;
        let webhooks = self.services.notify.webhooks(name).await;
        let now = self.services.clock.now();
        let open = self.services.changes.open();
        Ok(StageRules {
            now,
            stage: place.stage.clone(),
            policy: place.rules.policy.clone(),
            gate: place.rules.gate(now),
            freeze: place.rules.freeze(),
            may_not_freeze: self.principal.why_not(Right::Freeze),
            changes: open.iter().filter(|row| row.target.stage() == name).map(summary).collect(),
            webhooks: webhooks.or_internal("the outbox cannot be read")?,
        })
    }
}

fn summary(row: &Row) -> ChangeSummary {
    let change = &row.change;
    ChangeSummary {
        id: row.id.clone(),
        target: row.target.clone(),
        title: row.title.clone(),
        state: change.state,
        by: change.by.name.clone(),
        reason: change.reason.clone(),
        proposed: change.proposed,
        expires: change.expires,
        start: change.start,
        missing: change.missing(),
    }
}
