//! Copies: which deployments get them, and that no client ever notices.

use std::time::{Duration, Instant};

use dataplane::DeploymentSpec;
use dataplane::model::EXAMPLE_REQUEST;
use http::StatusCode;

use crate::stage::{ENDPOINT, Stage, eventually, request, signal};

#[tokio::test]
async fn only_requests_without_a_deployment_name_are_mirrored() {
    let stage = Stage::with(&["blue", "shadow"]).await;
    stage.route(&[("blue", 100)], Some(("shadow", 100)));
    for name in ["blue", "shadow", "blue"] {
        let answer = stage.ask(request(EXAMPLE_REQUEST).to(name).body()).await;
        assert_eq!(answer.header("azureml-model-deployment"), name);
    }
    let answer = stage.score().await;
    assert_eq!(answer.header("azureml-model-deployment"), "blue");
    // Copies are sent in order, so a copy of an earlier request would have arrived first.
    eventually("the copy is counted", || stage.count("shadow", true, 200) > 0).await;
    assert_eq!(stage.count("shadow", true, 200), 1);
    assert_eq!(stage.count("shadow", false, 200), 1);
    assert_eq!(stage.count("blue", false, 200), 3);
    assert!(stage.traffic(Some("blue"), true).is_empty());
}

#[tokio::test]
async fn the_mirror_percentage_is_respected() {
    let stage = Stage::with(&["blue", "shadow"]).await;
    stage.route(&[("blue", 100)], Some(("shadow", 30)));
    for _ in 0..400 {
        assert_eq!(stage.score().await.status, StatusCode::OK);
    }
    // 120 are expected; the lower bound is six standard deviations away.
    eventually("most copies are counted", || stage.count("shadow", true, 200) > 65).await;
    assert!(stage.count("shadow", true, 200) < 175);
}

#[tokio::test]
async fn no_shadow_slows_or_fails_a_client() {
    let stage = Stage::with(&["blue", "dead", "fail-scoring", "slow-scoring"]).await;
    // A stopped process answers nothing, but is not dead enough to be restarted.
    let dead = stage.pid("dead");
    signal("-STOP", dead);
    for shadow in ["dead", "absent", "fail-scoring", "slow-scoring"] {
        stage.route(&[("blue", 100)], Some((shadow, 100)));
        let since = Instant::now();
        for _ in 0..50 {
            let answer = stage.score().await;
            assert_eq!(answer.status, StatusCode::OK);
            assert_eq!(answer.header("azureml-model-deployment"), "blue");
        }
        // A single answer of the slow shadow takes 0.3 s, and of the dead one 5 s.
        assert!(since.elapsed() < Duration::from_secs(5), "{shadow} slows the client");
    }
    signal("-KILL", dead);
    eventually("the failures are counted", || {
        stage.count("fail-scoring", true, 424) == 50
            && stage.count("absent", true, 404) == 50
            && stage.count("slow-scoring", true, 200) == 50
    })
    .await;
    assert_eq!(stage.count("blue", false, 200), 200);
}

#[tokio::test]
async fn copies_in_flight_cause_no_429_for_clients() {
    let stage = Stage::with(&["blue"]).await;
    // Room for two requests. Copies would fill it, because each takes 0.3 s.
    let slow = DeploymentSpec::named("slow-scoring");
    stage.plane.start_deployment(ENDPOINT, slow).await.unwrap();
    stage.route(&[("blue", 100)], Some(("slow-scoring", 100)));
    for _ in 0..20 {
        assert_eq!(stage.score().await.status, StatusCode::OK);
    }
    eventually("copies are under way", || stage.count("slow-scoring", true, 200) > 0).await;
    // The shadow goes live, with as many clients as it accepts.
    stage.route(&[("slow-scoring", 100)], None);
    for _ in 0..3 {
        let (one, two) = tokio::join!(stage.score(), stage.score());
        assert_eq!((one.status, two.status), (StatusCode::OK, StatusCode::OK));
    }
}

#[tokio::test]
async fn excess_copies_are_dropped_and_counted() {
    let stage = Stage::with(&["blue"]).await;
    // Two at a time, 0.3 s each.
    let slow = DeploymentSpec::named("slow-scoring");
    stage.plane.start_deployment(ENDPOINT, slow).await.unwrap();
    stage.route(&[("blue", 100)], Some(("slow-scoring", 100)));
    // Far more than the queue may hold in memory.
    let long = format!("{EXAMPLE_REQUEST}{}", " ".repeat(1_500_000));
    for _ in 0..80 {
        assert_eq!(stage.ask(request(long.clone()).body()).await.status, StatusCode::OK);
    }
    let dropped: u64 = stage.traffic(Some("slow-scoring"), true).iter().map(|m| m.dropped).sum();
    assert!(dropped > 10, "{dropped}");
}
