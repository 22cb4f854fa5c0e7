//! Starting an operation: write it down, read again, compare, send once, keep the checkpoint.

use super::Operations;
use super::plan::observed::{Live, Observed};
use super::plan::{Planned, Wish, plan};
use crate::azure::arm::Reply;
use crate::azure::{self, deployments, endpoints, operation};
use crate::history::Asker;
use crate::observe;
use crate::stages::Place;
use crate::store::operations::BeginError;
use app::domain::endpoint::Endpoint;
use app::domain::name::DeploymentName;
use app::domain::operation::{Action, Operation, Progress};
use app::domain::route::Route;
use app::domain::stage::EndpointKey;
use app::domain::timestamp::Timestamp;
use app::error::ConsoleError;
use serde_json::Value;
use std::future::Future;
use std::sync::Arc;

/// What was read just before sending.
struct Fresh {
    read: endpoints::Read,
    endpoint: Endpoint,
}

impl Operations {
    /// Sets a route, if Azure still has `base`.
    ///
    /// # Errors
    /// [`ConsoleError`]; then nothing was sent, unless it says otherwise.
    pub async fn set_route(
        &self,
        at: &EndpointKey,
        route: &Route,
        base: &Route,
        by: &Asker,
    ) -> Result<Operation, ConsoleError> {
        let action = Action::SetRoute { before: base.clone(), after: route.clone() };
        self.begin(at, action, by, async |place, fresh| {
            if fresh.endpoint.route != *base {
                return Err(ConsoleError::Conflict(format!(
                    "The route changed while you were deciding: it was {base}, it is now {}. \
                     Nothing was sent. Look at the new plan and apply it if it is still right.",
                    fresh.endpoint.route
                )));
            }
            self.refuse_blocked(place, &fresh, &Wish::SetRoute { at, route }).await?;
            Ok(endpoints::put_route(&place.arm, &place.workspace, &fresh.read, route).await)
        })
        .await
    }

    /// Creates a deployment from a REST body, without live traffic.
    ///
    /// # Errors
    /// As [`Operations::set_route`].
    pub async fn create_deployment(
        &self,
        at: &EndpointKey,
        name: &DeploymentName,
        body: &Value,
        by: &Asker,
    ) -> Result<Operation, ConsoleError> {
        let action = Action::CreateDeployment { deployment: name.clone() };
        self.begin(at, action, by, async |place, fresh| {
            self.refuse_blocked(place, &fresh, &Wish::Create { at, name, body }).await?;
            let mut body = body.clone();
            // Azure wants the workspace's location, which is the endpoint's.
            if let (Some(fields), Some(location)) =
                (body.as_object_mut(), fresh.read.body.get("location"))
            {
                fields.insert("location".to_owned(), location.clone());
            }
            Ok(deployments::put(&place.arm, &place.workspace, &at.endpoint, name, &body).await)
        })
        .await
    }

    /// Deletes a deployment that is neither live nor mirrored.
    ///
    /// # Errors
    /// As [`Operations::set_route`].
    pub async fn delete_deployment(
        &self,
        at: &EndpointKey,
        name: &DeploymentName,
        by: &Asker,
    ) -> Result<Operation, ConsoleError> {
        let action = Action::DeleteDeployment { deployment: name.clone() };
        self.begin(at, action, by, async |place, fresh| {
            self.refuse_blocked(place, &fresh, &Wish::Delete { at, name }).await?;
            Ok(deployments::delete(&place.arm, &place.workspace, &at.endpoint, name).await)
        })
        .await
    }

