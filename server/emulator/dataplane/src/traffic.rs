//! What was asked and answered, minute by minute.

use time::OffsetDateTime;

/// One minute of one deployment's traffic, live or mirrored. The latencies are over all its requests of that minute.
#[derive(Clone, Debug, PartialEq)]
pub struct MinuteTraffic {
    /// The minute's start.
    pub minute: OffsetDateTime,
    /// Who answered; nobody when a request was turned away before a deployment was chosen (401, 404, 413 …).
    pub deployment: Option<String>,
    /// Whether these are copies, sent to a shadow.
    pub mirrored: bool,
    /// How many requests got which status code.
    pub counts: Vec<StatusCount>,
    /// How long they took.
    pub latency: Latency,
    /// Bytes of request bodies.
    pub bytes_in: u64,
    /// Bytes of response bodies.
    pub bytes_out: u64,
    /// Copies that were never sent because the shadow could not keep up. They are in no other figure.
    pub dropped: u64,
}

/// How many requests got one status code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusCount {
    /// What the endpoint answered.
    pub status: u16,
    /// What the model answered, if it was asked and did answer.
    pub model_status: Option<u16>,
    /// How many requests.
    pub count: u64,
}

/// Latencies of a minute, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Latency {
    /// The mean.
    pub mean_ms: f64,
    /// Half were no slower.
    pub p50_ms: f64,
    /// 90 % were no slower.
    pub p90_ms: f64,
    /// 95 % were no slower.
    pub p95_ms: f64,
    /// 99 % were no slower.
    pub p99_ms: f64,
}
