//! Live pages over server-sent events. A browser gets the whole view whenever part of it changes. The number of
//! requests to Azure does not depend on the number of browsers or reconnects. The route table's gate checks
//! permissions before these handlers run.

mod job_log;
mod jobs;
mod listener;
mod stamps;

use super::Edge;
use super::auth::Visitor;
use super::error_pages::refused;
use super::query::Query;
use crate::stages::StageContext;
use crate::stages::Watching;
use app::port::Console;
use async_trait::async_trait;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::endpoint::Endpoint;
use domain::find::Find;
use domain::guard::inputs::Gate;
use domain::stage::{EndpointKey, Freshness};
use listener::{Gone, Listener, Teller, Told, Wake, every, wake};
use std::sync::Arc;
use tokio_stream::wrappers::WatchStream;

pub use job_log::job_log;
pub use jobs::{activity, job};
pub use stamps::{change, changes, run};

type Principal = Extension<Arc<dyn Console>>;

/// Streams the overview.
pub async fn overview(
    State(edge): State<Edge>,
    Extension(visitor): Extension<Visitor>,
    Query(query): Query,
) -> Response {
    let field =
        |name: &str| query.iter().rfind(|(field, _)| field == name).map(|(_, it)| it.clone());
    let find = match Find::read(field) {
        Ok(find) => find,
        Err(problems) => return refused(&problems.into()),
    };
    let (listener, answer) = match Listener::new(&edge, visitor) {
        Ok(listener) => listener,
        Err(refusal) => return *refusal,
    };
    let stages = edge.services.stages.iter();
    let mut wakes: Vec<_> = stages
        .map(|place| wake(WatchStream::new(place.observer.subscribe()), || Wake::State))
        .collect();
    wakes.push(wake(WatchStream::new(edge.services.operations.subscribe()), || Wake::State));
    let shown = Overview { find, last: Arc::from("") };
    tokio::spawn(listener.run(wakes, shown));
    answer
}

struct Overview {
    find: Find,
    last: Arc<str>,
}

#[async_trait]
impl Teller for Overview {
    async fn tell(&mut self, to: &Listener, _: Wake) -> Result<(), Gone> {
        let services = &to.edge.services;
        match services.overviews.now(services, &self.find).await {
            Ok(live) if live.news != self.last => {
                self.last = Arc::clone(&live.news);
                to.send("overview", &live.json).await
            }
            _ => Ok(()),
        }
    }

    async fn beat(&mut self, to: &Listener) -> Result<(), Gone> {
        to.send_beat(None).await
    }
}

/// Streams one endpoint.
pub async fn endpoint(
    State(edge): State<Edge>,
    Extension(visitor): Extension<Visitor>,
    Extension(console): Principal,
    Path((stage, endpoint)): Path<(String, String)>,
) -> Response {
    let (Ok(stage), Ok(endpoint)) = (stage.parse(), endpoint.parse()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let at = EndpointKey { stage, endpoint };
    let Ok(place) = edge.services.stages.get(&at.stage).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (listener, answer) = match Listener::new(&edge, visitor) {
        Ok(listener) => listener,
        Err(refusal) => return *refusal,
    };
    let watching = place.observer.watch(&at.endpoint);
    place.observer.poke();
    let wakes = vec![
        wake(WatchStream::new(place.observer.subscribe()), || Wake::State),
        wake(WatchStream::new(edge.services.operations.subscribe()), || Wake::State),
        wake(every(place.traffic.age_max()), || Wake::Traffic),
    ];
    let shown = Shown { console, place, at, last: Last::default(), _watching: watching };
    tokio::spawn(listener.run(wakes, shown));
    answer
}

struct Shown {
    console: Arc<dyn Console>,
    place: Arc<StageContext>,
    at: EndpointKey,
    last: Last,
    _watching: Watching,
}

/// What was last sent to an endpoint's page.
#[derive(Default)]
struct Last {
    sources: Option<Sources>,
    endpoint: Told,
    traffic: Told,
}

#[async_trait]
impl Teller for Shown {
    async fn tell(&mut self, to: &Listener, wake: Wake) -> Result<(), Gone> {
        let last = &mut self.last;
        if wake == Wake::Traffic {
            let traffic = self.console.traffic(&self.at).await;
            return to.send_view("traffic", traffic, &mut last.traffic, |_| {}).await;
        }
        // Most updates of a stage are about other endpoints.
        let now = Some(Sources::of(&to.edge, &self.place, &self.at));
        if now == last.sources {
            return Ok(());
        }
        last.sources = now;
        let endpoint = self.console.endpoint(&self.at).await;
        to.send_view("endpoint", endpoint, &mut last.endpoint, neutral_endpoint).await
    }

    async fn beat(&mut self, to: &Listener) -> Result<(), Gone> {
        to.send_beat(Some(&self.place)).await
    }
}

/// The inputs of an endpoint's view. Equal inputs give an equal view.
#[derive(PartialEq)]
struct Sources {
    endpoint: Option<Arc<Endpoint>>,
    stale: Option<Freshness>,
    gate: Option<Gate>,
    operations: u64,
}

impl Sources {
    fn of(edge: &Edge, place: &StageContext, at: &EndpointKey) -> Self {
        let seen = place.observer.now();
        Self {
            endpoint: seen.endpoints.get(&at.endpoint).cloned(),
            stale: Some(seen.freshness.clone()).filter(|freshness| !freshness.is_fresh()),
            gate: place.rules.gate(edge.services.clock.now()),
            operations: edge.services.operations.version(),
        }
    }
}

/// Clears the values that change with time alone.
fn neutral_endpoint(view: &mut serde_json::Value) {
    view["now"] = serde_json::Value::Null;
    if let Some(fresh) = view.pointer_mut("/freshness/fresh/at") {
        *fresh = serde_json::Value::Null;
    }
}
