//! A client that continuously sends the demo's endpoints real requests over HTTP, with their keys. The rate
//! swings slowly, so that charts have something to show.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom};
use serde_json::{Value, json};

use crate::inner::{Inner, reachable};

/// Requests per second to production: the mean, and the amplitude of its swing.
const PROD_RPS: (f64, f64) = (10.0, 2.0);
/// Requests per second to the dev endpoint.
const DEV_RPS: f64 = 0.4;
/// The period of one swing.
const SWING_S: f64 = 1_800.0;
/// The timeout of one request.
const REQUEST_S_MAX: u64 = 30;
/// The number of questions in the model.
const ITEMS: u32 = 40;

type Http = Client<HttpConnector, Full<Bytes>>;

/// Sends requests until it is aborted.
pub async fn run(inner: Arc<Inner>) {
    let http: Http = Client::builder(TokioExecutor::new()).build_http();
    let began = tokio::time::Instant::now();
    let prod = async {
        loop {
            let phase = began.elapsed().as_secs_f64() / SWING_S * std::f64::consts::TAU;
            pause(PROD_RPS.0 + PROD_RPS.1 * phase.sin()).await;
            send(&inner, &http, "anet-ep-prod");
        }
    };
    let dev = async {
        loop {
            pause(DEV_RPS).await;
            send(&inner, &http, "anet-ep-dev");
        }
    };
    let ((), ()) = tokio::join!(prod, dev);
}

/// Waits at random, with the given average rate, as people do.
async fn pause(per_second: f64) {
    let draw: f64 = rand::rng().random_range(f64::EPSILON..1.0);
    tokio::time::sleep(Duration::from_secs_f64((-draw.ln() / per_second).min(5.0))).await;
}

fn send(inner: &Arc<Inner>, http: &Http, endpoint: &str) {
    let key = inner.store.read(|state| {
        let found = state.workspaces.values().find_map(|ws| ws.endpoints.get(endpoint))?;
        let live = found.spec.traffic.iter().find(|(_, percent)| **percent > 0)?.0.clone();
        found.is_reachable.then(|| (found.primary_key.clone(), live))
    });
    let Some((key, live)) = key else { return };
    // Before that, its instances may be ready one by one, but the endpoint still answers 503.
    if !inner.plane.serves(endpoint, &live) {
        return;
    }
    let request =
        Request::post(format!("http://{}/endpoints/{endpoint}/score", reachable(inner.bound)))
            .header(header::AUTHORIZATION, format!("Bearer {key}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, "anet-app/2.4")
            .body(Full::from(student().to_string()));
    let Ok(request) = request else { return };
    let http = http.clone();
    tokio::spawn(async move {
        let exchange = async {
            let response = http.request(request).await.ok()?;
            response.into_body().collect().await.ok()
        };
        // Metrics record the result.
        let _ = tokio::time::timeout(Duration::from_secs(REQUEST_S_MAX), exchange).await;
    });
}

/// A student with some answers, and the candidates for the next question.
fn student() -> Value {
    let mut rng = rand::rng();
    let ability: f64 = rng.random_range(0.2..0.9);
    let mut items: Vec<u32> = (1..=ITEMS).collect();
    items.shuffle(&mut rng);
    let answered = rng.random_range(1..=12);
    let (answered, open) = items.split_at(answered);
    let answers: Vec<Value> = answered
        .iter()
        .map(|item| json!({ "item": format!("q{item}"), "correct": rng.random_bool(ability) }))
        .collect();
    let candidates: Vec<String> =
        open.choose_multiple(&mut rng, 8).map(|item| format!("q{item}")).collect();
    json!({ "student": { "answers": answers }, "candidates": candidates, "top": 3 })
}
