//! Probes: is an instance alive, and is it ready for requests?

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use tokio::time::Instant;

use crate::connection::Backend;
use crate::spec::{Probe, Program};

/// While an instance starts, checks happen at least this often, regardless of the probe's period.
const START_PERIOD_MAX: Duration = Duration::from_millis(100);
const START_DELAY_MAX: Duration = Duration::from_millis(1);

/// One probe of one process, with its recent results.
pub(crate) struct Health {
    probe: Probe,
    path: String,
    /// When the next failure counts, for a program that needs its time to start.
    counts_from: Option<Instant>,
    /// The time of the next check.
    pub(crate) due: Instant,
    successes: u32,
    /// The number of consecutive failed checks.
    pub(crate) failures: u32,
    /// The result of the checks; `None` until a threshold is reached.
    pub(crate) verdict: Option<bool>,
}

impl Health {
    pub(crate) fn liveness(probe: Probe, program: Option<&Program>) -> Health {
        Health::new(probe, program.map(|program| &program.routes.liveness), "/")
    }

    pub(crate) fn readiness(probe: Probe, program: Option<&Program>) -> Health {
        Health::new(probe, program.map(|program| &program.routes.readiness), "/ready")
    }

    fn new(probe: Probe, route: Option<&String>, default: &str) -> Health {
        let now = Instant::now();
        Health {
            probe,
            path: route.map_or_else(|| default.to_owned(), Clone::clone),
            counts_from: route.map(|_| now + probe.initial_delay),
            due: now + probe.initial_delay.min(START_DELAY_MAX),
            successes: 0,
            failures: 0,
            verdict: None,
        }
    }

    /// Runs a check if one is due.
    pub(crate) async fn check(&mut self, backend: &Backend, is_starting: bool) {
        if Instant::now() < self.due {
            return;
        }
        if self.passes(backend).await {
            self.failures = 0;
            self.successes = self.successes.saturating_add(1);
            if self.successes >= self.probe.success_threshold {
                self.verdict = Some(true);
            }
        } else {
            self.successes = 0;
            self.failures = self.failures.saturating_add(u32::from(self.counts(is_starting)));
            if self.failures >= self.probe.failure_threshold.max(1) {
                self.verdict = Some(false);
            }
        }
        let period = self.probe.period.max(Duration::from_millis(1));
        let period = if is_starting { period.min(START_PERIOD_MAX) } else { period };
        self.due = Instant::now() + period;
    }

    /// Whether a failure counts. A program is checked often while it starts, but its failures count at the probe's
    /// own pace, because it may take minutes to load a model.
    fn counts(&mut self, is_starting: bool) -> bool {
        let now = Instant::now();
        match self.counts_from {
            Some(from) if is_starting && now < from => false,
            Some(_) => {
                self.counts_from = Some(now + self.probe.period);
                true
            }
            None => true,
        }
    }

    async fn passes(&self, backend: &Backend) -> bool {
        let Ok(request) = Request::get(self.path.as_str())
            .header(http::header::HOST, "instance")
            .body(Full::<Bytes>::default())
        else {
            return false;
        };
        // Uses a new connection each time, because the probe must test whether connecting works.
        let answer = backend.exchange_once(request);
        let answer = tokio::time::timeout(self.probe.timeout, answer).await;
        // As for probes of Kubernetes, which Azure uses.
        let is_good = |status: StatusCode| status.is_success() || status.is_redirection();
        matches!(answer, Ok(Ok((parts, _))) if is_good(parts.status))
    }
}
