//! Measures the generator beside `wrk`, `oha` and `locust`, and Locust through this crate beside plain Locust. Prints one
//! table. The load comes from one core (`taskset -c 0`), and the server that answers nothing useful has another.
//!
//! `cargo run --release -p load --example bench_load`. `wrk` is a Debian package, `oha` is `cargo install oha`; a tool that
//! is not in `PATH` is left out. Everything stays on 127.0.0.1.

mod locusts;
mod server;
mod tools;

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use clap::{Parser, Subcommand};
use load::{LoadTest, Plan, Results, Run, Summary, UrlLoad, UrlPlan, UrlRequest};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, watch};

#[derive(Parser)]
struct Args {
    /// Duration of each measurement.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// The rows are medians of so many rounds, in which the generators take turns.
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Connections of each generator.
    #[arg(long, default_value_t = 64)]
    connections: u32,
    /// Folder for Locust's virtual environment.
    #[arg(long)]
    environments: Option<PathBuf>,
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Subcommand)]
enum Part {
    /// The server alone. Prints its address.
    Serve,
    /// Our generator alone. Prints a line of JSON.
    Generate {
        url: String,
        /// Requests per second; as fast as the connections allow if omitted.
        #[arg(long)]
        rate: Option<f64>,
    },
}

/// A line of the table.
#[derive(Default, Serialize, Deserialize)]
pub struct Row {
    pub what: String,
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub note: String,
}

impl Row {
    fn of(what: String, summary: &Summary) -> Self {
        let ms = |share: f64| summary.total.latencies.quantile_us(share) as f64 / 1_000.0;
        Self {
            what,
            per_second: summary.requests_per_second(),
            p50_ms: ms(0.5),
            p99_ms: ms(0.99),
            note: match summary.total.failed() {
                0 => String::new(),
                failed => format!("{failed} failed"),
            },
        }
    }

    fn print(&self) {
        let Self { what, per_second, p50_ms, p99_ms, note } = self;
        if *per_second == 0.0 {
            println!("| {what} | | | | {note} |");
            return;
        }
        println!("| {what} | {per_second:.0} | {p50_ms:.2} | {p99_ms:.2} | {note} |");
    }
}

/// The server, which ends with the benchmark.
struct Serving(Child, String);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    match &args.part {
        Some(Part::Serve) => server::serve().await,
        Some(Part::Generate { url, rate }) => {
            let summary = generate(&args, url, *rate).await?;
            println!("{}", serde_json::to_string(&Row::of(String::new(), &summary))?);
            Ok(())
        }
        None => measure(&args).await,
    }
}

/// A program on one core.
pub fn pinned(core: u32, program: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", &core.to_string(), program]);
    command
}

fn start_server() -> anyhow::Result<Serving> {
    use std::io::BufRead as _;
    let own = std::env::current_exe()?;
    let mut command = pinned(1, &own.to_string_lossy());
    let mut child = command.arg("serve").stdout(Stdio::piped()).spawn().context("taskset")?;
    let output = child.stdout.take().context("no output")?;
    let mut address = String::new();
    std::io::BufReader::new(output).read_line(&mut address)?;
    ensure!(!address.is_empty(), "the server does not start; the benchmark needs two cores");
    Ok(Serving(child, format!("http://{}/", address.trim())))
}

async fn measure(args: &Args) -> anyhow::Result<()> {
    let beside = std::env::current_exe()?;
    let target = beside.ancestors().nth(3).context("no target folder")?.join("tmp/locust");
    let environments = args.environments.clone().unwrap_or(target);
    let python = load::prepare_locust(&environments, &|_| {}).await?;
    let server = start_server()?;
    let url = &server.1;
    println!("| what | requests/s | p50 ms | p99 ms | |\n|---|--:|--:|--:|---|");
    let mut generators = Vec::new();
    for _ in 0..args.rounds {
        generators.push(vec![
            own(args, url, None, "this generator, closed model")?,
            own(args, url, Some(30_000.0), "this generator, open model at 30,000/s")?,
            tools::wrk(args.seconds, args.connections, url)?,
            tools::oha(args.seconds, args.connections, url)?,
            locusts::alone(args, &python, url)?,
        ]);
    }
    print_medians(generators);
    let mut workers = Vec::new();
    for _ in 0..args.rounds {
        workers.push(locusts::compared(args, &environments, &python, url).await?);
    }
    print_medians(workers);
    Ok(())
}

/// Our generator in a process of its own.
fn own(args: &Args, url: &str, rate: Option<f64>, what: &str) -> anyhow::Result<Row> {
    let mut command = pinned(0, &std::env::current_exe()?.to_string_lossy());
    command.args(["--seconds", &args.seconds.to_string()]);
    command.args(["--connections", &args.connections.to_string(), "generate", url]);
    command.args(rate.map(|rate| format!("--rate={rate}")));
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut row: Row = serde_json::from_str(&text)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    what.clone_into(&mut row.what);
    Ok(row)
}

/// Prints the median of each row over the rounds, by requests per second.
fn print_medians(mut rounds: Vec<Vec<Row>>) {
    let rows = rounds.first().map_or(0, Vec::len);
    for _ in 0..rows {
        let mut of_row: Vec<Row> = rounds.iter_mut().map(|round| round.remove(0)).collect();
        of_row.sort_by(|one, other| one.per_second.total_cmp(&other.per_second));
        of_row[of_row.len() / 2].print();
    }
}

async fn generate(args: &Args, url: &str, rate: Option<f64>) -> anyhow::Result<Summary> {
    let request = UrlRequest {
        name: "no-op".to_owned(),
        method: http::Method::GET,
        url: url.parse()?,
        headers: Vec::new(),
        body: bytes::Bytes::new(),
    };
    let load = match rate {
        None => UrlLoad::Users(args.connections),
        Some(per_second) => UrlLoad::Rate { per_second, connections_max: args.connections },
    };
    let plan = UrlPlan {
        requests: vec![request],
        load,
        ramp_up: Duration::ZERO,
        duration: Duration::from_secs(args.seconds),
        timeout: Duration::from_secs(30),
        extra_roots: Vec::new(),
    };
    run(LoadTest { plan: Plan::Url(plan), engines: 1, auto_stop: None }).await
}

/// Carries out a test with all that the emulator asks for: samples and results files.
pub async fn run(test: LoadTest) -> anyhow::Result<Summary> {
    let folder = tempfile::tempdir()?;
    let (samples, _received) = mpsc::channel(1);
    let (_cancel, cancelled) = watch::channel(false);
    let run = Run {
        work_dir: &folder.path().join("work"),
        results: Some(Results { folder: folder.path().join("results"), bytes_max: 1 << 30 }),
        started_at_ms: 0,
        samples,
        log: &|_| {},
        mask: Arc::new(str::to_owned),
        cancel: cancelled,
    };
    let summary = load::run(&test, run).await?;
    let dropped: u64 = summary.results.iter().map(|file| file.rows_dropped).sum();
    ensure!(dropped == 0, "{dropped} rows were dropped");
    Ok(summary)
}
