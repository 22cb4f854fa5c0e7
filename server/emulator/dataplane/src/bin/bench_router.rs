//! A data plane alone behind a port, for wrk and for comparisons with nginx: `--listen 127.0.0.1:8080
//! --deployments blue=90,green=10 --mirror 50`. The mirror goes to one more deployment, `shadow`; the key
//! is `bench`.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use dataplane::{Auth, Clock, DataPlane, DataPlaneConfig, DeploymentSpec, EndpointRules};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

const ENDPOINT: &str = "bench";
const SHADOW: &str = "shadow";
const REPORT_EVERY: Duration = Duration::from_secs(10);

#[derive(Parser)]
struct Args {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Percentage of the requests that are mirrored.
    #[arg(long, default_value_t = 0)]
    mirror: u8,
    /// Live percentages by deployment.
    #[arg(long, value_delimiter = ',', value_parser = share, default_value = "blue=100")]
    deployments: Vec<(String, u8)>,
    /// Instances per deployment.
    #[arg(long, default_value_t = 1)]
    instances: u32,
    /// Model file; the built-in model if omitted.
    #[arg(long)]
    model: Option<PathBuf>,
    /// Program of the instances; `dataplane-instance` in the same folder if omitted.
    #[arg(long)]
    instance: Option<PathBuf>,
}

fn share(text: &str) -> Result<(String, u8), String> {
    let (name, percent) = text.split_once('=').ok_or("expected NAME=PERCENT")?;
    Ok((name.to_owned(), percent.parse().map_err(|_| format!("{percent} is no percentage"))?))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let start = Clock::auto().now();
    let plane = start_plane(&args).await?;
    let listener = TcpListener::bind(args.listen).await.context("cannot listen")?;
    eprintln!("http://{}/score, key bench", args.listen);
    tokio::spawn(report(plane.clone()));
    tokio::select! {
        result = serve(listener, &plane) => result?,
        result = tokio::signal::ctrl_c() => result?,
    }
    tell_copies(&plane, start);
    plane.shutdown().await;
    Ok(())
}

/// How many copies should have been sent, and how many were dropped: a router that drops copies looks
/// faster than it is.
fn tell_copies(plane: &DataPlane, start: time::OffsetDateTime) {
    let minutes = plane.traffic(ENDPOINT, start, Clock::auto().now());
    let sent: u64 = minutes
        .iter()
        .filter(|minute| minute.mirrored)
        .flat_map(|minute| &minute.counts)
        .map(|count| count.count)
        .sum();
    let dropped: u64 = minutes.iter().map(|minute| minute.dropped).sum();
    eprintln!("copies sent={sent} dropped={dropped}");
}

async fn start_plane(args: &Args) -> anyhow::Result<DataPlane> {
    let beside = std::env::current_exe()?.with_file_name("dataplane-instance");
    let program = args.instance.clone().unwrap_or(beside);
    let work_dir = std::env::temp_dir().join(format!("dataplane-bench-{}", std::process::id()));
    let plane = DataPlane::new(DataPlaneConfig {
        instance_command: vec![program.into()],
        clock: Clock::auto(),
        work_dir,
    });
    let live: BTreeMap<String, u8> = args.deployments.iter().cloned().collect();
    let mirror = (args.mirror > 0).then(|| (SHADOW.to_owned(), args.mirror));
    let shadow = mirror.iter().map(|(name, _)| name);
    for name in live.keys().chain(shadow) {
        let mut spec = DeploymentSpec::named(name);
        spec.instances = args.instances;
        spec.model.clone_from(&args.model);
        // The benchmark measures throughput, so there must be no 429.
        spec.max_concurrent_requests_per_instance = 10_000;
        plane.start_deployment(ENDPOINT, spec).await?;
    }
    let auth = Auth::keys(["bench"]);
    plane.set_endpoint(ENDPOINT, EndpointRules { auth, live, mirror });
    Ok(plane)
}

async fn serve(listener: TcpListener, plane: &DataPlane) -> anyhow::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let plane = plane.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let plane = plane.clone();
                async move { Ok::<_, Infallible>(plane.score(ENDPOINT, request).await) }
            });
            // A client may disconnect at any time.
            let _ = http1::Builder::new()
                .pipeline_flush(true)
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// Prints the counts, so that dropped copies are noticed.
async fn report(plane: DataPlane) {
    loop {
        tokio::time::sleep(REPORT_EVERY).await;
        let now = Clock::auto().now();
        for minute in plane.traffic(ENDPOINT, now - REPORT_EVERY, now) {
            let name = minute.deployment.as_deref().unwrap_or("-");
            let counts: Vec<_> =
                minute.counts.iter().map(|count| (count.status, count.count)).collect();
            let (mirrored, dropped, p99) = (minute.mirrored, minute.dropped, minute.latency.p99_ms);
            eprintln!("{name} mirrored={mirrored} {counts:?} dropped={dropped} p99={p99:.3} ms");
        }
    }
}
