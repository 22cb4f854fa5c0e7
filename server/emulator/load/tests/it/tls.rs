//! URL plans over TLS.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use load::Plan;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::server::{Behaviour, serve};
use crate::surroundings::{Surroundings, load_test, rate, request, url_plan};

/// The root of the tests' own certificates.
const ROOT: &[u8] = include_bytes!("tls/root.der");
/// For `localhost` and 127.0.0.1.
const LEAF: &[u8] = include_bytes!("tls/leaf.der");
const LEAF_KEY: &[u8] = include_bytes!("tls/leaf-key.der");

/// Starts an HTTPS server and returns its port.
async fn start() -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider);
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let key = PrivatePkcs8KeyDer::from(LEAF_KEY).clone_key().into();
    let config = config.with_single_cert(vec![CertificateDer::from(LEAF)], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let stream = acceptor.accept(stream).await.ok()?;
                serve(stream, Behaviour::Plain, Instant::now(), Arc::new(AtomicU64::new(0))).await
            });
        }
    });
    port
}

#[tokio::test]
async fn a_certificate_that_is_trusted_is_accepted() {
    let port = start().await;
    let requests = [format!("https://localhost:{port}/"), format!("https://127.0.0.1:{port}/")];
    let requests = requests.iter().map(|url| request("a", url)).collect();
    let mut plan = url_plan(requests, rate(50.0, 5), 0.4);
    plan.extra_roots = vec![ROOT.to_vec()];
    let around = Surroundings::new(100);
    let summary = around.run(&load_test(Plan::Url(plan), 1)).await.unwrap();
    assert_eq!((summary.total.count, &summary.total.failures), (20, &Default::default()));
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_a_failure() {
    let port = start().await;
    let plan =
        url_plan(vec![request("a", &format!("https://localhost:{port}/"))], rate(20.0, 5), 0.4);
    let around = Surroundings::new(100);
    let summary = around.run(&load_test(Plan::Url(plan), 1)).await.unwrap();
    let kinds: Vec<_> = summary.total.failures.keys().cloned().collect();
    assert_eq!((summary.total.count, summary.total.failed(), kinds.len()), (8, 8, 1));
    assert!(kinds[0].starts_with("TLS: invalid peer certificate"), "{kinds:?}");
}
