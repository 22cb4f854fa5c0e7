//! Breaking glass: one person starts a plan that only the stage's policy forbids. The page shows the plan and the
//! rules that breaking glass would override. If the plan, the route or these rules change before the form is sent,
//! nothing is sent to Azure and the page shows the new plan.
//!
//! One transaction writes the broken glass, its ledger entry, the webhook messages and the run (`store/glass.rs`).
//! After that the run is like any other: it holds a lease, and compares the route and the deployments' contents
//! before each PUT.

use super::Changes;
use super::replan::Replanned;
use crate::entries::Principal;
use crate::error::{OrInternal as _, internal};
use crate::hash::{canonical, sha256};
use crate::planner::pinned::Pinned;
use crate::runs::plan::refusal;
use crate::runs::reading::Reads;
use crate::runs::settled::{changing, try_again};
use crate::stages::StageContext;
use crate::stages::change_windows::gate;
use app::error::ConsoleError;
use domain::change::ChangeId;
use domain::change::proposal::Words;
use domain::glass::{Broken, Glass, GlassId, InTheWay, SetAside, set_aside};
use domain::guard::inputs::Gate;
use domain::intent::Intent;
use domain::run::RunId;
use domain::run::operation::Operation;
use domain::run::roll_back::way_back;
use domain::run::warrant::Consent;
use domain::stage::EndpointKey;
use domain::user::Person;
use serde::Serialize;
use std::sync::Arc;

/// What to do by breaking glass.
#[derive(Debug)]
pub enum Asked {
    /// An intent that could also be proposed.
    Intent(Box<Pinned>),
    /// Restores the route from before a run, in one step like every roll-back.
    Back(RunId),
}

/// What breaking glass would do.
#[derive(Debug)]
pub struct Behind {
    pub looked: Replanned,
    pub intent: Pinned,
    /// The rules that would be overridden; or why breaking glass is not possible, if other rules than the policy's
    /// forbid the plan.
    pub set_aside: Result<Vec<SetAside>, String>,
    /// A hash of the plan and of the overridden rules.
    pub seen: String,
}

/// A request to break glass.
#[derive(Debug)]
pub struct Breaking<'a> {
    pub at: &'a EndpointKey,
    pub asked: &'a Asked,
    /// The pending change that `asked` comes from, if any.
    pub change: Option<&'a ChangeId>,
    pub reason: &'a Words,
    /// The hash that the page showed.
    pub seen: &'a str,
    pub id: &'a GlassId,
    pub by: &'a Principal,
}

/// What the page shows before a person breaks glass. The names of the fields are part of the hash.
#[derive(Serialize)]
struct Shown<'a> {
    version: u32,
    plan: &'a str,
    set_aside: Vec<&'a str>,
}

