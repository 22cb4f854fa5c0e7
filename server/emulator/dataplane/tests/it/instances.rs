//! Instances as processes: started, rejected, crashed, drained, stopped.

use std::process::Stdio;
use std::time::Duration;

use dataplane::model::EXAMPLE_REQUEST;
use dataplane::{Container, DeploymentSpec, InstanceState, Probe, StartFailure};
use futures::poll;
use http::StatusCode;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::stage::{ENDPOINT, START, Stage, eventually, request, signal, spec};

fn is_running(pid: u32) -> bool {
    std::path::Path::new(&format!("/proc/{pid}")).exists()
}

#[tokio::test]
async fn a_crashing_deployment_is_given_up() {
    let stage = Stage::new();
    let failure = stage.plane.start_deployment(ENDPOINT, spec("fail-crash")).await.unwrap_err();
    let StartFailure::CrashLoop { restarts, log_tail, .. } = &failure else { panic!("{failure}") };
    assert_eq!(*restarts, 5);
    assert!(log_tail.contains("Exception in init()"), "{log_tail}");
    assert_eq!(failure.code(), "ResourceNotReady");
    let log = stage.plane.log(ENDPOINT, "fail-crash", Container::InferenceServer, 1).unwrap();
    assert!(log.starts_with("2026-01-01T00:00:00.000 ") && log.contains("given up"), "{log}");
    assert!(stage.plane.instances(ENDPOINT, "fail-crash").is_empty());
}

#[tokio::test]
async fn a_deployment_without_readiness_is_given_up() {
    let stage = Stage::new();
    let readiness = Probe { failure_threshold: 3, ..Probe::default() };
    let never = DeploymentSpec { readiness, ..spec("fail-readiness") };
    let failure = stage.plane.start_deployment(ENDPOINT, never).await.unwrap_err();
    assert!(matches!(failure, StartFailure::ReadinessProbe { failures: 3, .. }), "{failure}");
}

#[tokio::test]
async fn a_missing_program_is_reported() {
    let stage = Stage::new();
    let folder = tempfile::tempdir().unwrap();
    let config = dataplane::DataPlaneConfig {
        instance_command: vec!["/nowhere/at/all".into()],
        clock: stage.clock.clone(),
        work_dir: folder.path().to_owned(),
    };
    let plane = dataplane::DataPlane::new(config);
    let failure = plane.start_deployment(ENDPOINT, spec("blue")).await.unwrap_err();
    assert!(matches!(failure, StartFailure::Spawn { .. }), "{failure}");
}

#[tokio::test]
async fn a_removed_folder_is_not_made_again() {
    let owned = tempfile::tempdir().unwrap();
    let config = dataplane::DataPlaneConfig {
        instance_command: vec![env!("CARGO_BIN_EXE_dataplane-instance").into()],
        clock: dataplane::Clock::explicit(START),
        work_dir: owned.path().join("run"),
    };
    let plane = dataplane::DataPlane::new(config);
    plane.start_deployment(ENDPOINT, spec("blue")).await.unwrap();
    plane.stop_deployment(ENDPOINT, "blue").await;
    let path = owned.path().to_owned();
    drop(owned);
    let failure = plane.start_deployment(ENDPOINT, spec("blue")).await.unwrap_err();
    assert!(matches!(failure, StartFailure::Spawn { .. }), "{failure}");
    assert!(!path.exists(), "its owner has removed it");
}

#[tokio::test]
async fn stopping_a_start_cancels_it() {
    let stage = Stage::new();
    let mut start = Box::pin(stage.plane.start_deployment(ENDPOINT, spec("fail-readiness")));
    assert!(poll!(&mut start).is_pending());
    let (started, ()) =
        tokio::join!(start, stage.plane.stop_deployment(ENDPOINT, "fail-readiness"));
    assert_eq!(started, Err(StartFailure::Cancelled));
}

#[tokio::test]
async fn dropping_a_start_abandons_it() {
    let stage = Stage::new();
    let mut start = Box::pin(stage.plane.start_deployment(ENDPOINT, spec("fail-readiness")));
    assert!(poll!(&mut start).is_pending());
    let pid = || stage.plane.instances(ENDPOINT, "fail-readiness").first().and_then(|i| i.pid);
    tokio::select! {
        _ = &mut start => panic!("it is never ready"),
        () = eventually("a process runs", || pid().is_some()) => {}
    }
    let pid = pid().unwrap();
    drop(start);
    assert!(stage.plane.instances(ENDPOINT, "fail-readiness").is_empty());
    eventually("the process has ended", || !is_running(pid)).await;
}

#[tokio::test]
async fn a_failed_redeployment_leaves_the_old_one_in_service() {
    let stage = Stage::with(&["blue"]).await;
    let pid = stage.pid("blue");
    let broken = DeploymentSpec { fault: Some(dataplane::Fault::Crash), ..spec("blue") };
    let mut start = Box::pin(stage.plane.start_deployment(ENDPOINT, broken));
    assert!(poll!(&mut start).is_pending());
    assert_eq!(stage.score().await.status, StatusCode::OK);
    assert!(start.await.is_err());
    assert_eq!(stage.score().await.status, StatusCode::OK);
    assert_eq!(stage.pid("blue"), pid);
}

