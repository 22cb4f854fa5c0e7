//! The results files: one row for each request, in JMeter's CSV format, which Azure Load Testing offers for download.
//!
//! The columns are those of JMeter's `CSVSaveService` with its default configuration, in its order, as Azure's page
//! "Export test results" shows them.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use serde::{Deserialize, Serialize};

/// The first line of a file.
pub(crate) const HEADER: &str = "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,\
     failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect\n";
/// Rows travel in chunks of this size.
const CHUNK_BYTES: usize = 64 << 10;
/// Chunks that wait for the disk.
const CHUNKS_MAX: usize = 256;

/// A results file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultsFile {
    pub path: PathBuf,
    /// Rows in the file, without the header.
    pub rows: u64,
    pub bytes: u64,
    /// Rows that are missing, because the file reached its limit or the disk could not keep up.
    pub rows_dropped: u64,
}

/// One request as a row.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    /// Unix time in milliseconds.
    pub(crate) time_ms: u64,
    pub(crate) elapsed_ms: u64,
    pub(crate) label: &'a str,
    pub(crate) code: &'a str,
    pub(crate) message: &'a str,
    pub(crate) engine: u32,
    pub(crate) is_success: bool,
    pub(crate) failure: &'a str,
    pub(crate) bytes: u64,
    pub(crate) sent_bytes: u64,
    pub(crate) users: u32,
    pub(crate) url: &'a str,
    /// Until the first byte of the response.
    pub(crate) latency_ms: u64,
    pub(crate) connect_ms: u64,
}

/// Collects the rows of one engine into chunks. It never waits.
pub(crate) struct RowBuffer {
    chunk: Vec<u8>,
    rows: u64,
    sender: SyncSender<Chunk>,
    dropped: u64,
    engine: usize,
}

struct Chunk {
    engine: usize,
    bytes: Vec<u8>,
    rows: u64,
}

/// Writes the rows of all engines. Dropping it leaves the files as they are.
pub(crate) struct Writer(std::thread::JoinHandle<io::Result<Vec<ResultsFile>>>);

/// Creates `engineN_results.csv` for each engine, and the thread that writes them.
///
/// # Errors
/// The folder or a file cannot be created.
pub(crate) fn create(
    folder: &Path,
    engines: u32,
    bytes_max: u64,
) -> io::Result<(Writer, Vec<RowBuffer>)> {
    std::fs::create_dir_all(folder)?;
    let mut files = Vec::new();
    for engine in 1..=engines {
        let path = folder.join(format!("engine{engine}_results.csv"));
        let mut file = File::create(&path)?;
        file.write_all(HEADER.as_bytes())?;
        let bytes = HEADER.len() as u64;
        files.push((file, ResultsFile { path, rows: 0, bytes, rows_dropped: 0 }));
    }
    let (sender, chunks) = sync_channel(CHUNKS_MAX);
    let buffer = |engine| RowBuffer {
        chunk: Vec::with_capacity(CHUNK_BYTES),
        rows: 0,
        sender: sender.clone(),
        dropped: 0,
        engine,
    };
    let buffers = (0..files.len()).map(buffer).collect();
    let share = bytes_max / u64::from(engines.max(1));
    let thread = std::thread::Builder::new().name("load-results".to_owned());
    let thread = thread.spawn(move || write_all(files, &chunks, share))?;
    Ok((Writer(thread), buffers))
}

fn write_all(
    mut files: Vec<(File, ResultsFile)>,
    chunks: &Receiver<Chunk>,
    bytes_max: u64,
) -> io::Result<Vec<ResultsFile>> {
    while let Ok(Chunk { engine, bytes, rows }) = chunks.recv() {
        let (file, state) = &mut files[engine];
        let room = bytes_max.saturating_sub(state.bytes);
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        let fits = match bytes.len() <= room {
            true => bytes.len(),
            // Up to the end of the last row that fits.
            false => bytes[..room].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1),
        };
        file.write_all(&bytes[..fits])?;
        let written = match fits == bytes.len() {
            true => rows,
            false => bytes[..fits].iter().filter(|byte| **byte == b'\n').count() as u64,
        };
        state.rows += written;
        state.bytes += fits as u64;
        state.rows_dropped += rows - written;
    }
    for (file, _) in &files {
        file.sync_all()?;
    }
    Ok(files.into_iter().map(|(_, state)| state).collect())
}

impl Writer {
    /// Waits until all rows are written. All buffers must have been finished.
    ///
    /// # Errors
    /// A row could not be written, for example because the disk is full.
    pub(crate) async fn finish(self, dropped: &[u64]) -> io::Result<Vec<ResultsFile>> {
        let joined = tokio::task::spawn_blocking(move || self.0.join()).await;
        let files = joined.map_err(io::Error::other)?;
        let mut files = files.map_err(|_| io::Error::other("the writing thread panicked"))??;
        for (file, dropped) in files.iter_mut().zip(dropped) {
            file.rows_dropped += dropped;
        }
        Ok(files)
    }
}