    /// Plans on what was just read, and refuses what a guard forbids.
    async fn refuse_blocked(
        &self,
        place: &Place,
        fresh: &Fresh,
        wish: &Wish<'_>,
    ) -> Result<Planned, ConsoleError> {
        let observed = Observed::of(Live::of(Arc::new(fresh.endpoint.clone())));
        let now = self.clock.now();
        let facts = place.facts(&wish.needs(), Some(&fresh.endpoint), now).await;
        let planned = plan(wish, &observed, &facts).map_err(|none| {
            let mut said: Vec<_> = none.problems.into_iter().map(|p| p.message).collect();
            said.extend(none.questions.into_iter().map(|q| format!("{} is not answered.", q.key)));
            ConsoleError::Refused(format!("{} Nothing was sent.", said.join(" ")))
        })?;
        match planned.plan.blocked() {
            Some(reasons) => Err(ConsoleError::Refused(format!("{reasons} Nothing was sent."))),
            None => Ok(planned),
        }
    }

    /// The shape that all share: `send` checks what was just read and sends once.
    async fn begin<'a, S, F>(
        &'a self,
        at: &'a EndpointKey,
        action: Action,
        by: &Asker,
        send: S,
    ) -> Result<Operation, ConsoleError>
    where
        S: FnOnce(&'a Place, Fresh) -> F,
        F: Future<Output = Result<Result<Reply, azure::Error>, ConsoleError>>,
    {
        let place = self.stages.get(&at.stage)?;
        let begun = self.table.begin(at, &action, by, self.clock.now()).await;
        let mut open = begun.map_err(|error| not_begun(at, error))?;
        let sent = match read(place, at).await {
            Ok(fresh) => send(place, fresh).await,
            Err(error) => Err(nothing_sent(&error)),
        };
        let outcome = match sent {
            Ok(Ok(reply)) => {
                open.checkpoint = operation::checkpoint(&reply);
                open.operation.progress = Progress::Running { trouble: None };
                let pause = reply.retry_after.unwrap_or_default().as_millis();
                open.due = Timestamp(open.due.0.saturating_add(i64::try_from(pause).unwrap_or(0)));
                Ok(())
            }
            // It may have been carried out: the engine reads back and finds out.
            Ok(Err(error))
                if error.is_passing() && !matches!(error, azure::Error::Throttled { .. }) =>
            {
                let trouble = Some(format!("{error}. Finding out whether Azure took it."));
                open.operation.progress = Progress::Running { trouble };
                Ok(())
            }
            Ok(Err(error)) => Err(nothing_sent(&error)),
            Err(error) => Err(error),
        };
        if let Err(error) = &outcome {
            open.operation.progress = Progress::Failed { message: error.to_string() };
            open.operation.ended = Some(self.clock.now());
        }
        // Were this lost, the intent above stays open, and the engine settles it by observation.
        if let Err(error) = self.table.save(&open).await {
            tracing::error!(%error, operation = open.operation.id.0, "a checkpoint was not kept");
        }
        self.announce();
        self.poke.notify_one();
        place.observer.poke();
        outcome.map(|()| open.operation)
    }
}

async fn read(place: &Place, at: &EndpointKey) -> Result<Fresh, azure::Error> {
    let read = endpoints::get(&place.arm, &place.workspace, at).await?;
    let mut endpoint = read.endpoint.clone();
    let known = place.observer.now();
    let known = known.endpoints.get(&at.endpoint);
    endpoint.deployments = observe::read_deployments(place, at, known.map(AsRef::as_ref)).await?;
    Ok(Fresh { read, endpoint })
}

fn not_begun(at: &EndpointKey, error: BeginError) -> ConsoleError {
    match error {
        BeginError::AnotherIsOpen => ConsoleError::Conflict(format!(
            "Another change of {} is under way. Wait until it has ended, look at the plan again, \
             and apply it then. Nothing was sent.",
            at.endpoint
        )),
        error @ (BeginError::Ledger(_) | BeginError::Store(_)) => {
            crate::console::error::internal("an operation could not be written down", &error)
        }
    }
}

fn nothing_sent(error: &azure::Error) -> ConsoleError {
    let error = crate::console::error::from_azure(error);
    match error {
        ConsoleError::Unavailable(message) => {
            ConsoleError::Unavailable(format!("{message} Nothing was changed."))
        }
        ConsoleError::Refused(message) => {
            ConsoleError::Refused(format!("{message} Nothing was changed."))
        }
        error => error,
    }
}
