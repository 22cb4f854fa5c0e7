//! Changes for one signed-in person: proposing, deciding, freezing, and the pages that show them.

use super::error::internal;
use super::{SignedIn, rights};
use crate::changes::decide::Decided;
use crate::changes::look::Looked;
use crate::changes::propose::Proposed;
use crate::changes::stored::Stored;
use crate::limits::COMMENTS_BURST;
use crate::store::changes::{Kept, Row};
use app::domain::change::event::SubjectHash;
use app::domain::change::proposal::{Act, Proposal, Wanted, Words};
use app::domain::change::{Change, ChangeId, State, may};
use app::domain::name::StageName;
use app::domain::stage::EndpointKey;
use app::domain::user::Right;
use app::error::ConsoleError;
use app::port::{ChangeSummary, ChangeView, ChangesView, Result, StageRules, WhyNot};

impl SignedIn {
    pub(super) async fn propose_change(&self, proposal: Proposal) -> Result<ChangeId> {
        let Proposal { wanted, reason, start } = proposal;
        let (at, wish, base) = match wanted {
            Wanted::Route { at, route, base } => (at, Stored::SetRoute { route }, Some(base)),
            Wanted::Create { at, yaml } => {
                let read = self.read(&at, &yaml)?.map_err(ConsoleError::Yaml)?;
                (at, Stored::Create { name: read.name, body: read.body }, None)
            }
            Wanted::Delete { at, name } => (at, Stored::Delete { name }, None),
            Wanted::Release { id, reference, answers, seen } => {
                let found =
                    self.release_wish(&id, reference.as_ref(), &answers, Some(&seen)).await?;
                (found.0, found.1, None)
            }
        };
        let proposed = Proposed { at: &at, wish, base: base.as_ref(), reason: &reason, start };
        let done = self.services.changes.propose(proposed, &self.asker).await;
        self.recorded("propose a change", &at, done).await
    }

    pub(super) async fn act_on(
        &self,
        id: &ChangeId,
        act: Act,
        seen: &SubjectHash,
        comment: Option<&Words>,
    ) -> Result<()> {
        let changes = &self.services.changes;
        let (right, what) = rights::of_act(act);
        // First: whether there is such a change is nobody's business who may do nothing with it.
        if let Some(reason) = self.asker.user.why_not(right) {
            return Err(self.denied(what, None, reason).await);
        }
        let kept = changes.get(id).await?;
        if act == Act::Comment && !self.services.limits.comment(&self.asker.id()) {
            return Err(ConsoleError::TooMany(format!(
                "You have written {COMMENTS_BURST} comments in a short time, which is the most. Wait ten seconds for \
                 each one more. Nothing was written."
            )));
        }
        let decided = Decided { act, seen, comment, by: &self.asker };
        let done = changes.decide(id, decided).await;
        self.recorded(what, &kept.at, done).await
    }

    fn why_not(&self, at: &EndpointKey, change: &Change, act: Act) -> Option<String> {
        let Ok(place) = self.services.stages.get(&at.stage) else {
            return Some(format!(
                "The stage {} is no longer in the configuration. Put it back, or withdraw the change.",
                at.stage
            ));
        };
        self.services.changes.why_not(change, &place.rules, act, &self.asker)
    }

    pub(super) fn waits_for_me(&self, row: &Row) -> bool {
        row.change.state == State::Proposed
            && self.why_not(&row.at, &row.change, Act::Approve).is_none()
    }

    pub(super) async fn view_changes(&self) -> Result<ChangesView> {
        let unreadable = |error| internal("changes cannot be read", &error);
        let mut view = ChangesView {
            now: self.services.clock.now(),
            for_me: Vec::new(),
            waiting: Vec::new(),
            running: Vec::new(),
            recent: Vec::new(),
            // Before what it is about: the page may be newer than its stamp, never older.
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
        let why_not = self.all_why_not(&kept, looked.as_ref());
        let roles = changes.proposers_roles(&kept.change).await?;
        let not_by_itself = may::not_by_itself(&kept.change, roles.as_ref())
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
        let place = self.services.stages.get(&kept.at.stage);
        let may_break_glass = is_stopped && place.is_ok_and(|place| self.may_break_glass(place));
        Ok(ChangeView {
            now: self.services.clock.now(),
            id: kept.id,
            at: kept.at,
            title: kept.title,
            change: kept.change,
            events,
            plan,
            release,
            evidence,
            may_not_capture: self.asker.user.why_not(Right::Test),
            not_compared,
            not_by_itself,
            why_not,
            may_break_glass,
            run,
            stamp,
        })
    }

    fn all_why_not(&self, kept: &Kept, looked: Option<&Result<Looked>>) -> WhyNot {
        let why = |act| self.why_not(&kept.at, &kept.change, act);
        let stands_in_the_way = || match looked? {
            Ok(looked) => looked.shown.blocked(),
            Err(error) => Some(error.to_string()),
        };
        let lacks = || looked?.as_ref().ok()?.lacking();
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
            may_not_freeze: self.asker.user.why_not(Right::Freeze),
            changes: open.iter().filter(|row| row.at.stage == *name).map(summary).collect(),
            webhooks: webhooks.map_err(|error| internal("the outbox cannot be read", &error))?,
        })
    }
}

fn summary(row: &Row) -> ChangeSummary {
    let change = &row.change;
    ChangeSummary {
        id: row.id.clone(),
        at: row.at.clone(),
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
