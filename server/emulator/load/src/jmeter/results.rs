//! Reads JMeter's results file while it grows.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::time::{Duration, Instant};

use super::Start;
use crate::recorder::{Failure, Outcome, Recorder, Totals};

/// How much is read at once; the rest follows at the next look.
const READ_BYTES_MAX: u64 = 8 << 20;
const SECOND: Duration = Duration::from_secs(1);

/// Reads one engine's file.
pub(super) struct Follower<'a> {
    recorder: Recorder,
    start: &'a Start,
    /// What has been read of the file.
    position: u64,
    /// The beginning of a row that is not complete.
    rest: Vec<u8>,
    columns: Vec<String>,
    /// JMeter's time of the start of the test.
    zero_ms: Option<u64>,
    zero: Instant,
    /// The next second to report.
    second: u32,
}

impl<'a> Follower<'a> {
    pub(super) fn new(recorder: Recorder, start: &'a Start) -> Self {
        Self {
            recorder,
            start,
            position: 0,
            rest: Vec::new(),
            columns: Vec::new(),
            zero_ms: None,
            zero: Instant::now(),
            second: 0,
        }
    }

    /// Reads what is new. A file that is not there yet is empty.
    pub(super) fn read(&mut self, path: &Path) {
        loop {
            let before = self.rest.len();
            let read = File::open(path).and_then(|mut file| {
                file.seek(SeekFrom::Start(self.position))?;
                file.take(READ_BYTES_MAX).read_to_end(&mut self.rest)
            });
            if read.is_err() {
                self.rest.truncate(before);
            }
            let length = (self.rest.len() - before) as u64;
            self.position += length;
            let complete = complete(&self.rest);
            let rows: Vec<u8> = self.rest.drain(..complete).collect();
            self.rows(&rows);
            if length < READ_BYTES_MAX {
                break;
            }
        }
        while self.zero_ms.is_some() && self.zero.elapsed() >= SECOND * (self.second + 1) {
            self.recorder.flush(self.second);
            self.second += 1;
        }
    }

    pub(super) fn finish(self) -> Totals {
        self.recorder.finish()
    }

    fn rows(&mut self, rows: &[u8]) {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(rows);
        for row in reader.byte_records() {
            // Only whole rows come here, so an error is one of JMeter's.
            let Ok(row) = row else { continue };
            let cells: Vec<_> = row.iter().map(String::from_utf8_lossy).collect();
            match self.columns.is_empty() {
                true => self.columns = cells.iter().map(|cell| cell.clone().into_owned()).collect(),
                false => self.row(&cells),
            }
        }
    }

    fn row(&mut self, cells: &[std::borrow::Cow<'_, str>]) {
        let text = |name: &str| {
            let at = self.columns.iter().position(|column| column == name);
            at.and_then(|at| cells.get(at)).map_or("", |cell| cell.as_ref())
        };
        let number = |name: &str| text(name).parse::<u64>().unwrap_or(0);
        let (time_ms, elapsed) = (number("timeStamp"), Duration::from_millis(number("elapsed")));
        let users = u32::try_from(number("allThreads")).unwrap_or(0);
        let zero_ms = match self.zero_ms {
            Some(zero_ms) => zero_ms,
            None => {
                let now = Instant::now();
                let (zero, started_at_ms) =
                    self.start.begin(now.checked_sub(elapsed).unwrap_or(now));
                self.recorder.begin(zero, started_at_ms);
                self.zero = zero;
                let since = now.saturating_duration_since(zero).saturating_sub(elapsed);
                let since_ms = u64::try_from(since.as_millis()).unwrap_or(0);
                *self.zero_ms.insert(time_ms.saturating_sub(since_ms))
            }
        };
        let (code, message) = (text("responseCode"), text("responseMessage"));
        let explained = match text("failureMessage") {
            "" => message,
            assertion => assertion,
        };
        let kind = match code.len() {
            3 => format!("HTTP {code}"),
            _ => code.to_owned(),
        };
        let is_success = text("success") == "true";
        // An assertion can fail although the response is fine.
        let kind = if code.starts_with('2') { explained } else { &kind };
        let failure = (!is_success).then_some(Failure { kind, message: explained });
        let name = self.recorder.name(text("label"));
        self.recorder.set_users(users);
        self.recorder.record(&Outcome {
            name,
            started: Duration::from_millis(time_ms.saturating_sub(zero_ms)),
            elapsed,
            first_byte: Duration::from_millis(number("Latency")),
            connect: Duration::from_millis(number("Connect")),
            code,
            message,
            failure,
            bytes: number("bytes"),
            sent_bytes: number("sentBytes"),
            url: text("URL"),
        });
    }
}

/// The length of all complete rows. A line break within quotes ends no row.
fn complete(bytes: &[u8]) -> usize {
    let (mut is_quoted, mut end) = (false, 0);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' if !is_quoted => end = at + 1,
            _ => {}
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn rows_are_read_while_the_file_grows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.csv");
        let (reports, _receiver) = tokio::sync::mpsc::channel(1);
        let recorder = Recorder::new(0, None, reports, Arc::new(str::to_owned));
        let start = Start { called: Instant::now(), zero: Mutex::new(None), base_ms: 5_000 };
        let mut follower = Follower::new(recorder, &start);
        follower.read(&path);
        let mut file = File::create(&path).unwrap();
        let mut grow = |text: &str| {
            file.write_all(text.as_bytes()).unwrap();
            follower.read(&path);
        };
        grow(
            "timeStamp,elapsed,label,responseCode,responseMessage,success,failureMessage,bytes,allThreads\n",
        );
        grow("1000,40,score,200,OK,true,,10,2\n1500,60,sc");
        grow("ore,503,\"Service\nUnavailable\",false,,20,2\n");
        grow("2000,10,score,200,OK,false,\"Test failed: text, \"\"a\"\"\",1,3\n3000,1,unfinished");
        let totals = follower.finish();
        let tally = &totals.by_name["score"];
        assert_eq!((totals.by_name.len(), tally.count, tally.bytes_received), (1, 3, 31));
        let kinds: Vec<_> = tally.failures.keys().map(String::as_str).collect();
        assert_eq!(kinds, ["HTTP 503", "Test failed: text, \"a\""]);
        assert_eq!(tally.latencies.max_us(), 60_000);
        assert_eq!(totals.ended, Duration::from_millis(1_010));
    }
}
