//! `POST /emulator/builds/chatter`: the next build, in the registry or on GitHub Actions, first writes many lines into its
//! log, as builds with much output do.

use serde::Deserialize;

/// The most bytes of one build, as many as a log on GitHub Actions may have here.
const BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// The longest line, in bytes.
const LINE_BYTES_MAX: u64 = 8 * 1024;
/// The longest time, in seconds at normal speed.
const SECONDS_MAX: f64 = 3_600.0;
/// The size of a piece, in bytes.
const PIECE_BYTES: u64 = 64 * 1024;
/// The number of pieces if they take some time.
const PIECES: u64 = 20;
/// What the lines are filled up with.
const WORDS: &str = "Requirement already satisfied: the resolver compares versions, and keeps the newest that fits; ";

/// What the next build writes first.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Chatter {
    /// The number of lines.
    lines: u64,
    /// The length of a line, in bytes, with its line feed.
    #[serde(default = "line_bytes")]
    line_bytes: u64,
    /// How long it takes, in seconds at normal speed.
    #[serde(default)]
    seconds: f64,
}

fn line_bytes() -> u64 {
    100
}

impl Chatter {
    /// Why it cannot be ordered.
    pub fn problem(&self) -> Option<String> {
        if !(40..=LINE_BYTES_MAX).contains(&self.line_bytes) {
            return Some(format!("line_bytes must be between 40 and {LINE_BYTES_MAX}."));
        }
        if self.lines.saturating_mul(self.line_bytes) > BYTES_MAX {
            return Some(format!("lines times line_bytes must be at most {BYTES_MAX}."));
        }
        if !(0.0..=SECONDS_MAX).contains(&self.seconds) {
            return Some(format!("seconds must be between 0 and {SECONDS_MAX}."));
        }
        None
    }

    fn lines_per_piece(&self) -> u64 {
        let fit = (PIECE_BYTES / self.line_bytes).max(1);
        if self.seconds > 0.0 { fit.min(self.lines.div_ceil(PIECES)).max(1) } else { fit }
    }

    /// The pause after each piece, in seconds at normal speed.
    pub fn pause_s(&self) -> f64 {
        let pieces = self.lines.div_ceil(self.lines_per_piece()).max(1);
        // The number of pieces is far below 2^52.
        #[expect(clippy::cast_precision_loss, reason = "see above")]
        let pieces = pieces as f64;
        self.seconds / pieces
    }

    /// The output in pieces of whole lines, each with its number.
    pub fn pieces(self) -> impl Iterator<Item = String> {
        let step = self.lines_per_piece();
        let firsts = (0..self.lines.div_ceil(step)).map(move |piece| piece * step);
        firsts.map(move |first| {
            let last = self.lines.min(first + step);
            (first + 1..=last).map(|number| self.line(number)).collect()
        })
    }

    fn line(&self, number: u64) -> String {
        let length = usize::try_from(self.line_bytes).unwrap_or(usize::MAX);
        let mut line = format!("Line {number} of {}: ", self.lines);
        while line.len() < length {
            line.push_str(WORDS);
        }
        line.truncate(length - 1);
        line.push('\n');
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_there_once_and_has_its_length() {
        for (lines, line_bytes, seconds) in
            [(1, 40, 0.0), (1_000, 100, 0.0), (1_000, 200, 3.0), (5, 8_192, 1.0)]
        {
            let chatter = Chatter { lines, line_bytes, seconds };
            assert_eq!(chatter.problem(), None);
            let text: String = chatter.pieces().collect();
            assert_eq!(text.len() as u64, lines * line_bytes);
            for (number, line) in (1..).zip(text.lines()) {
                assert!(line.starts_with(&format!("Line {number} of {lines}: ")), "{line}");
            }
            assert_eq!(text.lines().count() as u64, lines);
            let pieces = u32::try_from(chatter.pieces().count()).expect("small");
            assert!((chatter.pause_s() * f64::from(pieces) - seconds).abs() < 1e-9);
        }
    }

    #[test]
    fn more_than_a_disk_holds_is_refused() {
        for (lines, line_bytes, seconds) in [
            (u64::MAX, 100, 0.0),
            (1, 39, 0.0),
            (1, 100_000, 0.0),
            (1, 100, -1.0),
            (1, 100, f64::NAN),
        ] {
            assert!(Chatter { lines, line_bytes, seconds }.problem().is_some());
        }
    }
}
