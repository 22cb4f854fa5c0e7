//! Clients over real connections while everything behind them changes. No client may notice.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use dataplane::model::EXAMPLE_REQUEST;
use http::{Method, StatusCode, Uri};
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;

use crate::stage::{ENDPOINT, Stage, request, spec};

const CLIENTS: usize = 8;
const FLIPS: usize = 200;
const REDEPLOYMENTS: usize = 5;

async fn serve(stage: &Stage) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let plane = stage.plane.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let plane = plane.clone();
            let service = service_fn(move |request| {
                let plane = plane.clone();
                async move { Ok::<_, Infallible>(plane.score(ENDPOINT, request).await) }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    address
}

async fn call(client: &Client<HttpConnector, Full<Bytes>>, address: SocketAddr) -> StatusCode {
    let mut asked = request(EXAMPLE_REQUEST).body();
    *asked.uri_mut() = Uri::try_from(format!("http://{address}/score")).unwrap();
    assert_eq!(asked.method(), Method::POST);
    client.request(asked).await.unwrap().status()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_routes_flip_and_deployments_are_replaced() {
    let stage = Arc::new(Stage::with(&["blue", "green", "shadow"]).await);
    let address = serve(&stage).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let answered = Arc::new(AtomicU64::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (is_over, answered) = (is_over.clone(), answered.clone());
            tokio::spawn(async move {
                let client = Client::builder(TokioExecutor::new()).build_http();
                while !is_over.load(Ordering::Relaxed) {
                    assert_eq!(call(&client, address).await, StatusCode::OK);
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let flips = async {
        let client = Client::builder(TokioExecutor::new()).build_http();
        for flip in 0..FLIPS {
            let share = [0, 100, 37][flip % 3];
            let mirror = (flip % 2 == 0).then_some(("shadow", 100));
            stage.route(&[("blue", share), ("green", 100 - share)], mirror);
            assert_eq!(call(&client, address).await, StatusCode::OK);
        }
    };
    let redeployments = async {
        for _ in 0..REDEPLOYMENTS {
            for name in ["blue", "shadow"] {
                stage.plane.start_deployment(ENDPOINT, spec(name)).await.unwrap();
            }
        }
    };
    tokio::join!(flips, redeployments);
    // To retire a deployment, the route must first point elsewhere, as the control plane requires.
    stage.route(&[("green", 100)], None);
    stage.plane.stop_deployment(ENDPOINT, "blue").await;
    is_over.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    assert!(answered.load(Ordering::Relaxed) > FLIPS as u64);
    assert_eq!(stage.traffic(Some("green"), false)[0].counts.len(), 1);
}
