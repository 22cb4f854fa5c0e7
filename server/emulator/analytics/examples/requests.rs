//! Measures the log store with many recorded requests: `cargo run --package analytics --example requests [rows]`.
//!
//! It prints how long they take to load, how many bytes they need, and how long the queries of a day take: requests that
//! failed and percentiles of durations, by deployment and five minutes, and one request by its id.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use analytics::{LogStore, Options, Schema, Value, query, tables, ticks};

/// Rows of an append: what a busy router collects in a moment.
const APPEND_ROWS: u64 = 1000;
/// How often each query is measured.
const RUNS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let rows: u64 = std::env::args().nth(1).map_or(Ok(10_000_000), |rows| rows.parse())?;
    let folder = std::env::temp_dir().join(format!("analytics-{}", std::process::id()));
    let result = measure(&folder, rows);
    fs::remove_dir_all(&folder)?;
    result
}

fn measure(folder: &Path, rows: u64) -> Result<(), Box<dyn Error>> {
    let start = ticks::parse_time("2026-11-29T12:00:00Z").ok_or("a time")?;
    let end = start + ticks::DAY;
    println!("{rows} requests of one day; {}", machine());
    let loaded = Instant::now();
    {
        let store = LogStore::open(folder)?;
        let schema = tables::schema(tables::TRAFFIC_LOG).ok_or("a known table")??;
        store.create(tables::TRAFFIC_LOG, &schema)?;
        load(&store, &schema, rows, start)?;
    }
    let loaded = loaded.elapsed();
    let opened = Instant::now();
    let store = LogStore::open(folder)?;
    let opened = opened.elapsed();
    let (count, bytes) = store.size(tables::TRAFFIC_LOG).ok_or("a table")?;
    let per_row = bytes as f64 / count as f64;
    println!("| what | result |\n| --- | --- |");
    println!(
        "| load | {:.1} s, {:.0} rows/s |",
        loaded.as_secs_f64(),
        count as f64 / loaded.as_secs_f64()
    );
    println!("| on disk | {} MB, {per_row:.1} bytes a row |", bytes / 1_000_000);
    println!("| open | {:.0} ms |", opened.as_secs_f64() * 1000.0);
    println!("| memory before the queries | {} |", memory());
    for (what, text) in queries(rows) {
        let (mut fastest, mut slowest, mut answered) = (Duration::MAX, Duration::ZERO, 0);
        for _ in 0..RUNS {
            let started = Instant::now();
            let answer = query(&store, &text, &Options::at(end))?;
            let took = started.elapsed();
            (fastest, slowest, answered) = (fastest.min(took), slowest.max(took), answer.len());
        }
        println!(
            "| {what} | {:.0} to {:.0} ms, {answered} rows |",
            fastest.as_secs_f64() * 1000.0,
            slowest.as_secs_f64() * 1000.0
        );
    }
    println!("| memory at most | {} |", memory());
    Ok(())
}

fn queries(rows: u64) -> Vec<(&'static str, String)> {
    let day = "AmlOnlineEndpointTrafficLog | where TimeGenerated > ago(1d)";
    let by = "by bin(TimeGenerated, 5m), DeploymentName";
    vec![
        ("failed requests", format!("{day} | where ResponseCode != 200 | summarize count() {by}")),
        (
            "failed requests, compared as text",
            format!(
                "{day} | where ResponseCode != '200' and EndpointName == 'fraud' | summarize count() {by}"
            ),
        ),
        (
            "requests and failures",
            format!("{day} | summarize count(), countif(ResponseCode >= 500) {by}"),
        ),
        ("percentiles", format!("{day} | summarize percentiles(TotalDurationMs, 50, 95, 99) {by}")),
        ("one request", format!("{day} | where XRequestId == '{}'", id(rows / 2))),
        ("last requests", format!("{day} | top 100 by TimeGenerated")),
        ("a word in a column", format!("{day} | where UserAgent has 'locust' | count")),
        ("all requests", format!("{day} | count")),
    ]
}

/// A number that looks random, the same in every run.
fn mix(seed: u64) -> u64 {
    let mut number = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ number >> 31
}

