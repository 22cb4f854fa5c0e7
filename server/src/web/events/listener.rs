//! Who listens: one browser with its place, and what it has been told last.

use crate::limits::StreamTurn;
use crate::stages::Place;
use crate::web::Edge;
use crate::web::attach::Visitor;
use crate::web::session::Session;
use crate::web::words;
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

/// How often a listening browser's session is checked.
pub(super) const SESSION_CHECK: Duration = Duration::from_secs(15);
/// Events that wait for a slow browser; a slower one misses intermediate views, not the last.
const WAITING_MAX: usize = 2;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wake {
    /// What is shown may be other.
    State,
    /// It is time to look at the traffic.
    Traffic,
    /// It is time to look at the session.
    Session,
}

/// The browser is gone, or its session is.
pub(super) struct Gone;

/// Something that wakes.
pub(super) type Wakes = Pin<Box<dyn Stream<Item = Wake> + Send>>;

/// A hash of what was told last: the text itself would be kept once for each browser.
pub(super) type Told = [u8; 32];

/// What tells a browser what is new. Its futures are boxed: they may hold a whole question to the store, and
/// thousands wait for the next wake.
#[async_trait]
pub(super) trait Teller: Send {
    /// Tells what is new, if anything is.
    async fn tell(&mut self, to: &Listener, wake: Wake) -> Result<(), Gone>;

    /// Says that the stream lives, though nothing is new.
    async fn beat(&mut self, _: &Listener) -> Result<(), Gone> {
        Ok(())
    }
}

/// One browser that listens.
pub(super) struct Listener {
    pub(super) edge: Edge,
    session: Session,
    sender: mpsc::Sender<Event>,
    _turn: StreamTurn,
}

impl Listener {
    /// A place for a browser, and the answer that it gets; or why there is none.
    pub(super) fn new(edge: &Edge, visitor: Visitor) -> Result<(Self, Response), Box<Response>> {
        let Some(session) = visitor.session else {
            return Err(Box::new(axum::http::StatusCode::UNAUTHORIZED.into_response()));
        };
        let user = &session.kept.user;
        let person = format!("{}/{}", user.tenant, user.object);
        let Some(turn) = edge.limits.stream(&person, visitor.client.address) else {
            return Err(Box::new(words::too_many("live pages")));
        };
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        Ok((Self { edge: edge.clone(), session, sender, _turn: turn }, stream(receiver)))
    }

    /// Tells what is new whenever something wakes, until the browser is gone.
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

    /// Says how current the stages are, or one of them.
    pub(super) async fn send_beat(&self, only: Option<&Place>) -> Result<(), Gone> {
        let services = &self.edge.services;
        let stages = services.stages.iter();
        let stages =
            stages.filter(|place| only.is_none_or(|only| only.stage.name == place.stage.name));
        let fresh =
            |place: &Arc<Place>| (place.stage.name.clone(), place.observer.now().freshness.clone());
        let beat = Beat { now: services.clock.now(), stages: stages.map(fresh).collect() };
        let Ok(json) = serde_json::to_string(&beat) else { return Ok(()) };
        self.send("beat", &json).await
    }

    /// Sends an event.
    pub(super) async fn send(&self, name: &str, data: &str) -> Result<(), Gone> {
        self.sender.send(Event::default().event(name).data(data)).await.map_err(|_| Gone)
    }

    /// Sends a view if it differs from the last one by more than the server's clock.
    pub(super) async fn send_view<T: Serialize>(
        &self,
        name: &str,
        view: Result<T, ConsoleError>,
        last: &mut Told,
        neutral: fn(&mut serde_json::Value),
    ) -> Result<(), Gone> {
        let data = match view {
            Ok(view) => view,
            Err(ConsoleError::NotFound(message)) => {
                self.send("gone", &message).await?;
                return Err(Gone);
            }
            // The view's own freshness says that Azure is not answering.
            Err(_) => return Ok(()),
        };
        let Ok(mut json) = serde_json::to_value(&data) else { return Ok(()) };
        drop(data);
        let text = json.to_string();
        neutral(&mut json);
        let told: Told = Sha256::digest(json.to_string().as_bytes()).into();
        drop(json);
        if told == *last {
            return Ok(());
        }
        *last = told;
        self.send(name, &text).await
    }

    /// Ends the stream when the session has ended elsewhere or its time is over. When the person has other roles
    /// now, it ends as well: the browser comes again, and is judged by them.
    async fn check(&self) -> Result<(), Gone> {
        match self.edge.sessions.alive(&self.session.key).await {
            Ok(Some(kept)) if kept.user.roles == self.session.kept.user.roles => Ok(()),
            Ok(Some(_)) => Err(Gone),
            Ok(None) | Err(_) => {
                // Whether it arrives or not, the stream ends.
                let _ = self.send("ended", paths::SIGN_IN).await;
                Err(Gone)
            }
        }
    }
}

/// Wakes for each of these.
pub(super) fn wake<S, T>(events: S, what: fn() -> Wake) -> Wakes
where
    S: Stream<Item = T> + Send + 'static,
{
    Box::pin(events.map(move |_| what()))
}

/// Ticks, the first one at once.
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
