//! The bounded logs of a deployment's containers.

use std::collections::VecDeque;

use parking_lot::Mutex;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// The number of lines in a log; older ones are dropped.
pub const LOG_LINES_MAX: usize = 5_000;

/// The length of a line; the rest is cut off.
const LINE_BYTES_MAX: usize = 4_096;

const STAMP: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]");

/// The container, as `containerType` of Azure's `getLogs` spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Container {
    /// Downloads the model before the server starts. The control plane writes its lines.
    StorageInitializer,
    /// The model server: its own output, and events of its instances.
    InferenceServer,
}

#[derive(Debug, Default)]
pub(crate) struct Log {
    lines: Mutex<VecDeque<String>>,
}

impl Log {
    pub(crate) fn write(&self, now: OffsetDateTime, line: &str) {
        let stamp = now.format(STAMP).unwrap_or_default();
        let line = line.get(..line.floor_char_boundary(LINE_BYTES_MAX)).unwrap_or(line);
        let mut lines = self.lines.lock();
        if lines.len() == LOG_LINES_MAX {
            lines.pop_front();
        }
        lines.push_back(format!("{stamp} {}", line.trim_end()));
    }

    /// The last `count` lines, each with a line break.
    pub(crate) fn tail(&self, count: usize) -> String {
        let lines = self.lines.lock();
        let skipped = lines.len().saturating_sub(count);
        lines.iter().skip(skipped).flat_map(|line| [line.as_str(), "\n"]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn the_ring_keeps_the_newest_lines() {
        let log = Log::default();
        for n in 0..=LOG_LINES_MAX {
            log.write(datetime!(2026-01-01 00:00 UTC), &format!("line {n}\n"));
        }
        assert_eq!(log.tail(1), format!("2026-01-01T00:00:00.000 line {LOG_LINES_MAX}\n"));
        let all = log.tail(usize::MAX);
        assert_eq!(all.lines().count(), LOG_LINES_MAX);
        assert!(all.starts_with("2026-01-01T00:00:00.000 line 1\n"));
    }

    #[test]
    fn an_endless_line_is_cut() {
        let log = Log::default();
        log.write(datetime!(2026-01-01 00:00 UTC), &"ä".repeat(LINE_BYTES_MAX));
        assert!(log.tail(1).len() < LINE_BYTES_MAX + 40);
    }
}
