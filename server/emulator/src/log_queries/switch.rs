//! `/emulator/logs`: how late rows are, and which get lost.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::extract::{Json, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::inner::Shared;
use crate::logs::route::{Table, Tables};
use crate::logs::{DELAY_S, Settings};

/// The longest ingestion delay, in seconds.
const DELAY_S_MAX: f64 = 86_400.0;

/// Routes of the switch.
pub fn routes() -> Router<Shared> {
    Router::new().route("/emulator/logs", get(read).put(write).delete(clear))
}

/// The settings as a person writes them.
#[derive(Debug, Deserialize)]
struct Given {
    delay_s: Option<f64>,
    #[serde(default)]
    missing: Vec<String>,
}

async fn read(State(inner): State<Shared>) -> Json<Value> {
    let settings = inner.logs.settings();
    let missing = Table::ALL.into_iter().filter(|table| settings.missing.has(*table));
    let (dropped, lost) = inner.logs.counts();
    Json(json!({
        "delay_s": settings.delay.as_secs_f64(),
        "missing": missing.map(Table::name).collect::<Vec<_>>(),
        "dropped": dropped,
        "lost": lost,
        "isRecording": inner.logs.is_recording.load(Ordering::Relaxed),
    }))
}

async fn write(State(inner): State<Shared>, Json(given): Json<Given>) -> Response {
    let delay = given.delay_s.map_or_else(
        || Some(inner.pace.seconds(DELAY_S)),
        |seconds| {
            let is_valid = (0.0..=DELAY_S_MAX).contains(&seconds);
            is_valid.then(|| Duration::from_secs_f64(seconds))
        },
    );
    let mut missing = Tables::default();
    for name in &given.missing {
        let Some(table) = Table::named(name) else {
            let known = Table::ALL.map(Table::name).join(", ");
            return (StatusCode::BAD_REQUEST, format!("missing names tables: {known}."))
                .into_response();
        };
        missing.add(table);
    }
    let Some(delay) = delay else {
        let text = format!("delay_s must be a number of seconds from 0 to {DELAY_S_MAX}.");
        return (StatusCode::BAD_REQUEST, text).into_response();
    };
    inner.logs.set(Settings { delay, missing });
    StatusCode::NO_CONTENT.into_response()
}

async fn clear(State(inner): State<Shared>) -> StatusCode {
    let delay = inner.pace.seconds(DELAY_S);
    inner.logs.set(Settings { delay, missing: Tables::default() });
    StatusCode::NO_CONTENT
}
