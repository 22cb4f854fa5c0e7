//! Traffic, minute by minute.

use std::time::Duration;

use time::OffsetDateTime;

/// One minute of one deployment's traffic, live or mirrored. The latencies are over all its requests of
/// that minute.
#[derive(Clone, Debug, PartialEq)]
pub struct MinuteTraffic {
    pub minute: OffsetDateTime,
    /// The deployment that answered; `None` for requests that were rejected before one was chosen (401,
    /// 404, 413 …).
    pub deployment: Option<String>,
    /// Whether these are copies, sent to a shadow.
    pub mirrored: bool,
    /// The number of requests by status code.
    pub counts: Vec<StatusCount>,
    pub latency: Latency,
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// Copies that were never sent because the shadow could not keep up. No other number includes them.
    pub dropped: u64,
}

/// A request of the past, to be counted as if it had been answered then.
#[derive(Clone, Copy, Debug)]
pub struct PastRequest {
    pub at: OffsetDateTime,
    pub status: u16,
    /// The model's status, if the model was called and answered.
    pub model_status: Option<u16>,
    pub latency: Duration,
    pub bytes_in: usize,
    pub bytes_out: usize,
}

/// The number of requests with one status code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusCount {
    pub status: u16,
    /// The model's status, if the model was called and answered.
    pub model_status: Option<u16>,
    pub count: u64,
}

/// Latencies of a minute, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Latency {
    pub mean_ms: f64,
    pub p50_ms: f64,
    pub p90_ms: f64,
    pub p95_ms: f64,
    pub p99_ms: f64,
}
