//! Shared by all tests: a data plane on an explicit clock, and a client.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use dataplane::model::EXAMPLE_REQUEST;
use dataplane::{
    Auth, AuthVerdict, Clock, DataPlane, DataPlaneConfig, DeploymentSpec, EndpointRules,
    MinuteTraffic, ScoreBody,
};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use tempfile::TempDir;
use time::OffsetDateTime;
use time::macros::datetime;

pub const START: OffsetDateTime = datetime!(2026-01-01 00:00 UTC);
pub const ENDPOINT: &str = "nbq";
pub const KEY: &str = "good";

pub struct Stage {
    pub plane: DataPlane,
    pub clock: Clock,
    _dir: TempDir,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Stage {
    pub fn new() -> Stage {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::explicit(START);
        let plane = DataPlane::new(DataPlaneConfig {
            instance_command: vec![env!("CARGO_BIN_EXE_dataplane-instance").into()],
            clock: clock.clone(),
            work_dir: dir.path().to_owned(),
        });
        Stage { plane, clock, _dir: dir }
    }

    /// With these deployments; the first one takes all live traffic.
    pub async fn with(deployments: &[&str]) -> Stage {
        let stage = Stage::new();
        for name in deployments {
            stage.plane.start_deployment(ENDPOINT, spec(name)).await.unwrap();
        }
        stage.route(&[(deployments[0], 100)], None);
        stage
    }

    pub fn route(&self, live: &[(&str, u8)], mirror: Option<(&str, u8)>) {
        let auth = Auth::by(|bearer| match bearer {
            KEY => AuthVerdict::Accepted,
            "old" => AuthVerdict::Expired,
            _ => AuthVerdict::Refused,
        });
        let live: BTreeMap<String, u8> =
            live.iter().map(|(name, percent)| ((*name).to_owned(), *percent)).collect();
        let mirror = mirror.map(|(name, percent)| (name.to_owned(), percent));
        self.plane.set_endpoint(ENDPOINT, EndpointRules { auth, live, mirror });
    }

    pub async fn ask(&self, request: Request<Full<Bytes>>) -> Answer {
        read(self.plane.score(ENDPOINT, request).await).await
    }

    pub async fn score(&self) -> Answer {
        self.ask(request(EXAMPLE_REQUEST).body()).await
    }

    /// All traffic of a deployment in a lane, over the first hour.
    pub fn traffic(&self, deployment: Option<&str>, mirrored: bool) -> Vec<MinuteTraffic> {
        let all = self.plane.traffic(ENDPOINT, START, START + Duration::from_secs(3600));
        let is_it = |minute: &MinuteTraffic| {
            minute.deployment.as_deref() == deployment && minute.mirrored == mirrored
        };
        all.into_iter().filter(is_it).collect()
    }

    /// How many requests a deployment answered with a status.
    pub fn count(&self, deployment: &str, mirrored: bool, status: u16) -> u64 {
        let minutes = self.traffic(Some(deployment), mirrored);
        let counts = minutes.iter().flat_map(|minute| &minute.counts);
        counts.filter(|count| count.status == status).map(|count| count.count).sum()
    }

    pub fn pid(&self, deployment: &str) -> u32 {
        self.plane.instances(ENDPOINT, deployment)[0].pid.unwrap()
    }
}

/// One instance with a high limit.
pub fn spec(name: &str) -> DeploymentSpec {
    DeploymentSpec { max_concurrent_requests_per_instance: 100, ..DeploymentSpec::named(name) }
}

pub struct Asking(http::request::Builder, Bytes);

pub fn request(body: impl Into<Bytes>) -> Asking {
    Asking(Request::post("/score"), body.into()).header("authorization", &format!("Bearer {KEY}"))
}

impl Asking {
    pub fn header(mut self, name: &str, value: &str) -> Asking {
        self.0
            .headers_mut()
            .unwrap()
            .insert(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        self
    }

    pub fn to(self, deployment: &str) -> Asking {
        self.header("azureml-model-deployment", deployment)
    }

    pub fn body(self) -> Request<Full<Bytes>> {
        self.0.body(Full::new(self.1)).unwrap()
    }
}

pub async fn read(response: Response<ScoreBody>) -> Answer {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer { status: parts.status, headers: parts.headers, body }
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Polls for a condition that another process brings about, because no event announces it.
pub async fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let waiting = async {
        let mut look = tokio::time::interval(Duration::from_millis(2));
        while !is_so() {
            look.tick().await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(30), waiting).await;
    assert!(waited.is_ok(), "this never happened: {what}");
}

pub fn signal(name: &str, pid: u32) {
    let status = std::process::Command::new("kill").args([name, &pid.to_string()]).status();
    assert!(status.unwrap().success());
}
