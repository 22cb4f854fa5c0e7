//! Open-loop load at a fixed rate: `--rate 1000 --seconds 5 --connections 32 --body '{}'
//! 127.0.0.1:8080/score`. Every request has a due time, and its latency counts from that time. A stall of
//! the server therefore counts against every request that had to wait, which a closed loop would leave out
//! (coordinated omission). Prints one line of JSON.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::Parser;

/// The longest wait for an answer.
const ANSWER_MAX: Duration = Duration::from_secs(10);

#[derive(Parser)]
struct Args {
    /// Requests per second, over all connections.
    #[arg(long, default_value_t = 1_000)]
    rate: u32,
    /// Duration of the run.
    #[arg(long, default_value_t = 5)]
    seconds: u32,
    /// Number of connections, each with its own thread.
    #[arg(long, default_value_t = 32)]
    connections: u32,
    /// The key to send.
    #[arg(long, default_value = "bench")]
    key: String,
    /// The JSON to post.
    #[arg(long, default_value = "{}")]
    body: String,
    /// Host, port and path.
    target: String,
}

/// The results of one connection.
#[derive(Default)]
struct Seen {
    latencies: Vec<Duration>,
    failed: u64,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let (host, path) = args.target.split_once('/').context("expected HOST:PORT/PATH")?;
    let request = format!(
        "POST /{path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{}",
        args.key,
        args.body.len(),
        args.body
    );
    // Connecting is not measured.
    let start = Instant::now() + Duration::from_millis(200);
    let seen: Vec<Seen> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..args.connections)
            .map(|index| {
                scope.spawn({
                    let (args, request) = (&args, &request);
                    move || drive(args, host, request, index, start)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a thread that does not panic"))
            .collect::<io::Result<_>>()
    })?;
    let failed: u64 = seen.iter().map(|one| one.failed).sum();
    let mut latencies: Vec<_> = seen.into_iter().flat_map(|one| one.latencies).collect();
    latencies.sort_unstable();
    ensure!(!latencies.is_empty(), "nothing was answered");
    let at = |share: f64| {
        let rank = (latencies.len() as f64 * share) as usize;
        latencies[rank.min(latencies.len() - 1)].as_secs_f64() * 1_000.0
    };
    let rps = latencies.len() as f64 / start.elapsed().as_secs_f64();
    let line = serde_json::json!({ "rps": rps, "p50": at(0.5), "p99": at(0.99), "failed": failed });
    writeln!(io::stdout(), "{line}")?;
    Ok(())
}

/// Sends every `connections`-th request at its due time, or at once if that time has passed.
fn drive(args: &Args, host: &str, request: &str, index: u32, start: Instant) -> io::Result<Seen> {
    let stream = TcpStream::connect(host)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(ANSWER_MAX))?;
    let mut answers = BufReader::new(stream.try_clone()?);
    let mut requests = stream;
    let mut seen = Seen::default();
    let mut body = Vec::new();
    let all = u64::from(args.rate) * u64::from(args.seconds);
    for number in (u64::from(index)..all).step_by(args.connections as usize) {
        let due = start + Duration::from_secs_f64(number as f64 / f64::from(args.rate));
        wait_until(due);
        requests.write_all(request.as_bytes())?;
        if answer(&mut answers, &mut body)? == 200 {
            seen.latencies.push(due.elapsed());
        } else {
            seen.failed += 1;
        }
    }
    Ok(seen)
}

#[expect(
    clippy::disallowed_methods,
    reason = "no runtime here: each connection has its own thread"
)]
fn wait_until(due: Instant) {
    std::thread::sleep(due.saturating_duration_since(Instant::now()));
}

/// Reads one answer with a `Content-Length`, and returns its status.
fn answer(from: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> io::Result<u16> {
    let bad = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut line = String::new();
    from.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| bad("no status"))?;
    let mut length = None;
    loop {
        line.clear();
        from.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok();
        }
    }
    body.resize(length.ok_or_else(|| bad("no length"))?, 0);
    from.read_exact(body)?;
    Ok(status)
}
