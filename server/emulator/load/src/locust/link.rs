//! Receives what the listener in Locust's processes reports: one JSON message per line, over a loopback connection
//! that begins with the test's token.

use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::recorder::{Failure, Outcome, Recorder, Totals};

/// The engine number of a master, which sends no requests.
pub(super) const MASTER: i64 = -1;
/// The listener sends at most 500 requests in a message, of at most 5 KB each.
const MESSAGE_BYTES_MAX: usize = 4 << 20;
const HELLO_MAX: Duration = Duration::from_secs(10);
/// How long the last messages of ended processes may take.
const LAST_WORDS_MAX: Duration = Duration::from_secs(2);
/// The listener sends every 100 ms, so a second is complete only then.
const LATE: Duration = Duration::from_millis(120);
const SECOND: Duration = Duration::from_secs(1);

#[derive(Deserialize)]
struct Hello {
    hello: String,
    engine: i64,
}

/// The messages after the first one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Message {
    Rows { rows: Vec<Reported>, users: u32 },
    Start { start: bool },
    End { end: End },
}

/// One request: end in microseconds since the first message, duration in microseconds, name, status (0 without a
/// response), kind and message of a failure, bytes, URL.
#[derive(Deserialize)]
struct Reported(u64, u64, String, u16, Option<String>, Option<String>, u64, String);

/// The last message of a process.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct End {
    /// What Locust itself counted. Workers reset their statistics, so only that of the main process counts.
    pub(super) requests: u64,
    /// Requests that the listener could not send.
    pub(super) dropped: u64,
    pub(super) exit_code: i32,
}

/// Where the processes of a test report to.
pub(super) struct Station {
    token: String,
    called: Instant,
    started_at_ms: u64,
    zero: OnceLock<Instant>,
    /// By engine; `None` while its process is connected.
    recorders: Mutex<Vec<Option<Recorder>>>,
    /// The last messages, by engine number.
    ends: Mutex<Vec<(i64, End)>>,
}

impl Station {
    pub(super) fn new(recorders: Vec<Recorder>, called: Instant, started_at_ms: u64) -> Self {
        Self {
            token: hex::encode(rand::random::<[u8; 16]>()),
            called,
            started_at_ms,
            zero: OnceLock::new(),
            recorders: Mutex::new(recorders.into_iter().map(Some).collect()),
            ends: Mutex::new(Vec::new()),
        }
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// The time until the test began; `None` if it did not.
    pub(super) fn prepared(&self) -> Option<Duration> {
        Some(self.zero.get()?.saturating_duration_since(self.called))
    }

    /// The last message of an engine's process.
    pub(super) fn end(&self, engine: i64) -> Option<End> {
        let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        ends.iter().find(|(number, _)| *number == engine).map(|(_, end)| end.clone())
    }

    /// Serves connections until the processes are over, and returns what each engine counted.
    pub(super) async fn serve(
        self: &Arc<Self>,
        listener: TcpListener,
        mut over: watch::Receiver<bool>,
    ) -> Vec<Totals> {
        let (close, closing) = watch::channel(false);
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                    connections.spawn(self.clone().follow(stream, closing.clone()));
                },
                _ = over.wait_for(|is_over| *is_over) => break,
            }
        }
        let mut totals: Vec<(u32, Totals)> = Vec::new();
        let mut collect = async || {
            while let Some(ended) = connections.join_next().await {
                totals.extend(ended.ok().flatten());
            }
        };
        if tokio::time::timeout(LAST_WORDS_MAX, collect()).await.is_err() {
            close.send_replace(true);
            collect().await;
        }
        let unused = std::mem::take(&mut *self.locked());
        let unused = unused.into_iter().flatten();
        totals.extend(unused.map(|recorder| (recorder.engine(), recorder.finish())));
        totals.sort_by_key(|(engine, _)| *engine);
        totals.into_iter().map(|(_, totals)| totals).collect()
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Vec<Option<Recorder>>> {
        self.recorders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Follows a connection to its end. One that does not know the token is closed.
    async fn follow(
        self: Arc<Self>,
        stream: TcpStream,
        closing: watch::Receiver<bool>,
    ) -> Option<(u32, Totals)> {
        let mut lines =
            Lines { reader: BufReader::with_capacity(64 << 10, stream), line: Vec::new() };
        let first = tokio::time::timeout(HELLO_MAX, lines.next()).await;
        let first = first.ok()?.ok()??;
        let hello: Hello = serde_json::from_slice(&first).ok()?;
        let began = Instant::now();
        if hello.hello != self.token {
            return None;
        }
        let engine = usize::try_from(hello.engine).ok();
        let recorder = engine.and_then(|engine| self.locked().get_mut(engine)?.take());
        let mut process = Process { station: &self, number: hello.engine, began, recorder };
        process.follow(&mut lines, closing).await;
        let recorder = process.recorder?;
        Some((recorder.engine(), recorder.finish()))
    }
}

