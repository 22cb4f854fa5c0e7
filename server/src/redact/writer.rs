//! Redacts secrets in the process's log, including lines from libraries.

use super::scope;
use std::io::{self, Write};
use tracing_subscriber::fmt::MakeWriter;

/// Redacts the secrets that are known where a line is written.
#[derive(Debug, Clone)]
pub struct Redacting<M>(pub M);

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Redacting<M> {
    type Writer = Lines<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Lines(self.0.make_writer())
    }
}

/// Writes one event. `tracing_subscriber` writes each event in one piece, so a secret is never split.
#[derive(Debug)]
pub struct Lines<W>(W);

impl<W: Write> Write for Lines<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        self.0.write_all(scope::text(&line).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("nobody panics").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn log_lines_contain_no_secrets() {
        let kept = Kept::default();
        let to = kept.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(Redacting(move || to.clone()))
            .with_ansi(false)
            .finish();
        let _guard = tracing::subscriber::set_default(subscriber);
        let mut values = super::super::Values::default();
        values.add("kanarien\"vogel");
        scope::within(values, async {
            tracing::warn!(body = ?"say kanarien\"vogel", token = "hf_aB3dE6gH9jK2mN5pQ8sT1v", "kanarien\"vogel sang");
        })
        .await;
        let log = String::from_utf8(kept.0.lock().expect("nobody panics").clone()).expect("text");
        assert!(log.contains("(hidden) sang") && log.contains("say (hidden)"), "{log}");
        assert!(!log.contains("vogel") && !log.contains("hf_"), "{log}");
    }
}
