//! Breaking glass: planned like everything else, shown first, and begun by the word of one person where only the
//! stage's policy stands in the way. Which rules are set aside is part of what the person saw; where they, the plan or
//! the route are others by then, nothing is sent and the person sees the new ones.
//!
//! That glass was broken, its entry in the ledger, the messages to all webhooks and the run are one transaction
//! (`store/glass.rs`). From there on the run goes the way of every other run: the route and what the deployments are
//! made of are compared before each PUT, under a lease.

use super::Changes;
use super::gate::gate;
use super::look::{Looked, Pace};
use super::stored::Stored;
use crate::console::error::internal;
use crate::hash::{canonical, sha256};
use crate::history::Asker;
use crate::operations::begin::refusal;
use crate::operations::reading::Reads;
use crate::operations::settled::{changing, try_again};
use crate::stages::Place;
use app::domain::change::event::Person;
use app::domain::change::proposal::Words;
use app::domain::glass::{Broken, Glass, GlassId, InTheWay, SetAside, set_aside};
use app::domain::guard::facts::Gate;
use app::domain::operation::{Action, Operation};
use app::domain::run::RunId;
use app::domain::run::roll_back::way_back;
use app::domain::run::warrant::Consent;
use app::domain::stage::EndpointKey;
use app::error::ConsoleError;
use serde::Serialize;
use std::sync::Arc;

/// What is to be done.
#[derive(Debug)]
pub enum Asked {
    /// What could be proposed as well.
    Wish(Stored),
    /// The route from before a run, in one step like every roll-back.
    Back(RunId),
}

/// What breaking glass would do.
#[derive(Debug)]
pub struct Behind {
    /// The plan.
    pub looked: Looked,
    /// As a run tells it.
    pub action: Action,
    /// The rules that would be set aside; why it cannot be, when a rule forbids it that is no rule of the policy.
    pub set_aside: Result<Vec<SetAside>, String>,
    /// A hash of the plan and of these rules.
    pub seen: String,
}

/// Somebody breaks glass.
#[derive(Debug)]
pub struct Breaking<'a> {
    /// Where.
    pub at: &'a EndpointKey,
    /// What.
    pub asked: &'a Asked,
    /// Why.
    pub reason: &'a Words,
    /// The hash of what the person saw.
    pub seen: &'a str,
    /// The form's own id.
    pub id: &'a GlassId,
    /// Who.
    pub by: &'a Asker,
}

/// What the person sees before they decide.
#[derive(Serialize)]
struct Shown<'a> {
    version: u32,
    plan: &'a str,
    set_aside: Vec<&'a str>,
}

impl Changes {
    /// What breaking glass would do now. While Azure is changing the endpoint it is looked at again for a while.
    ///
    /// # Errors
    /// [`ConsoleError`]: there is no plan.
    pub async fn behind_glass(
        &self,
        at: &EndpointKey,
        asked: &Asked,
    ) -> Result<Behind, ConsoleError> {
        let place = self.runs.stages.get(&at.stage)?;
        let request = place.patience.of_request();
        loop {
            let why = match Box::pin(self.look_behind(place, at, asked)).await {
                Ok(behind) => {
                    match behind.looked.endpoint.as_ref().and_then(|endpoint| changing(endpoint)) {
                        None => return Ok(behind),
                        Some(why) => why,
                    }
                }
                Err(ConsoleError::Unavailable(why)) if request.again().await => {
                    tracing::info!(why, "what breaking glass would do is looked at again");
                    continue;
                }
                Err(error) => return Err(error),
            };
            if !request.again().await {
                return Err(try_again(&why, &request.words()));
            }
        }
    }

    async fn look_behind(
        &self,
        place: &Place,
        at: &EndpointKey,
        asked: &Asked,
    ) -> Result<Behind, ConsoleError> {
        let (looked, action, no_way_back) = match asked {
            Asked::Wish(wish) => {
                let looked = self.look_at(at, wish, Reads::Fresh, Pace::OfPolicy).await?;
                let action = wish.action(&looked.planned);
                (looked, action, None)
            }
            Asked::Back(run) => self.look_back(at, run).await?,
        };
        let (rules, now) = (&place.rules, self.runs.clock.now());
        let freeze = rules.freeze();
        let opens = match gate(&rules.policy, None, now) {
            Some(Gate::Outside { opens }) => Some(opens),
            _ => None,
        };
        let set_aside = set_aside(InTheWay {
            approvals: rules.policy.approvals,
            freeze: freeze.as_ref(),
            opens: opens.as_deref(),
            no_way_back: no_way_back.as_deref(),
            verdicts: &looked.shown.verdicts,
        });
        let set_aside = match refusal(&looked.planned) {
            Some(why) => Err(format!("{why} Breaking glass does not set this aside.")),
            None => set_aside,
        };
        let seen = seen(&looked, set_aside.as_deref().unwrap_or_default());
        Ok(Behind { looked, action, set_aside, seen })
    }

