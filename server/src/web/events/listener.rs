//! One browser's event stream, and the session check that ends it.

use crate::limits::StreamTurn;
use crate::stages::StageContext;
use crate::web::Edge;
use crate::web::auth::Visitor;
use crate::web::error_pages;
use crate::web::session::Session;
use app::error::ConsoleError;
use app::paths;
use app::port::Beat;
use async_trait::async_trait;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures::Stream;
use futures::stream::select_all;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;

/// How often a stream's session is checked.
pub(super) const SESSION_CHECK: Duration = Duration::from_secs(15);
/// Events queued for a slow browser. A slower one misses intermediate views but always gets the last one.
const WAITING_MAX: usize = 2;

/// Why a stream wakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wake {
    /// The view may have changed.
    State,
    /// Traffic metrics are due.
    Traffic,
    /// The session check is due.
    Session,
}

/// The browser has disconnected or its session has ended.
pub(super) struct Gone;

/// A source of wakes.
pub(super) type Wakes = Pin<Box<dyn Stream<Item = Wake> + Send>>;

/// SHA-256 of the view that was sent last. Keeping the view itself would cost its size once per browser.
pub(super) type Told = [u8; 32];

/// Sends updates to a browser. `async_trait` boxes the futures, which may hold a whole store query: thousands of
/// waiting streams would otherwise reserve that space.
#[async_trait]
pub(super) trait Teller: Send {
    /// Sends the view if it has changed.
    async fn tell(&mut self, to: &Listener, wake: Wake) -> Result<(), Gone>;

    /// Sends a heartbeat.
    async fn beat(&mut self, _: &Listener) -> Result<(), Gone> {
        Ok(())
    }
}

/// One browser's stream.
pub(super) struct Listener {
    pub(super) edge: Edge,
    session: Session,
    sender: mpsc::Sender<Event>,
    _turn: StreamTurn,
}

impl Listener {
    /// Opens a stream and returns it with its response, or returns the refusal.
    pub(super) fn new(edge: &Edge, visitor: Visitor) -> Result<(Self, Response), Box<Response>> {
        let Some(session) = visitor.session else {
            return Err(Box::new(axum::http::StatusCode::UNAUTHORIZED.into_response()));
        };
        let user = &session.kept.user;
        let person = format!("{}/{}", user.tenant, user.object);
        let Some(turn) = edge.limits.stream(&person, visitor.client.address) else {
            return Err(Box::new(error_pages::too_many("live pages")));
        };
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        Ok((Self { edge: edge.clone(), session, sender, _turn: turn }, stream(receiver)))
    }

    /// Sends updates on each wake until the browser disconnects or its session ends.
    pub(super) async fn run(self, mut wakes: Vec<Wakes>, mut teller: impl Teller) {
        wakes.push(wake(every(SESSION_CHECK), || Wake::Session));
        let mut events = select_all(wakes);
        loop {
            let event = tokio::select! {
                () = self.sender.closed() => return,
                event = events.next() => event,
            };
            let told = match event {
                None => return,
                Some(Wake::Session) => match self.check().await {
                    Ok(()) => teller.beat(&self).await,
                    gone => gone,
                },
                Some(event) => teller.tell(&self, event).await,
            };
            if told.is_err() {
                return;
            }
        }
    }

    /// Sends the freshness of all stages, or of `only` one.
    pub(super) async fn send_beat(&self, only: Option<&StageContext>) -> Result<(), Gone> {
        let services = &self.edge.services;
        let stages = services.stages.iter();
        let stages =
            stages.filter(|place| only.is_none_or(|only| only.stage.name == place.stage.name));
        let fresh = |place: &Arc<StageContext>| {
            (place.stage.name.clone(), place.observer.now().freshness.clone())
        };
        let beat = Beat { now: services.clock.now(), stages: stages.map(fresh).collect() };
        let Ok(json) = serde_json::to_string(&beat) else { return Ok(()) };
        self.send("beat", &json).await
    }

    pub(super) async fn send(&self, name: &str, data: &str) -> Result<(), Gone> {
        self.sender.send(Event::default().event(name).data(data)).await.map_err(|_| Gone)
    }

    /// Sends an event with an id, after which a browser that reconnects can continue.
    pub(super) async fn send_numbered(&self, name: &str, id: u64, data: &str) -> Result<(), Gone> {
        let event = Event::default().event(name).id(id.to_string()).data(data);
        self.sender.send(event).await.map_err(|_| Gone)
    }

    /// Sends a view if it has changed; see [`Self::changed`].
    pub(super) async fn send_view<T: Serialize + Send>(
        &self,
        name: &str,
        view: Result<T, ConsoleError>,
        last: &mut Told,
        neutral: fn(&mut serde_json::Value),
    ) -> Result<(), Gone> {
        match self.changed(view, last, neutral).await? {
            Some(view) => self.send_json(name, &view).await,
            None => Ok(()),
        }
    }

    pub(super) async fn send_json<T: Serialize>(&self, name: &str, data: &T) -> Result<(), Gone> {
        let Ok(json) = serde_json::to_string(data) else { return Ok(()) };
        self.send(name, &json).await
    }

    /// The view, if it differs from the last one after `neutral` has cleared the values that change with time. Ends the
    /// stream of what does not exist.
    pub(super) async fn changed<T: Serialize + Send>(
        &self,
        view: Result<T, ConsoleError>,
        last: &mut Told,
        neutral: fn(&mut serde_json::Value),
    ) -> Result<Option<T>, Gone> {
        let view = match view {
            Ok(view) => view,
            Err(ConsoleError::NotFound(message)) => {
                self.send("gone", &message).await?;
                return Err(Gone);
            }
            // The heartbeat's freshness already shows that Azure is not answering.
            Err(_) => return Ok(None),
        };
        let Ok(mut json) = serde_json::to_value(&view) else { return Ok(None) };
        neutral(&mut json);
        let told: Told = Sha256::digest(json.to_string().as_bytes()).into();
        Ok((told != *last).then(|| {
            *last = told;
            view
        }))
    }

    /// Ends the stream when the session has ended or expired, and when the person's roles have changed: the browser
    /// then reconnects with the new roles.
    async fn check(&self) -> Result<(), Gone> {
        match self.edge.sessions.alive(&self.session.key).await {
            Ok(Some(kept)) if kept.user.roles == self.session.kept.user.roles => Ok(()),
            Ok(Some(_)) => Err(Gone),
            Ok(None) | Err(_) => {
                // The stream ends even if this event does not arrive.
                let _ = self.send("ended", paths::SIGN_IN).await;
                Err(Gone)
            }
        }
    }
}

/// Maps each event to a wake.
pub(super) fn wake<S, T>(events: S, what: fn() -> Wake) -> Wakes
where
    S: Stream<Item = T> + Send + 'static,
{
    Box::pin(events.map(move |_| what()))
}

/// Ticks at once and then every `period`.
pub(super) fn every(period: Duration) -> impl Stream<Item = ()> + Send + 'static {
    let ticks = futures::stream::unfold(tokio::time::interval(period), |mut interval| async move {
        interval.tick().await;
        Some(((), interval))
    });
    ticks.fuse()
}

fn stream(receiver: mpsc::Receiver<Event>) -> Response {
    let events = ReceiverStream::new(receiver).map(Ok::<_, Infallible>);
    let keep_alive = KeepAlive::new().interval(SESSION_CHECK);
    ([("x-accel-buffering", "no")], Sse::new(events).keep_alive(keep_alive)).into_response()
}
