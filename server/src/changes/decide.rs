//! Decisions of people about a change. A decision counts only for the plan that the person saw.

use super::replan::Replanned;
use super::{Changes, not_written};
use crate::entries::Principal;
use crate::error::OrInternal as _;
use crate::stages::Rules;
use crate::store::changes::{ChangeError, News, StoredChange};
use app::error::ConsoleError;
use domain::change::event::{Event, SubjectHash};
use domain::change::permissions::{self, Asking};
use domain::change::proposal::{Act, Words};
use domain::change::{Change, ChangeId};
use domain::user::Person;

/// Maximum number of attempts to write a decision while other people write to the same change.
const TRIES_MAX: u32 = 5;

/// Maximum number of comments by one person on one change, which has room for 500 events in total.
pub const COMMENTS_PER_PERSON_MAX: usize = 20;

/// A person's decision about a change.
#[derive(Debug, Clone, Copy)]
pub struct Decided<'a> {
    pub act: Act,
    /// The hash that the page showed.
    pub seen: &'a SubjectHash,
    pub comment: Option<&'a Words>,
    pub by: &'a Principal,
}

impl Changes {
    /// Why a person may not take an action; `None` if they may.
    #[must_use]
    pub fn why_not(
        &self,
        change: &Change,
        rules: &Rules,
        act: Act,
        by: &Principal,
    ) -> Option<String> {
        let asking = Asking { user: &by.user, policy: &rules.policy, now: self.runs.clock.now() };
        match act {
            Act::Approve => permissions::approve(change, asking),
            Act::Refuse => permissions::refuse(change, asking),
            Act::Withdraw => permissions::withdraw(change, asking),
            Act::Comment => None,
            Act::Start => permissions::start(change, asking),
        }
    }

    /// Writes a decision, or starts the change.
    ///
    /// # Errors
    /// [`ConsoleError`]; in this case nothing was written.
    pub async fn decide(&self, id: &ChangeId, decided: Decided<'_>) -> Result<(), ConsoleError> {
        let said = said(decided.act, decided.comment)?;
        for _ in 0..TRIES_MAX {
            let mut kept = self.get(id).await?;
            let rules = &self.runs.stages.get(kept.target.stage())?.rules;
            self.check(&kept.change, rules, decided)?;
            let event = match decided.act {
                Act::Start => return self.start_by(kept, decided).await,
                act => event(act, decided, &said),
            };
            if decided.act == Act::Comment {
                self.check_comments(id, decided.by).await?;
            }
            let looked = match decided.act {
                Act::Approve => Some(self.compare(&mut kept).await),
                _ => None,
            };
            if matches!(decided.act, Act::Approve | Act::Refuse) {
                check_seen(&kept, decided.seen)?;
            }
            if let Some(Ok(looked)) = &looked {
                check_blocked(looked)?;
            }
            check_evidence(rules, looked)?;
            let now = self.runs.clock.now();
            match self.table.append(&mut kept, News::by(decided.by, event), now).await {
                Ok(()) => {
                    self.written().await;
                    return Ok(());
                }
                // Somebody else wrote first: check again on the current state.
                Err(ChangeError::Stale) => {}
                Err(error) => return Err(not_written(&kept.target, error)),
            }
        }
        Err(ConsoleError::Unavailable(
            "Many people are writing to this change at the same time. Nothing was written. Try again."
                .to_owned(),
        ))
    }

    /// Limits the comments of one person, so that there is room for other people's.
    async fn check_comments(&self, id: &ChangeId, by: &Principal) -> Result<(), ConsoleError> {
        let events = self.table.events(id).await.or_internal("a change cannot be read")?;
        let me = Person::from(&by.user).id;
        let is_mine = |event: &Event| matches!(event, Event::Commented { by, .. } if by.id == me);
        let said = events.iter().filter(|stamped| is_mine(&stamped.event)).count();
        if said < COMMENTS_PER_PERSON_MAX {
            return Ok(());
        }
        Err(ConsoleError::Refused(format!(
            "You have commented on this change {COMMENTS_PER_PERSON_MAX} times, which is the limit per person. \
             Nothing was written. Talk to the proposer instead."
        )))
    }

    fn check(
        &self,
        change: &Change,
        rules: &Rules,
        decided: Decided<'_>,
    ) -> Result<(), ConsoleError> {
        match self.why_not(change, rules, decided.act, decided.by) {
            None => Ok(()),
            Some(why) if !change.state.is_waiting() => {
                Err(ConsoleError::Conflict(format!("{why} Nothing was done.")))
            }
            Some(why) => Err(ConsoleError::Refused(format!("{why} Nothing was done."))),
        }
    }
}

/// Rejects a decision about an outdated plan.
pub(super) fn check_seen(kept: &StoredChange, seen: &SubjectHash) -> Result<(), ConsoleError> {
    if kept.change.subject == *seen {
        return Ok(());
    }
    Err(ConsoleError::Conflict(
        "The plan has changed since you opened the page. Nothing was done, and approvals of an earlier plan do not \
         count. Review the new plan and decide again."
            .to_owned(),
    ))
}

/// Rejects an approval of a change that can never start.
fn check_blocked(looked: &Replanned) -> Result<(), ConsoleError> {
    match looked.blocked_for_good() {
        Some(why) => Err(ConsoleError::Refused(format!("{why} Nothing was approved."))),
        None => Ok(()),
    }
}

/// Rejects an approval while required evidence is missing, failed or too old. If the plan cannot be compared now, for
/// example during a run, the approval is accepted for the plan that the person saw, because the start compares it
/// again. If the policy requires evidence, it is not.
fn check_evidence(
    rules: &Rules,
    looked: Option<Result<Replanned, ConsoleError>>,
) -> Result<(), ConsoleError> {
    match looked {
        Some(Ok(looked)) => match looked.lacking() {
            Some(why) => Err(ConsoleError::Refused(format!(
                "{why} Nothing was approved. Capture the evidence on this page, then approve the new plan."
            ))),
            None => Ok(()),
        },
        Some(Err(error)) if !rules.policy.evidence.is_empty() => Err(error),
        _ => Ok(()),
    }
}

fn said(act: Act, comment: Option<&Words>) -> Result<String, ConsoleError> {
    let missing = match act {
        Act::Refuse => "Say why in a sentence: the proposer will read it. Nothing was done.",
        Act::Comment => "Enter a comment. Nothing was written.",
        Act::Approve | Act::Start | Act::Withdraw => "",
    };
    match comment {
        None if !missing.is_empty() => Err(ConsoleError::Invalid {
            field: Some("comment".to_owned()),
            message: missing.to_owned(),
        }),
        comment => Ok(comment.map(|words| words.as_str().to_owned()).unwrap_or_default()),
    }
}

fn event(act: Act, decided: Decided<'_>, said: &str) -> Event {
    let (by, comment) = (Person::from(&decided.by.user), said.to_owned());
    match act {
        Act::Approve => Event::Approved { by, subject: decided.seen.clone(), comment },
        Act::Refuse => Event::Refused { by, comment },
        Act::Withdraw => Event::Withdrawn { by },
        // `decide` handles `Act::Start` itself.
        Act::Comment | Act::Start => Event::Commented { by, text: comment },
    }
}