    /// The way back from a run, and why it is not possible without an approval.
    async fn look_back(
        &self,
        at: &EndpointKey,
        id: &RunId,
    ) -> Result<(Looked, Action, Option<String>), ConsoleError> {
        let refused = |why: &str| Err(ConsoleError::Refused(format!("{why} Nothing was sent.")));
        let run = self.runs.get(id).await?;
        if run.operation.endpoint != *at {
            return refused("This run was on another endpoint. Break glass from the run's page.");
        }
        let past = run.past();
        let (Some(to), false) = (past.before.clone(), past.sent.is_empty()) else {
            return refused("This run did not change the route, so there is nothing to roll back.");
        };
        let wish = Stored::SetRoute { route: to.clone() };
        let looked = self.look_at(at, &wish, Reads::Fresh, Pace::AtOnce).await?;
        let newest = self.runs.table.newest_route(at).await;
        let newest = newest.map_err(|error| internal("runs cannot be read", &error))?;
        let Some(endpoint) = &looked.endpoint else {
            return refused("There is no such endpoint any more.");
        };
        let Err(why) = way_back(&past, newest.as_ref(), endpoint) else {
            return refused(
                "This run can be rolled back without breaking glass. Do that on the run's page.",
            );
        };
        let before = looked.planned.plan.base.clone();
        let action = Action::RollBack { run: id.clone(), before, after: to };
        Ok((looked, action, Some(why.to_string())))
    }

    /// Breaks glass. That the person may must have been checked. A form that is sent twice leads to the same run.
    ///
    /// # Errors
    /// [`ConsoleError`]; then nothing is sent, and no glass is broken.
    pub async fn break_glass(&self, breaking: Breaking<'_>) -> Result<Operation, ConsoleError> {
        if let Some(begun) = self.begun_by(breaking.id, breaking.by).await? {
            return Ok(begun);
        }
        let begun = Box::pin(self.begin_by_glass(&breaking)).await;
        let begun = match begun {
            // The same form may have been sent twice at one moment.
            Err(error) => match self.begun_by(breaking.id, breaking.by).await? {
                Some(begun) => Ok(begun),
                None => Err(error),
            },
            begun => begun,
        };
        self.written().await;
        begun
    }

    async fn begin_by_glass(&self, breaking: &Breaking<'_>) -> Result<Operation, ConsoleError> {
        let Breaking { at, asked, reason, seen, id, by } = *breaking;
        let Behind { looked, action, set_aside, seen: now_is } =
            self.behind_glass(at, asked).await?;
        let set_aside =
            set_aside.map_err(|why| ConsoleError::Refused(format!("{why} Nothing was sent.")))?;
        if now_is != seen {
            return Err(ConsoleError::Conflict(
                "The route, the plan, or the rules that it would set aside are no longer what you saw. Nothing was \
                 sent. Look at the new plan, and break glass if it is still right."
                    .to_owned(),
            ));
        }
        let (id, reason) = (id.clone(), reason.as_str().to_owned());
        let consent = Consent::Glass(Glass { id, reason, set_aside });
        self.runs.start(at, action, looked.planned, consent, by).await
    }

    /// The run that a form has begun already; `None` when it has begun none.
    async fn begun_by(&self, id: &GlassId, by: &Asker) -> Result<Option<Operation>, ConsoleError> {
        let unreadable = |error| internal("broken glass cannot be read", &error);
        let Some(broken) = self.glass.get(id).await.map_err(unreadable)? else { return Ok(None) };
        if broken.by.id != Person::from(&by.user).id {
            return Err(ConsoleError::Conflict(format!(
                "{} has sent this form. Open the page again. Nothing was sent.",
                broken.by.name
            )));
        }
        Ok(Some(self.runs.get(&broken.run).await?.operation))
    }

    /// Glass that was broken and that nobody has acknowledged, the newest first; as of the last look into the store.
    #[must_use]
    pub fn broken(&self) -> Arc<Vec<Broken>> {
        Arc::clone(&self.broken.borrow())
    }

    /// One broken glass.
    ///
    /// # Errors
    /// [`ConsoleError::NotFound`].
    pub async fn broken_glass(&self, id: &GlassId) -> Result<Broken, ConsoleError> {
        let found = self.glass.get(id).await;
        let found = found.map_err(|error| internal("broken glass cannot be read", &error))?;
        found.ok_or_else(|| {
            ConsoleError::NotFound(
                "There is no such record of broken glass. The history lists them.".to_owned(),
            )
        })
    }

    /// Acknowledges that somebody else broke glass.
    ///
    /// # Errors
    /// [`ConsoleError`]; then it is as it was.
    pub async fn acknowledge(
        &self,
        broken: &Broken,
        comment: Option<&Words>,
        by: &Asker,
    ) -> Result<(), ConsoleError> {
        let place = self.runs.stages.get(&broken.on.stage).ok();
        let policy = place.map(|place| &place.rules.policy);
        if let Some(why) = broken.why_not_acknowledge(&by.user, policy) {
            let why = format!("{why} Nothing was written.");
            return Err(match broken.acknowledged {
                Some(_) => ConsoleError::Conflict(why),
                None => ConsoleError::Refused(why),
            });
        }
        let (comment, now) = (comment.map(Words::as_str), self.runs.clock.now());
        let done = self.glass.acknowledge(broken, comment, by, now).await;
        let done = done.map_err(|error| internal("it could not be written down", &error))?;
        self.written().await;
        match done {
            true => Ok(()),
            false => Err(ConsoleError::Conflict(
                "Somebody else has just acknowledged it. Nothing was written twice.".to_owned(),
            )),
        }
    }
}

fn seen(looked: &Looked, set_aside: &[SetAside]) -> String {
    let plan = looked.planned.plan.hash.as_ref().map_or("", |hash| hash.0.as_str());
    let set_aside = set_aside.iter().map(|one| one.rule.word()).collect();
    sha256(canonical(&Shown { version: 1, plan, set_aside }))
}