#[tokio::test]
async fn a_crashed_instance_is_restarted() {
    let stage = Stage::with(&["blue"]).await;
    let pid = stage.pid("blue");
    signal("-STOP", pid);
    let mut asking = Box::pin(stage.score());
    assert!(poll!(&mut asking).is_pending());
    signal("-KILL", pid);
    let status = asking.await.status;
    assert!(
        [StatusCode::BAD_GATEWAY, StatusCode::SERVICE_UNAVAILABLE].contains(&status),
        "{status}"
    );
    let status = || stage.plane.instances(ENDPOINT, "blue").remove(0);
    eventually("the instance is back", || {
        status().restarts == 1 && status().state == InstanceState::Ready
    })
    .await;
    assert_eq!(stage.score().await.status, StatusCode::OK);
    assert_ne!(stage.pid("blue"), pid);
    let log = stage.plane.log(ENDPOINT, "blue", Container::InferenceServer, 100).unwrap();
    assert!(log.contains("signal: 9") && log.contains("restarting in"), "{log}");
}

#[tokio::test]
async fn a_crash_of_one_of_two_instances_fails_no_request() {
    let stage = Stage::new();
    let two = DeploymentSpec { instances: 2, ..spec("blue") };
    stage.plane.start_deployment(ENDPOINT, two).await.unwrap();
    stage.route(&[("blue", 100)], None);
    for number in 0..200 {
        if number == 100 {
            signal("-KILL", stage.pid("blue"));
        }
        assert_eq!(stage.score().await.status, StatusCode::OK, "request {number}");
    }
}

#[tokio::test]
async fn a_hung_instance_is_restarted() {
    let stage = Stage::new();
    let (period, timeout) = (Duration::from_millis(10), Duration::from_millis(200));
    let liveness = Probe { period, timeout, failure_threshold: 2, ..Probe::default() };
    stage
        .plane
        .start_deployment(ENDPOINT, DeploymentSpec { liveness, ..spec("blue") })
        .await
        .unwrap();
    signal("-STOP", stage.pid("blue"));
    eventually("the instance was restarted and is ready", || {
        let status = stage.plane.instances(ENDPOINT, "blue").remove(0);
        status.restarts >= 1 && status.state == InstanceState::Ready
    })
    .await;
}

#[tokio::test]
async fn a_stop_waits_for_requests_in_flight() {
    let stage = Stage::with(&["slow-scoring"]).await;
    let pid = stage.pid("slow-scoring");
    let mut asking = Box::pin(stage.score());
    assert!(poll!(&mut asking).is_pending());
    let (answer, ()) = tokio::join!(asking, stage.plane.stop_deployment(ENDPOINT, "slow-scoring"));
    assert_eq!(answer.status, StatusCode::OK);
    assert!(!is_running(pid));
    assert!(stage.plane.instances(ENDPOINT, "slow-scoring").is_empty());
    assert_eq!(stage.score().await.status, StatusCode::SERVICE_UNAVAILABLE);
    let named = stage.ask(request(EXAMPLE_REQUEST).to("slow-scoring").body()).await;
    assert_eq!(named.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_removed_endpoint_ends_its_processes() {
    let stage = Stage::with(&["blue", "green"]).await;
    let pids = [stage.pid("blue"), stage.pid("green")];
    stage.plane.remove_endpoint(ENDPOINT);
    assert_eq!(stage.score().await.status, StatusCode::NOT_FOUND);
    eventually("the processes have ended", || !pids.into_iter().any(is_running)).await;
}

#[tokio::test]
async fn shutdown_stops_every_process() {
    let stage = Stage::with(&["blue", "green"]).await;
    let pids = [stage.pid("blue"), stage.pid("green")];
    stage.plane.shutdown().await;
    assert!(!pids.into_iter().any(is_running));
}

#[tokio::test]
async fn an_instance_exits_when_its_input_closes() {
    let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_dataplane-instance"))
        .args(["--name", "orphan"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let announced = lines.next_line().await.unwrap().unwrap();
    assert!(announced.starts_with("{\"listening\":\"127.0.0.1:"), "{announced}");
    // The kernel does the same when the parent is killed.
    drop(child.stdin.take());
    assert!(child.wait().await.unwrap().success());
}

#[tokio::test]
async fn logs_are_kept_by_container() {
    let stage = Stage::new();
    stage.plane.write_log(ENDPOINT, "blue", Container::StorageInitializer, "Downloading nbq:1");
    stage.clock.advance(Duration::from_millis(1_500));
    stage.plane.start_deployment(ENDPOINT, spec("blue")).await.unwrap();
    let log = |container| stage.plane.log(ENDPOINT, "blue", container, 100).unwrap();
    let storage = log(Container::StorageInitializer);
    assert_eq!(storage, "2026-01-01T00:00:00.000 Downloading nbq:1\n");
    let server = log(Container::InferenceServer);
    assert!(server.contains("00:00:01.500 WARNING: The deployment has no model"), "{server}");
    assert_eq!(stage.plane.log(ENDPOINT, "green", Container::InferenceServer, 1), None);
    assert_eq!(stage.clock.now(), START + Duration::from_millis(1_500));
}
