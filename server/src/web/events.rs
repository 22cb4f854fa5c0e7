//! Live pages: server-sent events. A browser gets a whole view whenever something in it changed; what it
//! costs Azure does not depend on how many browsers listen.

mod stamps;

use super::Edge;
use crate::stages::Place;
use app::domain::endpoint::Endpoint;
use app::domain::find::Find;
use app::domain::guard::facts::Gate;
use app::domain::stage::{EndpointKey, Freshness};
use app::error::ConsoleError;
use app::paths;
use app::port::{Beat, Console};
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use futures::stream::select_all;
use serde::Serialize;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::{ReceiverStream, WatchStream};
use tower_sessions::Session;

pub use stamps::{change, changes, run};

/// How often a listening browser's session is checked.
const SESSION_CHECK: Duration = Duration::from_secs(15);
/// Events that wait for a slow browser; a slower one misses intermediate views, not the last.
const WAITING_MAX: usize = 4;

type Asker = Extension<Arc<dyn Console>>;

/// What happened.
enum Wake {
    State,
    Traffic,
    Session,
}

/// The overview, live.
pub async fn overview(
    State(edge): State<Edge>,
    session: Session,
    Extension(console): Asker,
    Query(find): Query<Find>,
) -> Response {
    // Decides whether this person may see it at all; what it holds is the same for all who may.
    if let Err(error) = console.overview(&find).await {
        let status = StatusCode::from_u16(error.status());
        return status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response();
    }
    let stages = edge.services.stages.iter();
    let mut wakes: Vec<_> = stages
        .map(|place| wake(WatchStream::new(place.observer.subscribe()), || Wake::State))
        .collect();
    wakes.push(wake(WatchStream::new(edge.services.operations.subscribe()), || Wake::State));
    wakes.push(wake(every(SESSION_CHECK), || Wake::Session));
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    tokio::spawn(async move {
        let mut events = select_all(wakes);
        let mut last: Arc<str> = Arc::from("");
        while let Some(event) = events.next().await {
            let sent = match event {
                Wake::Session => beat(&edge, &session, &sender, None).await,
                _ => send_overview(&edge, &sender, &find, &mut last).await,
            };
            if sent.is_err() {
                break;
            }
        }
    });
    stream(receiver)
}

async fn send_overview(
    edge: &Edge,
    sender: &mpsc::Sender<Event>,
    find: &Find,
    last: &mut Arc<str>,
) -> Result<(), Gone> {
    let live = match edge.services.overviews.now(&edge.services, find).await {
        Ok(live) if live.news != *last => live,
        _ => return if sender.is_closed() { Err(Gone) } else { Ok(()) },
    };
    *last = Arc::clone(&live.news);
    sender.send(Event::default().event("overview").data(&*live.json)).await.map_err(|_| Gone)
}

/// One endpoint, live.
pub async fn endpoint(
    State(edge): State<Edge>,
    session: Session,
    Extension(console): Asker,
    Path((stage, endpoint)): Path<(String, String)>,
) -> Response {
    let (Ok(stage), Ok(endpoint)) = (stage.parse(), endpoint.parse()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let at = EndpointKey { stage, endpoint };
    let Ok(place) = edge.services.stages.get(&at.stage).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let watching = place.observer.watch(&at.endpoint);
    place.observer.poke();
    let wakes = vec![
        wake(WatchStream::new(place.observer.subscribe()), || Wake::State),
        wake(WatchStream::new(edge.services.operations.subscribe()), || Wake::State),
        wake(every(place.traffic.age_max()), || Wake::Traffic),
        wake(every(SESSION_CHECK), || Wake::Session),
    ];
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    tokio::spawn(async move {
        let _watching = watching;
        let mut events = select_all(wakes);
        let (mut last, mut last_traffic) = (String::new(), String::new());
        let mut sources = None;
        while let Some(event) = events.next().await {
            let sent = match event {
                Wake::Session => beat(&edge, &session, &sender, Some(&place)).await,
                Wake::State => {
                    // Most news of a stage is about other endpoints.
                    let now = Some(Sources::of(&edge, &place, &at));
                    if now == sources {
                        continue;
                    }
                    sources = now;
                    send(
                        &sender,
                        "endpoint",
                        console.endpoint(&at).await,
                        &mut last,
                        neutral_endpoint,
                    )
                    .await
                }
                Wake::Traffic => {
                    send(&sender, "traffic", console.traffic(&at).await, &mut last_traffic, |_| {})
                        .await
                }
            };
            if sent.is_err() {
                break;
            }
        }
    });
    stream(receiver)
}

/// What an endpoint's view is made from.
#[derive(PartialEq)]
struct Sources {
    endpoint: Option<Arc<Endpoint>>,
    stale: Option<Freshness>,
    gate: Option<Gate>,
    operations: u64,
}

impl Sources {
    fn of(edge: &Edge, place: &Place, at: &EndpointKey) -> Self {
        let seen = place.observer.now();
        Self {
            endpoint: seen.endpoints.get(&at.endpoint).cloned(),
            stale: Some(seen.freshness.clone()).filter(|freshness| !freshness.is_fresh()),
            gate: place.rules.gate(edge.services.clock.now()),
            operations: edge.services.operations.version(),
        }
    }
}

type Wakes = std::pin::Pin<Box<dyn Stream<Item = Wake> + Send>>;

fn wake<S, T>(events: S, what: fn() -> Wake) -> Wakes
where
    S: Stream<Item = T> + Send + 'static,
{
    Box::pin(events.map(move |_| what()))
}

fn every(period: Duration) -> impl Stream<Item = ()> + Send + 'static {
    let ticks = futures::stream::unfold(tokio::time::interval(period), |mut interval| async move {
        interval.tick().await;
        Some(((), interval))
    });
    ticks.fuse()
}

