//! Plain Locust, and Locust through this crate.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use load::{LoadTest, LocustPlan, Plan};

use crate::{Args, Row, pinned, run};

/// As fast as it can.
const SATURATING: &str = "
from locust import FastHttpUser, task

class Caller(FastHttpUser):
    @task
    def call(self):
        self.client.get('/')
";

/// Each user sends ten requests per second.
const STEADY: &str = "
from locust import FastHttpUser, constant_throughput, task

class Caller(FastHttpUser):
    wait_time = constant_throughput(10)

    @task
    def call(self):
        self.client.get('/')
";

/// What is measured with Locust.
struct Case {
    name: &'static str,
    source: &'static str,
    users: u32,
}

const CASES: [Case; 2] = [
    Case { name: "60 users at 10/s", source: STEADY, users: 60 },
    Case { name: "saturated, 40 users", source: SATURATING, users: 40 },
];

pub fn alone(args: &Args, python: &Path, url: &str) -> anyhow::Result<Row> {
    let users = args.connections;
    let mut row = plain(args, pinned(0, &python.to_string_lossy()), url, (SATURATING, users), &[])?;
    row.what = "locust, one process, FastHttpUser".to_owned();
    Ok(row)
}

/// Two workers: plain, and through the crate.
pub async fn compared(
    args: &Args,
    environments: &Path,
    python: &Path,
    url: &str,
) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for case in CASES {
        let test = (case.source, case.users);
        let mut row = with_workers(args, python, url, test)?;
        row.what = format!("plain locust, 2 workers, {}", case.name);
        rows.push(row);
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("bench.py"), case.source)?;
        let plan = LocustPlan {
            folder: folder.path().to_owned(),
            main: "bench.py".to_owned(),
            environment: BTreeMap::new(),
            secrets: BTreeMap::new(),
            users: Some(case.users),
            spawn_rate: Some(case.users.into()),
            duration: Some(Duration::from_secs(args.seconds)),
            split_csvs: false,
            host: Some(url.trim_end_matches('/').to_owned()),
            environments: environments.to_owned(),
        };
        let test = LoadTest { plan: Plan::Locust(plan), engines: 2, auto_stop: None };
        let summary = run(test).await?;
        let mut row =
            Row::of(format!("locust through this crate, 2 engines, {}", case.name), &summary);
        row.per_second = summary.total.count as f64 / args.seconds as f64;
        row.note = format!("{} requests", summary.total.count);
        rows.push(row);
    }
    Ok(rows)
}

/// A master with two workers.
fn with_workers(args: &Args, python: &Path, url: &str, test: (&str, u32)) -> anyhow::Result<Row> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("bench.py"), test.0)?;
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port().to_string();
    let worker = || {
        let mut command = Command::new(python);
        command.args(["-m", "locust", "-f", "bench.py", "--worker", "--master-port", &port]);
        command.current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
    };
    let mut workers = [worker()?, worker()?];
    let options = ["--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", &port];
    let options = [&options[..], &["--expect-workers", "2"]].concat();
    let row = plain(args, Command::new(python), url, test, &options);
    // They end with their master; this makes sure of it.
    workers.iter_mut().for_each(|worker| {
        let _ = worker.kill();
        let _ = worker.wait();
    });
    row
}

fn plain(
    args: &Args,
    mut command: Command,
    url: &str,
    (source, users): (&str, u32),
    options: &[&str],
) -> anyhow::Result<Row> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("bench.py"), source)?;
    let (users, seconds) = (users.to_string(), format!("{}s", args.seconds));
    command.args(["-m", "locust", "-f", "bench.py", "--headless", "--json", "--skip-log"]);
    command.args(["--host", url.trim_end_matches('/'), "-u", &users, "-r", &users, "-t", &seconds]);
    command.args(options).current_dir(folder.path());
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let at =
        text.find('[').with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    let stats: serde_json::Value = serde_json::from_str(&text[at..])?;
    let mut times: BTreeMap<u64, u64> = BTreeMap::new();
    for (ms, count) in stats[0]["response_times"].as_object().context("no response times")? {
        *times.entry(ms.parse::<f64>()? as u64).or_default() += count.as_u64().unwrap_or(0);
    }
    let all: u64 = times.values().sum();
    let at = |share: f64| {
        let mut seen = 0;
        let found = times.iter().find(|(_, count)| {
            seen += **count;
            seen as f64 >= all as f64 * share
        });
        found.map_or(0.0, |(ms, _)| *ms as f64)
    };
    Ok(Row {
        per_second: all as f64 / args.seconds as f64,
        p50_ms: at(0.5),
        p99_ms: at(0.99),
        note: format!("{all} requests, times in whole ms"),
        ..Row::default()
    })
}