struct Lines {
    reader: BufReader<TcpStream>,
    line: Vec<u8>,
}

impl Lines {
    /// The next line; `None` at the end. It may be cancelled.
    async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let room = (MESSAGE_BYTES_MAX + 1).saturating_sub(self.line.len());
        (&mut self.reader).take(room as u64).read_until(b'\n', &mut self.line).await?;
        match self.line.pop() {
            Some(b'\n') => Ok(Some(std::mem::take(&mut self.line))),
            Some(_) if self.line.len() >= MESSAGE_BYTES_MAX => {
                Err(io::Error::other("a message is too long"))
            }
            // The rest of a process that was killed.
            _ => Ok(None),
        }
    }
}

/// A process that is connected.
struct Process<'a> {
    station: &'a Station,
    number: i64,
    /// When its first message came; its times count from here.
    began: Instant,
    recorder: Option<Recorder>,
}

impl Process<'_> {
    async fn follow(&mut self, lines: &mut Lines, mut closing: watch::Receiver<bool>) {
        let mut second = 0;
        loop {
            let zero = self.station.zero.get().copied();
            let flush_at = zero.unwrap_or(self.began) + SECOND * (second + 1) + LATE;
            tokio::select! {
                line = lines.next() => match line {
                    Ok(Some(line)) => self.take(&line),
                    Ok(None) | Err(_) => return,
                },
                () = tokio::time::sleep_until(flush_at.into()), if zero.is_some() => {
                    if let Some(recorder) = &mut self.recorder {
                        recorder.flush(second);
                    }
                    second += 1;
                }
                _ = closing.wait_for(|is_closing| *is_closing) => return,
            }
        }
    }

    fn take(&mut self, line: &[u8]) {
        // A message that cannot be read would be an error of the listener. Its requests are missing then, and the
        // comparison with Locust's own count says so.
        match serde_json::from_slice(line) {
            Ok(Message::Start { start: true }) => {
                let zero = *self.station.zero.get_or_init(Instant::now);
                let prepared = zero.saturating_duration_since(self.station.called);
                let millis = u64::try_from(prepared.as_millis()).unwrap_or(u64::MAX);
                if let Some(recorder) = &mut self.recorder {
                    recorder.begin(zero, self.station.started_at_ms.saturating_add(millis));
                }
            }
            Ok(Message::Rows { rows, users }) => {
                let Some(recorder) = &mut self.recorder else { return };
                recorder.set_users(users);
                for row in &rows {
                    record(recorder, self.began, row);
                }
            }
            Ok(Message::End { end }) => {
                let mut ends = self.station.ends.lock().unwrap_or_else(PoisonError::into_inner);
                ends.push((self.number, end));
            }
            Ok(Message::Start { .. }) | Err(_) => {}
        }
    }
}

fn record(recorder: &mut Recorder, began: Instant, row: &Reported) {
    let Reported(at_us, elapsed_us, name, status, kind, message, bytes, url) = row;
    let elapsed = Duration::from_micros(*elapsed_us);
    let ended = began.checked_add(Duration::from_micros(*at_us)).unwrap_or(began);
    let started = recorder.since_start(ended).saturating_sub(elapsed);
    let code = http::StatusCode::from_u16(*status).ok();
    let failure = kind.as_deref().map(|kind| Failure {
        kind,
        message: message.as_deref().filter(|text| !text.is_empty()).unwrap_or(kind),
    });
    let name = recorder.name(name);
    recorder.record(&Outcome {
        name,
        started,
        elapsed,
        first_byte: elapsed,
        connect: Duration::ZERO,
        code: code.as_ref().map_or("", |code| code.as_str()),
        message: code.as_ref().and_then(http::StatusCode::canonical_reason).unwrap_or_default(),
        failure,
        bytes: *bytes,
        sent_bytes: 0,
        url,
    });
}