/// The browser is gone, or its session is.
struct Gone;

/// Sends a view if it differs from the last one by more than the server's clock.
async fn send<T: Serialize>(
    sender: &mpsc::Sender<Event>,
    name: &str,
    view: Result<T, ConsoleError>,
    last: &mut String,
    neutral: impl Fn(&mut serde_json::Value),
) -> Result<(), Gone> {
    let data = match view {
        Ok(view) => view,
        Err(ConsoleError::NotFound(message)) => {
            let gone = Event::default().event("gone").data(message);
            sender.send(gone).await.map_err(|_| Gone)?;
            return Err(Gone);
        }
        // The view's own freshness says that Azure is not answering.
        Err(_) => return if sender.is_closed() { Err(Gone) } else { Ok(()) },
    };
    let Ok(json) = serde_json::to_value(&data) else { return Ok(()) };
    let mut compared = json.clone();
    neutral(&mut compared);
    let compared = compared.to_string();
    if compared == *last {
        return if sender.is_closed() { Err(Gone) } else { Ok(()) };
    }
    *last = compared;
    sender.send(Event::default().event(name).data(json.to_string())).await.map_err(|_| Gone)
}

/// Without what the passing of time changes.
fn neutral(view: &mut serde_json::Value) {
    view["now"] = serde_json::Value::Null;
}

fn neutral_endpoint(view: &mut serde_json::Value) {
    neutral(view);
    if let Some(fresh) = view.pointer_mut("/freshness/fresh/at") {
        *fresh = serde_json::Value::Null;
    }
}

/// Ends the stream when the session has ended elsewhere or its time is over.
async fn check(edge: &Edge, session: &Session, sender: &mpsc::Sender<Event>) -> Result<(), Gone> {
    let alive = match session.load().await {
        Ok(()) => matches!(edge.sessions.person(session).await, Ok(Ok(_))),
        Err(_) => false,
    };
    if alive {
        return if sender.is_closed() { Err(Gone) } else { Ok(()) };
    }
    let ended = Event::default().event("ended").data(paths::SIGN_IN);
    // Whether it arrives or not, the stream ends.
    let _ = sender.send(ended).await;
    Err(Gone)
}

/// Says that the stream lives, and how current its stages are: while nothing changes, nothing else would.
async fn beat(
    edge: &Edge,
    session: &Session,
    sender: &mpsc::Sender<Event>,
    only: Option<&Arc<Place>>,
) -> Result<(), Gone> {
    check(edge, session, sender).await?;
    let stages = edge.services.stages.iter();
    let stages = stages.filter(|place| only.is_none_or(|only| only.stage.name == place.stage.name));
    let fresh =
        |place: &Arc<Place>| (place.stage.name.clone(), place.observer.now().freshness.clone());
    let beat = Beat { now: edge.services.clock.now(), stages: stages.map(fresh).collect() };
    let Ok(json) = serde_json::to_string(&beat) else { return Ok(()) };
    sender.send(Event::default().event("beat").data(json)).await.map_err(|_| Gone)
}

fn stream(receiver: mpsc::Receiver<Event>) -> Response {
    let events = ReceiverStream::new(receiver).map(Ok::<_, Infallible>);
    let keep_alive = KeepAlive::new().interval(SESSION_CHECK);
    ([("x-accel-buffering", "no")], Sse::new(events).keep_alive(keep_alive)).into_response()
}
