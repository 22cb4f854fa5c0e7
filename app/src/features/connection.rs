//! Whether the page still hears from the server.

use crate::domain::timestamp::Timestamp;
use crate::live::{self, Connection};
use crate::paths;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use leptos::either::Either;
use leptos::prelude::*;

/// Says when changes do not arrive, and when the session is over. Must stand in an island.
#[component]
pub fn ConnectionNotice(
    /// The stream of the page.
    #[prop(into)]
    url: String,
    /// When the newest data was made.
    #[prop(into)]
    data: Signal<Timestamp>,
    /// The clock against which ages are told.
    now: Signal<Timestamp>,
) -> impl IntoView {
    let state = RwSignal::new(Connection::Open);
    Effect::new(move |_| {
        let connection = live::connection(&url);
        Effect::new(move |_| state.set(connection.get()));
    });
    let notice = move || match state.get() {
        Connection::Open => None,
        Connection::Lost => Some(Either::Left(view! { <Reconnecting data now /> })),
        Connection::Ended => Some(Either::Right(view! { <SessionOver /> })),
    };
    view! { <div class="connection" role="status">{notice}</div> }
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
