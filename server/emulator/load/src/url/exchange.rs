//! One request and its response.

use std::time::{Duration, Instant};

use http::{Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use super::connection::{self, Sender};
use super::engine::Engine;
use super::prepared::Ready;
use crate::recorder::{Failure, Outcome};

/// Connections that are used by one request at a time, one for each origin.
pub(super) struct Lane(Vec<Option<Sender>>);

/// What is known of a request when it ends.
#[derive(Default)]
struct Times {
    connected: Duration,
    first_byte: Option<Instant>,
}

struct Answer {
    status: StatusCode,
    bytes: u64,
}

/// Sends a request whose latency counts from its intended start, and records the result. `false` if there was no
/// response.
pub(super) async fn perform(
    engine: &Engine,
    lane: &mut Lane,
    number: usize,
    intended: Instant,
) -> bool {
    let ready = &engine.prepared.requests[number];
    let mut times = Times::default();
    engine.busy.set(engine.busy.get() + 1);
    let exchange = lane.exchange(engine, ready, &mut times);
    let limit = engine.prepared.plan.timeout;
    let result = tokio::time::timeout(limit, exchange)
        .await
        .unwrap_or_else(|_| Err(format!("no complete response within {} s", limit.as_secs_f64())));
    let ended = Instant::now();
    if result.is_err() {
        // A response that comes later must not be taken for that of the next request.
        lane.0[ready.origin] = None;
    }
    record(engine, number, &result, (intended, ended), &times);
    engine.busy.set(engine.busy.get() - 1);
    result.is_ok()
}

fn record(
    engine: &Engine,
    number: usize,
    result: &Result<Answer, String>,
    (intended, ended): (Instant, Instant),
    times: &Times,
) {
    let ready = &engine.prepared.requests[number];
    let text;
    let (code, message, bytes) = match result {
        Ok(answer) => {
            let reason = answer.status.canonical_reason().unwrap_or_default();
            (answer.status.as_str(), reason, answer.bytes)
        }
        // As JMeter writes it.
        Err(kind) => {
            text = format!("Non HTTP response code: {kind}");
            (text.as_str(), kind.as_str(), 0)
        }
    };
    let http;
    let failure = match result {
        Ok(answer) if answer.status.as_u16() < 400 => None,
        Ok(answer) => {
            http = format!("HTTP {}", answer.status);
            Some(Failure { kind: &http, message: &http })
        }
        Err(kind) => Some(Failure { kind, message: kind }),
    };
    let elapsed = ended.saturating_duration_since(intended);
    let first_byte = times.first_byte.map(|at| at.saturating_duration_since(intended));
    engine.record(|recorder| {
        let started = recorder.since_start(intended);
        recorder.record(&Outcome {
            name: engine.names[number],
            started,
            elapsed,
            first_byte: first_byte.unwrap_or(elapsed),
            connect: times.connected,
            code,
            message,
            failure,
            bytes,
            sent_bytes: ready.bytes,
            url: &ready.url,
        });
    });
}

impl Lane {
    pub(super) fn new(engine: &Engine) -> Self {
        Self(engine.prepared.origins.iter().map(|_| None).collect())
    }

    async fn exchange(
        &mut self,
        engine: &Engine,
        ready: &Ready,
        times: &mut Times,
    ) -> Result<Answer, String> {
        let channel = &mut self.0[ready.origin];
        loop {
            // The server may have closed the connection meanwhile.
            let mut used = channel.take();
            if let Some(sender) = &mut used
                && sender.ready().await.is_err()
            {
                used = None;
            }
            let is_used = used.is_some();
            let mut sender = match used {
                Some(sender) => sender,
                None => {
                    let began = Instant::now();
                    let sender = connection::open(&engine.prepared.origins[ready.origin]).await?;
                    times.connected = began.elapsed();
                    sender
                }
            };
            match sender.try_send_request(ready.request()).await {
                Ok(response) => {
                    times.first_byte = Some(Instant::now());
                    let answer = read(response).await?;
                    *channel = Some(sender);
                    return Ok(answer);
                }
                Err(mut error) => {
                    // If nothing was sent, the request may be sent again on a new connection.
                    let is_unsent = error.take_message().is_some();
                    if !is_used || !is_unsent {
                        return Err(connection::of_hyper(error.error()));
                    }
                }
            }
        }
    }
}

/// Reads a response to its end.
async fn read(response: Response<Incoming>) -> Result<Answer, String> {
    let (head, mut body) = response.into_parts();
    let headers = head.headers.iter();
    // With the status line and the separators.
    let mut bytes: u64 = 17
        + headers.map(|(name, value)| (name.as_str().len() + value.len() + 4) as u64).sum::<u64>();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| connection::of_hyper(&error))?;
        bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
    }
    Ok(Answer { status: head.status, bytes })
}
