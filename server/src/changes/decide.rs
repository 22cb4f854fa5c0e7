//! What people decide about a change. What they saw is checked against what is to be approved now.

use super::look::Looked;
use super::{Changes, not_written};
use crate::console::error::internal;
use crate::history::Asker;
use crate::stages::Rules;
use crate::store::changes::{ChangeError, Kept, News};
use app::domain::change::event::{Event, Person, SubjectHash};
use app::domain::change::may::{self, Asking};
use app::domain::change::proposal::{Act, Words};
use app::domain::change::{Change, ChangeId};
use app::error::ConsoleError;

/// Tries to write a decision when somebody else writes at the same moment.
const TRIES_MAX: u32 = 5;

/// Comments of one person on one change: it has room for 500 events of everybody.
pub const COMMENTS_PER_PERSON_MAX: usize = 20;

/// A decision.
#[derive(Debug, Clone, Copy)]
pub struct Decided<'a> {
    /// What.
    pub act: Act,
    /// What the person saw to be approved.
    pub seen: &'a SubjectHash,
    /// What they say.
    pub comment: Option<&'a Words>,
    /// Who.
    pub by: &'a Asker,
}

impl Changes {
    /// Why somebody may not decide so; `None` when they may.
    #[must_use]
    pub fn why_not(&self, change: &Change, rules: &Rules, act: Act, by: &Asker) -> Option<String> {
        let asking = Asking { user: &by.user, policy: &rules.policy, now: self.runs.clock.now() };
        match act {
            Act::Approve => may::approve(change, asking),
            Act::Refuse => may::refuse(change, asking),
            Act::Withdraw => may::withdraw(change, asking),
            Act::Comment => None,
            Act::Start => may::start(change, asking),
        }
    }

    /// Decides.
    ///
    /// # Errors
    /// [`ConsoleError`]; then nothing of it is so.
    pub async fn decide(&self, id: &ChangeId, decided: Decided<'_>) -> Result<(), ConsoleError> {
        let said = said(decided.act, decided.comment)?;
        for _ in 0..TRIES_MAX {
            let mut kept = self.get(id).await?;
            let rules = &self.runs.stages.get(&kept.at.stage)?.rules;
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
            check_evidence(rules, looked)?;
            let now = self.runs.clock.now();
            match self.table.append(&mut kept, News::by(decided.by, event), now).await {
                Ok(()) => {
                    self.written().await;
                    return Ok(());
                }
                // Somebody else was faster: how it stands now decides.
                Err(ChangeError::Stale) => {}
                Err(error) => return Err(not_written(&kept.at, error)),
            }
        }
        Err(ConsoleError::Unavailable(
            "Many people write to this change at once. Try again.".to_owned(),
        ))
    }

    /// Refuses one person's comments when they have made so many that there is hardly room for others'.
    async fn check_comments(&self, id: &ChangeId, by: &Asker) -> Result<(), ConsoleError> {
        let events = self.table.events(id).await;
        let events = events.map_err(|error| internal("a change cannot be read", &error))?;
        let me = Person::from(&by.user).id;
        let is_mine = |event: &Event| matches!(event, Event::Commented { by, .. } if by.id == me);
        let said = events.iter().filter(|stamped| is_mine(&stamped.event)).count();
        if said < COMMENTS_PER_PERSON_MAX {
            return Ok(());
        }
        Err(ConsoleError::Refused(format!(
            "You have commented on this change {COMMENTS_PER_PERSON_MAX} times, which is the most, so that there \
             is room for others. Talk to whoever proposed it. Nothing was written."
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

/// Refuses what was decided about something else.
pub(super) fn check_seen(kept: &Kept, seen: &SubjectHash) -> Result<(), ConsoleError> {
    if kept.change.subject == *seen {
        return Ok(());
    }
    Err(ConsoleError::Conflict(
        "What would be done is no longer what you saw, so nothing was done, and approvals of it fell away. \
         Look at the new plan and decide again."
            .to_owned(),
    ))
}

/// Refuses to approve while required evidence is missing, not good or too old. While something is under way
/// there is nothing to compare with: what is approved then is what was seen, and it is compared before it
/// starts, but not where evidence is to be signed.
fn check_evidence(
    rules: &Rules,
    looked: Option<Result<Looked, ConsoleError>>,
) -> Result<(), ConsoleError> {
    match looked {
        Some(Ok(looked)) => match looked.lacking() {
            Some(why) => Err(ConsoleError::Refused(format!(
                "{why} Capture it on this page, and approve what you see then. Nothing was approved."
            ))),
            None => Ok(()),
        },
        Some(Err(error)) if !rules.policy.evidence.is_empty() => Err(error),
        _ => Ok(()),
    }
}

fn said(act: Act, comment: Option<&Words>) -> Result<String, ConsoleError> {
    let must = matches!(act, Act::Refuse | Act::Comment);
    match comment {
        None if must => Err(ConsoleError::Invalid {
            field: Some("comment".to_owned()),
            message: "Say why, in a sentence: whoever proposed it will read it.".to_owned(),
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
        // Starting has its own way; see `start`.
        Act::Comment | Act::Start => Event::Commented { by, text: comment },
    }
}
