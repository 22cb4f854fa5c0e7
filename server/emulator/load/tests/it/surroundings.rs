//! The folders, channels and logs of a test.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use load::{
    AutoStop, LoadFailure, LoadTest, Plan, Results, Run, Sample, Summary, UrlLoad, UrlPlan,
    UrlRequest,
};
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};

/// What the mask hides.
pub const SECRET: &str = "hunter2-secret";
/// The caller's clock in tests.
pub const STARTED_AT_MS: u64 = 1_700_000_000_000;

pub struct Surroundings {
    pub folder: TempDir,
    pub cancel: watch::Sender<bool>,
    log: Mutex<String>,
    samples: mpsc::Sender<Sample>,
    received: tokio::sync::Mutex<mpsc::Receiver<Sample>>,
}

impl Surroundings {
    pub fn new(capacity: usize) -> Self {
        let (samples, received) = mpsc::channel(capacity);
        Self {
            folder: tempfile::tempdir().unwrap(),
            cancel: watch::channel(false).0,
            log: Mutex::new(String::new()),
            samples,
            received: tokio::sync::Mutex::new(received),
        }
    }

    pub async fn run(&self, test: &LoadTest) -> Result<Summary, LoadFailure> {
        let sink = |bytes: &[u8]| {
            self.log.lock().unwrap().push_str(&String::from_utf8_lossy(bytes));
        };
        let run = Run {
            work_dir: &self.work_dir(),
            results: Some(Results { folder: self.results_dir(), bytes_max: 10 << 20 }),
            started_at_ms: STARTED_AT_MS,
            samples: self.samples.clone(),
            log: &sink,
            mask: mask(),
            cancel: self.cancel.subscribe(),
        };
        load::run(test, run).await
    }

    pub fn work_dir(&self) -> std::path::PathBuf {
        self.folder.path().join("work")
    }

    pub fn results_dir(&self) -> std::path::PathBuf {
        self.folder.path().join("results")
    }

    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// The samples so far.
    pub async fn samples(&self) -> Vec<Sample> {
        let mut received = self.received.lock().await;
        std::iter::from_fn(|| received.try_recv().ok()).collect()
    }

    /// Resolves when a sample comes.
    pub async fn sample(&self) -> Sample {
        self.received.lock().await.recv().await.unwrap()
    }

    /// Cancels the test when its first requests have been reported.
    pub async fn cancel_when_running(&self) {
        while self.sample().await.tally.count == 0 {}
        self.cancel.send_replace(true);
    }
}

pub fn mask() -> load::Mask {
    Arc::new(|text: &str| text.replace(SECRET, "***"))
}

/// Whether a folder has no entries, or does not exist.
pub fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none())
}

pub fn request(name: &str, url: &str) -> UrlRequest {
    UrlRequest {
        name: name.to_owned(),
        method: http::Method::POST,
        url: url.parse().unwrap(),
        headers: vec![(
            http::header::CONTENT_TYPE,
            http::HeaderValue::from_static("application/json"),
        )],
        body: "{}".into(),
    }
}

pub fn url_plan(requests: Vec<UrlRequest>, load: UrlLoad, seconds: f64) -> UrlPlan {
    UrlPlan {
        requests,
        load,
        ramp_up: Duration::ZERO,
        duration: Duration::from_secs_f64(seconds),
        timeout: Duration::from_secs(10),
        extra_roots: Vec::new(),
    }
}

pub fn load_test(plan: Plan, engines: u32) -> LoadTest {
    LoadTest { plan, engines, auto_stop: None }
}

pub fn too_many_errors(percent: f64) -> AutoStop {
    AutoStop {
        error_percent: Some(percent),
        window: Duration::from_secs(1),
        users_per_engine_max: None,
    }
}

pub fn rate(per_second: f64, connections_max: u32) -> UrlLoad {
    UrlLoad::Rate { per_second, connections_max }
}
