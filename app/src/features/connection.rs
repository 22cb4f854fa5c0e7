//! Whether the page still hears from the server.

use crate::domain::timestamp::Timestamp;
use crate::live::{self, Clock, Connection, listen};
use crate::paths;
use crate::port::{Beat, EndpointView};
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use leptos::either::Either;
use leptos::prelude::*;

/// How long a stream may say nothing, in milliseconds.
const SILENT_MS: i64 = 60_000;

/// Says when changes do not arrive, and when the session is over. Must stand in an island.
#[component]
pub fn ConnectionNotice(
    /// The stream of the page.
    #[prop(into)]
    url: String,
    /// When the newest data was made.
    #[prop(into)]
    data: Signal<Timestamp>,
    /// The clock from which ages are computed.
    now: Signal<Timestamp>,
) -> impl IntoView {
    let state = RwSignal::new(Connection::Open);
    Effect::new(move |_| {
        let connection = live::connection(&url);
        Effect::new(move |_| state.set(connection.get()));
    });
    // A connection that broke without a word is noticed by its silence: something comes every 15 s.
    let silent = Memo::new(move |_| now.get().0 - data.get().0 > SILENT_MS);
    let notice = move || match state.get() {
        Connection::Open if silent.get() => Some(Either::Left(view! { <Reconnecting data now /> })),
        Connection::Open => None,
        Connection::Lost => Some(Either::Left(view! { <Reconnecting data now /> })),
        Connection::Ended => Some(Either::Right(view! { <SessionOver /> })),
    };
    view! { <div class="connection" role="status">{notice}</div> }
}

/// Takes over how current an endpoint's page is while nothing else changes on it. Only in the browser, in an
/// effect.
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
            // Said once when it appears, not again with every second that it grows older.
            <p aria-live="off">"The console cannot be reached; what you see is from " {move || data.get().ago(now.get())} "."</p>
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
            <p>"Nothing was changed. " <a href=href>"Sign in again"</a> " to go on."</p>
        </Notice>
    }
}
