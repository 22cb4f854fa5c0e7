//! Server-sent events: one stream per URL, shared by the islands of a page.
//!
//! Only the browser opens streams; on the server, signals keep their initial values.

pub mod session;

use crate::error::ConsoleError;
use domain::timestamp::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;
use session::check_session;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventSource, MessageEvent};

/// How long to wait before opening a rejected stream again.
const RETRY_AFTER: Duration = Duration::from_secs(4);

/// The state of an event stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// Events arrive.
    Open,
    /// No events arrive; the browser keeps reconnecting.
    Lost,
    /// The session has ended; no more events will arrive.
    Ended,
}

/// An event name and its handler.
type Listener = (&'static str, Rc<dyn Fn(String)>);

struct Feed {
    url: String,
    connection: ArcRwSignal<Connection>,
    listeners: RefCell<Vec<Listener>>,
    source: RefCell<Option<EventSource>>,
    /// The id of the last event. The browser sends it when it reconnects, but not when we open the stream again.
    last: RefCell<String>,
    is_stopped: Cell<bool>,
}

impl Feed {
    /// Where to continue. Only streams whose events have ids take `?after=`.
    fn address(&self) -> String {
        match self.last.borrow().as_str() {
            "" => self.url.clone(),
            last => format!("{}?after={last}", self.url.split('?').next().unwrap_or_default()),
        }
    }
}

thread_local! {
    static FEEDS: RefCell<Vec<Rc<Feed>>> = const { RefCell::new(Vec::new()) };
}

/// Calls `receive` with every event of that name. Call it in an effect: it works only in the browser.
pub fn listen<T: DeserializeOwned>(url: &str, event: &'static str, receive: impl Fn(T) + 'static) {
    let feed = feed(url);
    let receive: Rc<dyn Fn(String)> = Rc::new(move |data| {
        if let Ok(value) = serde_json::from_str(&data) {
            receive(value);
        }
    });
    feed.listeners.borrow_mut().push((event, Rc::clone(&receive)));
    if let Some(source) = feed.source.borrow().as_ref() {
        attach(&feed, source, event, receive);
    }
}

/// Closes a stream for good, because nothing more will arrive.
pub fn stop(url: &str) {
    let feed = feed(url);
    feed.is_stopped.set(true);
    if let Some(source) = feed.source.borrow().as_ref() {
        source.close();
    }
}

/// The state of the stream at `url`. Call it in an effect: it works only in the browser.
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
            last: RefCell::default(),
            is_stopped: Cell::new(false),
        });
        FEEDS.with_borrow_mut(|feeds| feeds.push(Rc::clone(&feed)));
        open(&feed);
        feed
    })
}

fn open(feed: &Rc<Feed>) {
    if feed.is_stopped.get() {
        return;
    }
    let Ok(source) = EventSource::new(&feed.address()) else { return };
    for (event, receive) in feed.listeners.borrow().iter() {
        attach(feed, &source, event, Rc::clone(receive));
    }
    let opened = feed.connection.clone();
    keep(move |_: Event| opened.set(Connection::Open), |f| source.set_onopen(Some(f)));
    let ended = Rc::clone(feed);
    attach(feed, &source, "ended", Rc::new(move |_| end(&ended)));
    let lost = Rc::clone(feed);
    keep(move |_: Event| fail(&lost), |f| source.set_onerror(Some(f)));
    feed.source.replace(Some(source));
}

fn attach(feed: &Rc<Feed>, source: &EventSource, event: &str, receive: Rc<dyn Fn(String)>) {
    let feed = Rc::clone(feed);
    let handler = move |message: MessageEvent| {
        feed.last.replace(message.last_event_id());
        receive(message.data().as_string().unwrap_or_default());
    };
    keep(handler, |f| _ = source.add_event_listener_with_callback(event, f));
}

/// Keeps a closure alive as long as the page.
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

/// The browser reconnects broken streams but not rejected ones; a rejection may mean that the session has ended.
fn fail(feed: &Rc<Feed>) {
    if feed.connection.get_untracked() == Connection::Ended {
        return;
    }
    feed.connection.set(Connection::Lost);
    let refused = |source: &EventSource| source.ready_state() == EventSource::CLOSED;
    if feed.source.borrow().as_ref().is_some_and(refused) {
        let feed = Rc::clone(feed);
        spawn_local(async move {
            if matches!(check_session().await, Err(ConsoleError::Unauthenticated)) {
                end(&feed);
            } else {
                set_timeout(move || open(&feed), RETRY_AFTER);
            }
        });
    }
}

/// A signal type from which [`pick`] can derive a part.
pub trait Whole {
    type Value: Send + Sync + 'static;
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

/// Derives a part of a signal that changes only when the part does. Takes a function pointer, so that the WebAssembly
/// module contains this function once per type instead of once per use.
#[must_use]
pub fn pick<W: Whole, P>(whole: W, part: fn(&W::Value) -> P) -> Memo<P>
where
    P: PartialEq + Send + Sync + 'static,
{
    let whole = whole.signal();
    Memo::new(move |_| whole.with(part))
}

/// Derives a part of a signal like [`pick`], but without a memo, of which the WebAssembly module contains one
/// implementation per type. For parts whose readers do no harm when they run again for an equal value.
#[must_use]
pub fn derive<W: Whole, P: Send + Sync + 'static>(whole: W, part: fn(&W::Value) -> P) -> Signal<P> {
    let whole = whole.signal();
    Signal::derive(move || whole.with(part))
}

/// The server's clock, kept running in the browser, from which ages are computed.
#[derive(Clone, Copy)]
pub struct Clock {
    now: RwSignal<Timestamp>,
    ahead_ms: StoredValue<f64>,
}

impl Clock {
    /// Starts from the time when the page was rendered.
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

    /// Synchronizes with the time of a server event.
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
