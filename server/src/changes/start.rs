//! Starting a change: everything is checked once more, then the change and its run are written together.

use super::decide::{Decided, check_seen};
use super::look::Looked;
use super::{Changes, not_written};
use crate::history::Asker;
use crate::operations::begin::refusal;
use crate::stages::Rules;
use crate::store::changes::Kept;
use crate::store::runs::Order;
use app::domain::change::event::Person;
use app::domain::change::{Change, State, may};
use app::domain::run::warrant::{Consent, Warrant};
use app::domain::user::User;
use app::error::ConsoleError;

impl Changes {
    /// Starts a change for somebody who may.
    pub(super) async fn start_by(
        &self,
        mut kept: Kept,
        decided: Decided<'_>,
    ) -> Result<(), ConsoleError> {
        let looked = self.compare_settled(&mut kept).await?;
        check_seen(&kept, decided.seen)?;
        let person = Person::from(&decided.by.user);
        self.start(&mut kept, looked, Some(person), decided.by).await
    }

    /// Starts a change whose time has come, in the name of whoever proposed it. Nobody is signed in then: by
    /// the roles that they had when they last signed in they must still be allowed to start it.
    pub(super) async fn start_due(&self, mut kept: Kept) -> Result<(), ConsoleError> {
        let roles = self.proposers_roles(&kept.change).await?;
        if let Some(why) = may::not_by_itself(&kept.change, roles.as_ref()) {
            return Err(ConsoleError::Refused(why));
        }
        let looked = self.compare(&mut kept).await?;
        let by = &kept.change.by;
        let (tenant, object) = by.id.split_once('/').unwrap_or((&by.id, ""));
        let user = User {
            tenant: tenant.to_owned(),
            object: object.to_owned(),
            name: by.name.clone(),
            username: by.username.clone(),
            roles: roles.unwrap_or_default(),
        };
        let proposer = Asker { user, request: format!("schedule of {}", kept.id) };
        self.start(&mut kept, looked, None, &proposer).await
    }

    async fn start(
        &self,
        kept: &mut Kept,
        looked: Looked,
        by: Option<Person>,
        asker: &Asker,
    ) -> Result<(), ConsoleError> {
        let rules = &self.runs.stages.get(&kept.at.stage)?.rules;
        let refused = |why: String| Err(ConsoleError::Refused(format!("{why} Nothing was sent.")));
        if kept.change.state != State::Approved {
            return refused(not_approved(&kept.change));
        }
        if let Some(why) = no_longer_enough(&kept.change, rules) {
            return refused(why);
        }
        if let Some(why) = looked.shown.blocked().or_else(|| refusal(&looked.planned)) {
            return refused(why);
        }
        let at = kept.at.clone();
        let order = Order {
            at: &at,
            action: kept.wish.action(&looked.planned),
            steps: looked.planned.steps,
            hash: looked.planned.plan.hash,
            warrant: Warrant::new(consent(&kept.change), looked.planned.plan.made_of),
            by: asker,
        };
        // For whoever looks later: what the guards knew when it began.
        kept.planned.plan = looked.shown;
        let now = self.runs.clock.now();
        let started = self.table.start(kept, by, order, &self.runs.table, now).await;
        started.map_err(|error| not_written(&at, error))?;
        self.runs.moved();
        self.written().await;
        Ok(())
    }
}

/// By what a change begins: by its approvals, or, where the stage asks for none, by the word of whoever proposed it.
fn consent(change: &Change) -> Consent {
    match change.approvals_needed {
        0 => Consent::Applied,
        _ => Consent::Approved,
    }
}

/// Why a change is not approved, or not any more.
fn not_approved(change: &Change) -> String {
    let fell = change.approvals.iter().rev().find_map(|approval| approval.fell_away.as_deref());
    match fell {
        Some(why) => format!("It is not approved any more. {why}"),
        None => "It is not approved.".to_owned(),
    }
}

/// Why approvals that were enough are not enough for the policy of today; `None` when they are. Those of people
/// who may not approve any more have fallen away by now.
fn no_longer_enough(change: &Change, rules: &Rules) -> Option<String> {
    let (counts, needed) = (change.standing().count(), usize::from(rules.policy.approvals));
    (counts < needed).then(|| {
        format!(
            "The stage's policy asks for {needed} approvals now, and {counts} of those given count. Have it \
             approved again, or propose it anew."
        )
    })
}
