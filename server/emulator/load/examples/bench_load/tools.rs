//! Other generators, on the same core against the same server.

use std::process::Command;

use anyhow::Context as _;

use crate::{Row, pinned};

fn is_installed(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

fn absent(what: &str) -> Row {
    Row { what: what.to_owned(), note: "not installed".to_owned(), ..Row::default() }
}

pub fn wrk(seconds: u64, connections: u32, url: &str) -> anyhow::Result<Row> {
    if !is_installed("wrk") {
        return Ok(absent("wrk"));
    }
    let mut command = pinned(0, "wrk");
    command.args(["-t1", "--latency", &format!("-c{connections}"), &format!("-d{seconds}s"), url]);
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let after = |words: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(words));
        line.map(str::trim).with_context(|| format!("wrk says no {words}: {text}"))
    };
    Ok(Row {
        what: "wrk, closed model".to_owned(),
        per_second: after("Requests/sec:")?.parse()?,
        p50_ms: milliseconds(after("50%")?)?,
        p99_ms: milliseconds(after("99%")?)?,
        note: String::new(),
    })
}

/// `1.50us`, `2.00ms` or `1.00s`.
fn milliseconds(text: &str) -> anyhow::Result<f64> {
    let at = text.find(|c: char| c.is_alphabetic()).context("no unit")?;
    let value: f64 = text[..at].parse()?;
    Ok(match &text[at..] {
        "us" => value / 1_000.0,
        "ms" => value,
        _ => value * 1_000.0,
    })
}

pub fn oha(seconds: u64, connections: u32, url: &str) -> anyhow::Result<Row> {
    if !is_installed("oha") {
        return Ok(absent("oha, closed model"));
    }
    let mut command = pinned(0, "oha");
    command.args(["--no-tui", "--output-format", "json", "-z", &format!("{seconds}s")]);
    command.args(["-c", &connections.to_string(), url]);
    let output = command.output()?;
    let json: serde_json::Value = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    let number = |path: &str| json.pointer(path).and_then(serde_json::Value::as_f64).unwrap_or(0.0);
    Ok(Row {
        what: "oha, closed model".to_owned(),
        per_second: number("/summary/requestsPerSec"),
        p50_ms: number("/latencyPercentiles/p50") * 1_000.0,
        p99_ms: number("/latencyPercentiles/p99") * 1_000.0,
        note: String::new(),
    })
}
