//! Whether the page still receives events from the server.

use crate::live::{self, Clock, Connection, listen};
use crate::paths;
use crate::port::{Beat, EndpointView};
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use domain::timestamp::Timestamp;
use leptos::either::Either;
use leptos::prelude::*;

/// How long a stream may be silent before the page warns, in milliseconds.
const SILENT_MS: i64 = 60_000;

/// Says when the connection is lost and when the session has ended. Works only inside an island.
#[component]
pub fn ConnectionNotice(
    /// The stream of the page.
    #[prop(into)]
    url: String,
    /// When the newest data was made.
    #[prop(into)]
    data: Signal<Timestamp>,
    now: Signal<Timestamp>,
) -> impl IntoView {
    let state = RwSignal::new(Connection::Open);
    Effect::new(move |_| {
        let connection = live::connection(&url);
        Effect::new(move |_| state.set(connection.get()));
    });
    // The server sends something every 15 s, so silence reveals a connection that broke without an error.
    let silent = Memo::new(move |_| now.get().0 - data.get().0 > SILENT_MS);
    let notice = move || match state.get() {
        Connection::Open if silent.get() => Some(Either::Left(view! { <Reconnecting data now /> })),
        Connection::Open => None,
        Connection::Lost => Some(Either::Left(view! { <Reconnecting data now /> })),
        Connection::Ended => Some(Either::Right(view! { <SessionOver /> })),
    };
    view! { <div class="connection" role="status">{notice}</div> }
}

/// Keeps the freshness of an endpoint's page current while nothing else on it changes. Call it in an effect: it works
/// only in the browser.
pub fn listen_beat(url: &str, clock: Clock, view: RwSignal<EndpointView>) {
    listen(url, "beat", move |beat: Beat| {
        clock.sync(beat.now);
        view.update(|view| {
            view.now = beat.now;
            if let Some((_, freshness)) = beat.stages.into_iter().next() {
                view.freshness = freshness;
            }
        });
    });
}

#[component]
fn Reconnecting(data: Signal<Timestamp>, now: Signal<Timestamp>) -> impl IntoView {
    view! {
        <Notice tone=Tone::Warn title="Reconnecting…">
            <p aria-live="off">"The console cannot be reached. This page shows data from " {move || data.get().ago(now.get())} "."</p>
        </Notice>
    }
}

#[component]
fn SessionOver() -> impl IntoView {
    let here = window().location();
    let here = here.pathname().unwrap_or_default() + &here.search().unwrap_or_default();
    let here = js_sys::encode_uri_component(&here);
    let href = format!("{}?reason=expired&to={here}", paths::SIGN_IN);
    view! {
        <Notice tone=Tone::Bad title="Your session has ended">
            <p>"Nothing was changed. " <a href=href>"Sign in again"</a> " to continue."</p>
        </Notice>
    }
}