impl Changes {
    /// What breaking glass would do now. While Azure is updating the endpoint, the console retries for a while.
    ///
    /// # Errors
    /// [`ConsoleError`] if no plan can be made.
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
                    tracing::info!(why, "planning broken glass is retried");
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
        place: &StageContext,
        at: &EndpointKey,
        asked: &Asked,
    ) -> Result<Behind, ConsoleError> {
        let (looked, intent, no_way_back) = match asked {
            Asked::Intent(intent) => (
                self.look_without_images(at, intent, Reads::Fresh).await?,
                intent.as_ref().clone(),
                None,
            ),
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
            Some(why) => Err(format!("{why} Breaking glass does not override this.")),
            None => set_aside,
        };
        let seen = seen(&looked, set_aside.as_deref().unwrap_or_default());
        Ok(Behind { looked, intent, set_aside, seen })
    }

    /// The plan that rolls a run back, and why an ordinary roll-back is not possible.
    async fn look_back(
        &self,
        at: &EndpointKey,
        id: &RunId,
    ) -> Result<(Replanned, Pinned, Option<String>), ConsoleError> {
        let refused = |why: &str| Err(ConsoleError::Refused(format!("{why} Nothing was sent.")));
        let run = self.runs.get(id).await?;
        if run.operation.target.endpoint() != Some(at) {
            return refused("This run was on another endpoint. Break glass from the run's page.");
        }
        let past = run.past();
        let (Some(to), false) = (past.before.clone(), past.sent.is_empty()) else {
            return refused("This run did not change the route, so there is nothing to roll back.");
        };
        let intent = Intent::RollBack { at: at.clone(), run: id.clone(), route: to };
        let looked = self.look_without_images(at, &intent, Reads::Fresh).await?;
        let newest = self.runs.table.newest_route(&run.operation.target).await;
        let newest = newest.or_internal("runs cannot be read")?;
        let Some(endpoint) = &looked.endpoint else {
            return refused("The endpoint does not exist any more.");
        };
        let Err(why) = way_back(&past, newest.as_ref(), endpoint) else {
            return refused(
                "This run can be rolled back without breaking glass. Do that on the run's page.",
            );
        };
        Ok((looked, intent, Some(why.to_string())))
    }

    /// Breaks glass. The caller checks the person's right. A form that is sent twice starts one run.
    ///
    /// # Errors
    /// [`ConsoleError`]; in this case nothing is sent, and no glass is broken.
    pub async fn break_glass(&self, breaking: Breaking<'_>) -> Result<Operation, ConsoleError> {
        if let Some(begun) = self.begun_by(breaking.id, breaking.by).await? {
            return Ok(begun);
        }
        let begun = Box::pin(self.begin_by_glass(&breaking)).await;
        let begun = match begun {
            // The same form may have been sent twice at the same time.
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
        let Breaking { at, asked, change, reason, seen, id, by } = *breaking;
        let Behind { looked, intent, set_aside, seen: now_is } =
            self.behind_glass(at, asked).await?;
        let set_aside =
            set_aside.map_err(|why| ConsoleError::Refused(format!("{why} Nothing was sent.")))?;
        if now_is != seen {
            return Err(ConsoleError::Conflict(
                "The route, the plan or the rules to override have changed since you opened the page. Nothing was \
                 sent. Review the new plan, and break glass if it is still right."
                    .to_owned(),
            ));
        }
        let (id, reason) = (id.clone(), reason.as_str().to_owned());
        let consent = Consent::Glass(Glass { id, reason, set_aside, change: change.cloned() });
        self.runs.start(at, &intent, looked.planned, consent, by).await
    }

    /// The run that a form has already started, if any.
    async fn begun_by(
        &self,
        id: &GlassId,
        by: &Principal,
    ) -> Result<Option<Operation>, ConsoleError> {
        let unreadable = |error| internal("broken glass cannot be read", &error);
        let Some(broken) = self.glass.get(id).await.map_err(unreadable)? else { return Ok(None) };
        if broken.by.id != Person::from(&by.user).id {
            return Err(ConsoleError::Conflict(format!(
                "{} has already sent this form. Nothing was sent now. Open the page again.",
                broken.by.name
            )));
        }
        Ok(Some(self.runs.get(&broken.run).await?.operation))
    }

    /// Broken glass that nobody has acknowledged, newest first, as of the latest read of the store.
    #[must_use]
    pub fn broken(&self) -> Arc<Vec<Broken>> {
        Arc::clone(&self.broken.borrow())
    }

    /// Returns the record of one broken glass.
    ///
    /// # Errors
    /// [`ConsoleError::NotFound`].
    pub async fn broken_glass(&self, id: &GlassId) -> Result<Broken, ConsoleError> {
        let found = self.glass.get(id).await.or_internal("broken glass cannot be read")?;
        found.ok_or_else(|| {
            ConsoleError::NotFound(
                "There is no such record of broken glass. The audit log lists them.".to_owned(),
            )
        })
    }

    /// Acknowledges that somebody else broke glass.
    ///
    /// # Errors
    /// [`ConsoleError`]; in this case nothing was written.
    pub async fn acknowledge(
        &self,
        broken: &Broken,
        comment: Option<&Words>,
        by: &Principal,
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
        let done = done.or_internal("an acknowledgement could not be written")?;
        self.written().await;
        match done {
            true => Ok(()),
            false => Err(ConsoleError::Conflict(
                "Somebody else has just acknowledged it. Nothing was written.".to_owned(),
            )),
        }
    }
}

fn seen(looked: &Replanned, set_aside: &[SetAside]) -> String {
    let plan = looked.planned.plan.hash.as_ref().map_or("", |hash| hash.0.as_str());
    let set_aside = set_aside.iter().map(|one| one.rule.word()).collect();
    sha256(canonical(&Shown { version: 1, plan, set_aside }))
}
