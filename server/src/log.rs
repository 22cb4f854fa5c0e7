//! The format of log lines: always one line per event.
//!
//! Logs contain texts of Azure, GitHub, Entra and people. A line break could forge a log line, an escape sequence could
//! control a reader's terminal, and an endless text could fill the disk. So every field, including the message, passes
//! through [`line::field`] here.

use crate::outside::line;
use crate::redact::writer::Redacting;
use std::fmt;
use std::fmt::Debug;
use tracing::field::{Field, Visit};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FormatFields, MakeWriter};

/// Writes the message without a name, and other fields as `name=value`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fields;

impl<'w> FormatFields<'w> for Fields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut visitor = Visitor { writer, is_first: true, result: Ok(()) };
        fields.record(&mut visitor);
        visitor.result
    }
}

struct Visitor<'w> {
    writer: Writer<'w>,
    is_first: bool,
    result: fmt::Result,
}

impl Visitor<'_> {
    fn write(&mut self, field: &Field, value: &str) {
        if self.result.is_err() {
            return;
        }
        let space = if self.is_first { "" } else { " " };
        self.is_first = false;
        let value = line::field(value);
        self.result = match field.name() {
            "message" => write!(self.writer, "{space}{value}"),
            name => write!(self.writer, "{space}{name}={value}"),
        };
    }
}

impl Visit for Visitor<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        // Quoted, so that a text with spaces cannot look like several fields.
        match field.name() {
            "message" => self.write(field, value),
            _ => self.write(field, &format!("{value:?}")),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.write(field, &format!("{value:?}"));
    }
}

/// Starts logging to standard error, filtered by `UNDERSTUDY_LOG`.
pub fn start() {
    let filter = EnvFilter::try_from_env("UNDERSTUDY_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .fmt_fields(Fields)
        .with_writer(Redacting(std::io::stderr))
        .init();
}

/// A subscriber with the same format and another writer, for tests.
pub fn to(writer: impl for<'w> MakeWriter<'w> + Send + Sync + 'static) -> impl tracing::Subscriber {
    tracing_subscriber::fmt().with_ansi(false).fmt_fields(Fields).with_writer(writer).finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_event_is_one_line_without_control_characters() {
        let lines = Lines::default();
        let writer = lines.clone();
        let hostile = "a\r\n2026-01-01 ERROR forged\u{1b}[31m\u{7}\u{9b}2J\u{2028}b";
        let error = crate::azure::Error::Denied(hostile.to_owned());
        let endless = "x".repeat(1_000_000);
        tracing::subscriber::with_default(to(move || writer.clone()), || {
            let span = tracing::info_span!("http", path = hostile, id = %hostile);
            let _entered = span.enter();
            tracing::warn!(%error, text = hostile, debug = ?hostile, "{hostile}");
            tracing::warn!(endless, n = 7, yes = true, "a message");
        });
        let written = lines.0.lock().expect("no panic").clone();
        let written = String::from_utf8(written).expect("UTF-8");
        assert_eq!(written.lines().count(), 2, "{written}");
        assert!(written.ends_with('\n'));
        let is_plain = |c: char| c == '\n' || !(c.is_control() || c == '\u{2028}');
        assert!(written.chars().all(is_plain), "{written:?}");
        assert_eq!(written.matches("forged").count(), 6 + 2, "nothing is lost: {written}");
        let last = written.lines().last().unwrap_or_default();
        assert!(last.contains("more bytes)") && last.len() < 20_000, "{}", last.len());
        assert!(last.contains("a message") && last.contains("n=7 yes=true"), "{last}");
    }
}