impl RowBuffer {
    pub(crate) fn push(&mut self, row: &Row<'_>) {
        let to = &mut self.chunk;
        number(to, row.time_ms);
        number(to, row.elapsed_ms);
        field(to, row.label);
        field(to, row.code);
        field(to, row.message);
        to.extend_from_slice(b"engine");
        number(to, u64::from(row.engine) + 1);
        to.extend_from_slice(if row.is_success { b"text,true," } else { b"text,false," });
        field(to, row.failure);
        number(to, row.bytes);
        number(to, row.sent_bytes);
        number(to, u64::from(row.users));
        number(to, u64::from(row.users));
        field(to, row.url);
        number(to, row.latency_ms);
        to.extend_from_slice(b"0,");
        number(to, row.connect_ms);
        // The last comma ends the line.
        to.pop();
        to.push(b'\n');
        self.rows += 1;
        if to.len() >= CHUNK_BYTES - 1024 {
            self.pass_on();
        }
    }

    /// Hands the chunk to the writer, unless the writer is too far behind.
    pub(crate) fn pass_on(&mut self) {
        if self.rows == 0 {
            return;
        }
        let bytes = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK_BYTES));
        let rows = std::mem::take(&mut self.rows);
        let chunk = Chunk { engine: self.engine, bytes, rows };
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) =
            self.sender.try_send(chunk)
        {
            self.dropped += rows;
        }
    }

    /// Hands over the last rows, and returns the number of those that were dropped.
    pub(crate) fn finish(mut self) -> u64 {
        self.pass_on();
        self.dropped
    }
}

fn number(to: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    to.extend_from_slice(&digits[at..]);
    to.push(b',');
}

/// A field, quoted if need be. Line breaks become spaces, so that a line is a row.
fn field(to: &mut Vec<u8>, text: &str) {
    if !text.bytes().any(|byte| matches!(byte, b'"' | b',' | b'\n' | b'\r')) {
        to.extend_from_slice(text.as_bytes());
    } else {
        to.push(b'"');
        for byte in text.bytes() {
            match byte {
                b'"' => to.extend_from_slice(b"\"\""),
                b'\n' | b'\r' => to.push(b' '),
                other => to.push(other),
            }
        }
        to.push(b'"');
    }
    to.push(b',');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row<'a>(label: &'a str, failure: &'a str) -> Row<'a> {
        Row {
            time_ms: 1_700_000_000_123,
            elapsed_ms: 42,
            label,
            code: "200",
            message: "OK",
            engine: 1,
            is_success: failure.is_empty(),
            failure,
            bytes: 10,
            sent_bytes: 20,
            users: 3,
            url: "http://127.0.0.1/?a=1,2",
            latency_ms: 41,
            connect_ms: 0,
        }
    }

    #[tokio::test]
    async fn a_row_has_jmeters_columns_and_is_read_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let (writer, mut buffers) = create(folder.path(), 2, 1 << 20).unwrap();
        let mut second = buffers.pop().unwrap();
        second.push(&row("score", ""));
        second.push(&row("=a \"b\", c", "line 1\nline 2"));
        let dropped = [buffers.pop().unwrap().finish(), second.finish()];
        let files = writer.finish(&dropped).await.unwrap();
        assert_eq!(files.iter().map(|file| file.rows).collect::<Vec<_>>(), [0, 2]);
        let text = std::fs::read_to_string(&files[1].path).unwrap();
        assert!(
            text.lines()
                .nth(1)
                .unwrap()
                .starts_with("1700000000123,42,score,200,OK,engine2,text,true,,10,20,3,3,")
        );
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let cell = |row: usize, name: &str| {
            let at = HEADER.trim_end().split(',').position(|column| column == name).unwrap();
            rows[row][at].to_owned()
        };
        assert_eq!(cell(0, "URL"), "http://127.0.0.1/?a=1,2");
        assert_eq!((cell(0, "Latency"), cell(0, "Connect")), ("41".into(), "0".into()));
        assert_eq!((cell(1, "label"), cell(1, "success")), ("=a \"b\", c".into(), "false".into()));
        assert_eq!(cell(1, "failureMessage"), "line 1 line 2");
    }

    #[tokio::test]
    async fn a_file_ends_with_a_whole_row_at_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let (writer, mut buffers) = create(folder.path(), 1, 10_000).unwrap();
        let mut buffer = buffers.pop().unwrap();
        (0..5_000).for_each(|_| buffer.push(&row("score", "")));
        let dropped = buffer.finish();
        let files = writer.finish(&[dropped]).await.unwrap();
        let text = std::fs::read_to_string(&files[0].path).unwrap();
        assert!(text.len() <= 10_000 && text.len() > 9_800 && text.ends_with('\n'));
        assert_eq!(text.lines().count() as u64, files[0].rows + 1);
        assert_eq!(files[0].rows + files[0].rows_dropped, 5_000);
        assert_eq!(text.len() as u64, files[0].bytes);
    }
}