fn id(row: u64) -> String {
    let (high, low) = (mix(row), mix(!row));
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0xfff,
        low & 0xffff_ffff_ffff
    )
}

/// The columns that differ from request to request.
const VARYING: [&str; 11] = [
    "TimeGenerated",
    "DeploymentName",
    "ResponseCode",
    "ModelStatusCode",
    "TotalDurationMs",
    "RequestDurationMs",
    "ResponseDurationMs",
    "RequestPayloadSize",
    "ResponsePayloadSize",
    "UserAgent",
    "XRequestId",
];

/// What all requests have in common.
fn template(schema: &Schema) -> Result<Vec<Value>, Box<dyn Error>> {
    let workspace = "/subscriptions/s/resourcegroups/g/providers/microsoft.machinelearningservices/workspaces/w";
    let texts = [
        ("TenantId", "11111111-2222-4333-8444-555555555555"),
        ("SourceSystem", "Azure"),
        ("Type", tables::TRAFFIC_LOG),
        ("_ResourceId", workspace),
        ("_IsBillable", "true"),
        ("OperationName", "ENDPOINT/INVOKE"),
        ("Method", "POST"),
        ("Path", "/score"),
        ("Protocol", "HTTP/1.1"),
        ("EndpointName", "fraud"),
        ("Location", "westeurope"),
        ("AuthType", "Key"),
    ];
    let texts = texts.map(|(name, text)| (name, Value::text(text)));
    Ok(schema.row(texts.into_iter().chain([("_BilledSize", Value::Real(1024.0))]))?)
}

/// The strings that requests choose from.
struct Choices {
    deployments: [Value; 4],
    agents: [Value; 5],
}

/// The values of [`VARYING`] for a request.
fn request(row: u64, at: i64, choices: &Choices) -> [Value; 11] {
    let random = mix(row);
    // Most requests are fast, and some take long.
    let unit = (random >> 11) as f64 / (1_u64 << 53) as f64;
    let duration = 5 + (-(1.0 - unit).ln() * 80.0) as i64;
    let code = match random % 200 {
        0 => 503,
        1 => 424,
        2 => 429,
        _ => 200,
    };
    [
        Value::Long(at + (random % 100_000) as i64),
        choices.deployments[(random >> 8 & 3) as usize].clone(),
        Value::Long(code),
        if code == 429 { Value::Null } else { Value::Long(code) },
        Value::Long(duration),
        Value::Long(duration / 8),
        Value::Long(duration / 9),
        Value::Long(1000 + (random >> 20 & 0xff) as i64),
        Value::Long(300 + (random >> 30 & 0x3f) as i64),
        choices.agents[(random >> 40) as usize % 5].clone(),
        Value::text(id(row)),
    ]
}

fn load(store: &LogStore, schema: &Schema, rows: u64, start: i64) -> Result<(), Box<dyn Error>> {
    let agents = ["python-requests/2.32", "locust/2.31", "curl/8.5", "azsdk-net/1.0", "Java/21"];
    let choices = Choices {
        deployments: ["blue", "green", "canary", "shadow"].map(Value::text),
        agents: agents.map(Value::text),
    };
    let step = ticks::DAY / i64::try_from(rows)?;
    let places = VARYING.map(|name| schema.index(name).unwrap_or_default());
    let template = template(schema)?;
    let mut batch = Vec::new();
    for row in 0..rows {
        let at = start + i64::try_from(row)? * step;
        let mut filled = template.clone();
        for (place, value) in places.iter().zip(request(row, at, &choices)) {
            filled[*place] = value;
        }
        batch.push(filled);
        if batch.len() as u64 == APPEND_ROWS || row + 1 == rows {
            store.append(tables::TRAFFIC_LOG, at, &batch)?;
            batch.clear();
        }
    }
    Ok(())
}

/// The memory of this process: now, and at most.
fn memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
        kilobytes.map_or("?".to_owned(), |kilobytes| format!("{} MB", kilobytes / 1000))
    };
    format!("{} now, {} at most so far", field("VmRSS:"), field("VmHWM:"))
}

/// The processor and the number of cores.
fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split(':').nth(1));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{}, {cores} cores", name.unwrap_or("unknown processor").trim())
}
