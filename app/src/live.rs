//! What the server pushes: one stream of server-sent events per URL, shared by the islands of a page.
//!
//! Only the browser opens streams; on the server the signals keep what the page was rendered with.

use crate::domain::timestamp::Timestamp;
use crate::error::ConsoleError;
use crate::features::session::api::check_session;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventSource, MessageEvent};

/// How long to wait before a refused stream is opened again.
const RETRY_AFTER: Duration = Duration::from_secs(4);

/// How the page stands with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// Changes arrive.
    Open,
    /// Changes do not arrive; the browser keeps trying.
    Lost,
    /// The session is over; nothing more will arrive.
    Ended,
}

/// Who wants an event of that name.
type Listener = (&'static str, Rc<dyn Fn(String)>);

struct Feed {
    url: String,
    connection: ArcRwSignal<Connection>,
    listeners: RefCell<Vec<Listener>>,
    source: RefCell<Option<EventSource>>,
}

thread_local! {
    static FEEDS: RefCell<Vec<Rc<Feed>>> = const { RefCell::new(Vec::new()) };
}

/// Calls `receive` with every event of that name; only in the browser, in an effect.
pub fn listen<T: DeserializeOwned>(url: &str, event: &'static str, receive: impl Fn(T) + 'static) {
    let feed = feed(url);
    let receive: Rc<dyn Fn(String)> = Rc::new(move |data| {
        if let Ok(value) = serde_json::from_str(&data) {
            receive(value);
        }
    });
    feed.listeners.borrow_mut().push((event, Rc::clone(&receive)));
    if let Some(source) = feed.source.borrow().as_ref() {
        attach(source, event, receive);
    }
}

/// How the stream at `url` stands; only in the browser, in an effect.
#[must_use]
pub fn connection(url: &str) -> ArcRwSignal<Connection> {
    feed(url).connection.clone()
}

fn feed(url: &str) -> Rc<Feed> {
    let known = FEEDS.with_borrow(|feeds| feeds.iter().find(|feed| feed.url == url).cloned());
    known.unwrap_or_else(|| {
        let feed = Rc::new(Feed {
            url: url.to_owned(),
            connection: ArcRwSignal::new(Connection::Open),
            listeners: RefCell::default(),
            source: RefCell::default(),
        });
        FEEDS.with_borrow_mut(|feeds| feeds.push(Rc::clone(&feed)));
        open(&feed);
        feed
    })
}

fn open(feed: &Rc<Feed>) {
    let Ok(source) = EventSource::new(&feed.url) else { return };
    for (event, receive) in feed.listeners.borrow().iter() {
        attach(&source, event, Rc::clone(receive));
    }
    let opened = feed.connection.clone();
    keep(move |_: Event| opened.set(Connection::Open), |f| source.set_onopen(Some(f)));
    let ended = Rc::clone(feed);
    attach(&source, "ended", Rc::new(move |_| end(&ended)));
    let lost = Rc::clone(feed);
    keep(move |_: Event| fail(&lost), |f| source.set_onerror(Some(f)));
    feed.source.replace(Some(source));
}

fn attach(source: &EventSource, event: &str, receive: Rc<dyn Fn(String)>) {
    let handler = move |message: MessageEvent| {
        receive(message.data().as_string().unwrap_or_default());
    };
    keep(handler, |f| _ = source.add_event_listener_with_callback(event, f));
}

/// Hands a closure to the browser for as long as the page lives.
fn keep<E: wasm_bindgen::convert::FromWasmAbi + 'static>(
    handler: impl Fn(E) + 'static,
    hand_over: impl FnOnce(&js_sys::Function),
) {
    let closure = Closure::<dyn Fn(E)>::new(handler);
    hand_over(closure.as_ref().unchecked_ref());
    closure.forget();
}

fn end(feed: &Feed) {
    feed.connection.set(Connection::Ended);
    if let Some(source) = feed.source.borrow().as_ref() {
        source.close();
    }
}

/// A broken stream reconnects by itself; a refused one does not, and may have been refused because
/// the session is over.
fn fail(feed: &Rc<Feed>) {
    if feed.connection.get_untracked() == Connection::Ended {
        return;
    }
    feed.connection.set(Connection::Lost);
    let refused = |source: &EventSource| source.ready_state() == EventSource::CLOSED;
    if feed.source.borrow().as_ref().is_some_and(refused) {
        let feed = Rc::clone(feed);
        spawn_local(async move {
            if check_session().await == Err(ConsoleError::Unauthenticated) {
                end(&feed);
            } else {
                set_timeout(move || open(&feed), RETRY_AFTER);
            }
        });
    }
}

/// What [`pick`] takes a part of.
pub trait Whole {
    /// Its value.
    type Value: Send + Sync + 'static;
    /// As a signal.
    fn signal(self) -> Signal<Self::Value>;
}

impl<T: Send + Sync + 'static> Whole for RwSignal<T> {
    type Value = T;
    fn signal(self) -> Signal<T> {
        self.into()
    }
}

impl<T: Send + Sync + 'static> Whole for Memo<T> {
    type Value = T;
    fn signal(self) -> Signal<T> {
        self.into()
    }
}

/// A part of a whole, which changes only when the part does. It takes a plain function, so that the
/// browser's half has this once per type and not once per use.
#[must_use]
pub fn pick<W: Whole, P>(whole: W, part: fn(&W::Value) -> P) -> Memo<P>
where
    P: PartialEq + Send + Sync + 'static,
{
    let whole = whole.signal();
    Memo::new(move |_| whole.with(part))
}

/// The server's clock, kept running in the browser: ages are told against it.
#[derive(Clone, Copy)]
pub struct Clock {
    now: RwSignal<Timestamp>,
    ahead_ms: StoredValue<f64>,
}

impl Clock {
    /// Starts from the time at which the page was rendered.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        let clock = Self { now: RwSignal::new(now), ahead_ms: StoredValue::new(0.0) };
        Effect::new(move |_| {
            clock.sync(now);
            set_interval(
                move || {
                    let now = js_sys::Date::now() + clock.ahead_ms.get_value();
                    clock.now.set(Timestamp(now as i64));
                },
                Duration::from_secs(1),
            );
        });
        clock
    }

    /// Takes over the time at which the server sent something.
    pub fn sync(self, now: Timestamp) {
        self.ahead_ms.set_value(now.0 as f64 - js_sys::Date::now());
        self.now.set(now);
    }

    /// The time by the server's clock.
    #[must_use]
    pub fn now(self) -> Signal<Timestamp> {
        self.now.into()
    }
}
